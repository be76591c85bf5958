"""What was done to a case's fields, checklist and time, in a sentence of the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from tickets.fields import values
from tickets.models import CustomField, FieldKind

EVENTS: Final = ("field_", "checklist_", "time_")
_PLAIN: Final = {
    "checklist_added": gettext_lazy("%(actor)s put on the checklist: %(what)s"),
    "checklist_ticked": gettext_lazy("%(actor)s ticked off: %(what)s"),
    "checklist_unticked": gettext_lazy("%(actor)s opened again on the checklist: %(what)s"),
    "checklist_removed": gettext_lazy("%(actor)s took off the checklist: %(what)s"),
}


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Return the words of fields by key, and of what they may say; one query."""
    language = get_language() or "en"
    found: dict[str, str] = {}
    for field in CustomField.objects.filter(key__in=set(keys)):
        found[f"field.{field.key}"] = values.named(field, language)[0]
        words = values.choices(field, language) if field.choices else []
        if field.kind == FieldKind.YES_NO:
            words = [(one, values.told(field, one, language)) for one in (values.YES[0], values.NO[0])]
        found |= {f"field.{field.key}={one}": said for one, said in words}
    return found


def step(event: str, data: Mapping[str, Any], text: str, *, actor: str, names: Mapping[str, str]) -> str:
    """Say what was done; `names` are those of `names_of`, `text` is what the event says itself."""
    actor = actor or "Pharos"
    if event == "field_changed":
        return _field(data, actor, names)
    if event in _PLAIN:
        return str(_PLAIN[event]) % {"actor": actor, "what": text}
    said = {"actor": actor, "minutes": data.get("minutes"), "day": data.get("day")}
    if event == "time_taken_back":
        return _("%(actor)s took back %(minutes)s minutes of %(day)s.") % said
    return _("%(actor)s spent %(minutes)s minutes on %(day)s.") % said


def _field(data: Mapping[str, Any], actor: str, names: Mapping[str, str]) -> str:
    key = str(data.get("field"))
    name = names.get(f"field.{key}", key)
    if "to" not in data:
        return _("%(actor)s changed “%(field)s”.") % {"actor": actor, "field": name}
    before, now = (_words(key, str(data.get(end) or ""), names) for end in ("from", "to"))
    said = {"actor": actor, "field": name, "before": before, "now": now}
    if not now:
        return _("%(actor)s emptied “%(field)s”. It was: %(before)s") % said
    if not before:
        return _("%(actor)s filled in “%(field)s”: %(now)s") % said
    return _("%(actor)s changed “%(field)s” from %(before)s to %(now)s") % said


def _words(key: str, text: str, names: Mapping[str, str]) -> str:
    if f"field.{key}={text}" in names:
        return names[f"field.{key}={text}"]
    pieces = text.split(",")
    known = [names.get(f"field.{key}={piece}") for piece in pieces]
    return ", ".join(one or piece for one, piece in zip(known, pieces, strict=True)) if any(known) else text
