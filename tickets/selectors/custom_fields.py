"""Custom fields of a case as they are shown: what is offered to be filled in, what is there, what a customer sees."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import get_language

from tickets.fields import values
from tickets.models import CustomField, CustomValue, FieldKind, Ticket, Topic
from tickets.models.custom_field import CustomFieldQuerySet

FIELD_PREFIX = "f-"


@dataclass(frozen=True, slots=True)
class FieldShown:
    """One field: its words, what it says as it is typed and in words, and what may be chosen."""

    key: str
    kind: str
    name: str
    hint: str
    value: str
    text: str
    is_needed: bool
    is_public: bool
    is_editable: bool
    chosen: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    @property
    def input_name(self) -> str:
        """What its field of a form is called."""
        return f"{FIELD_PREFIX}{self.key}"


def of_ticket(
    ticket: Ticket, given: Mapping[str, Sequence[str]] | None = None, problems: Mapping[str, str] | None = None
) -> list[FieldShown]:
    """Return the fields that this case is asked for, and those that say something beside; two queries.

    `given` is what was typed and not taken, `problems` why.
    """
    rows = {row.field_id: row for row in CustomValue.objects.filter(ticket=ticket)}
    offered = set(CustomField.objects.offered(ticket.topic).values_list("pk", flat=True)) if rows else None
    fields = CustomField.objects.offered(ticket.topic) if offered is None else _all(offered | set(rows))
    found = []
    for field in fields.order_by("position", "pk"):
        row = rows.get(field.pk)
        kept = values.of(row, field) if row else None
        is_editable = offered is None or field.pk in offered
        typed = (given or {}).get(field.key) if is_editable else None
        found.append(_shown(field, kept, typed, (problems or {}).get(field.key, ""), is_editable=is_editable))
    return found


def of_topic(
    topic: Topic | None, given: Mapping[str, Sequence[str]], problems: Mapping[str, str] | None = None
) -> list[FieldShown]:
    """Return the fields that a new case of this topic is asked for, with what is typed."""
    fields = CustomField.objects.offered(topic).order_by("position", "pk")
    return [
        _shown(field, None, given.get(field.key), (problems or {}).get(field.key, ""), is_editable=True)
        for field in fields
    ]


def of_all(given: Mapping[str, Sequence[str]], problems: Mapping[str, str] | None = None) -> list[FieldShown]:
    """Return every field that is not retired, with what is typed; one query."""
    fields = CustomField.objects.filter(is_retired=False)
    return [
        _shown(field, None, given.get(field.key), (problems or {}).get(field.key, ""), is_editable=True)
        for field in fields
    ]


def public_of(ticket: Ticket) -> list[FieldShown]:
    """Return what a customer may read of their case; one query."""
    rows = CustomValue.objects.filter(ticket=ticket, field__is_public=True).select_related("field")
    return [
        _shown(row.field, values.of(row, row.field), None, "", is_editable=False)
        for row in rows.order_by("field__position", "field")
    ]


def names() -> list[tuple[str, str]]:
    """Return keys and names of the fields that are offered; one query."""
    language = get_language() or "en"
    return [(field.key, values.named(field, language)[0]) for field in CustomField.objects.filter(is_retired=False)]


def seen(ticket: Ticket) -> str:
    """Return how the fields of a case stand, as a digest: whoever changes them says on which state they act."""
    rows = CustomValue.objects.filter(ticket=ticket).select_related("field").order_by("field")
    said = [[row.field_id, values.typed(values.of(row, row.field))] for row in rows]
    return sha256(json.dumps(said).encode()).hexdigest()[:16]


def told(ticket: Ticket) -> dict[str, values.Typed]:
    """Return what a case says, by key, as programs read it."""
    rows = CustomValue.objects.filter(ticket=ticket).select_related("field").order_by("field__position", "field")
    return {row.field.key: values.of(row, row.field) for row in rows}


def _all(keys: set[int]) -> CustomFieldQuerySet:
    return CustomField.objects.filter(pk__in=keys)


def _shown(
    field: CustomField, kept: values.Typed | None, typed: Sequence[str] | None, problem: str, *, is_editable: bool
) -> FieldShown:
    language = get_language() or "en"
    name, hint = values.named(field, language)
    value = values.typed(kept) if kept is not None else ""
    chosen = tuple(kept) if isinstance(kept, list) else (value,) if value else ()
    if typed is not None:
        value, chosen = next(iter(typed), ""), tuple(typed)
    offered = values.choices(field, language) if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES) else []
    # What was chosen before it was taken away is still shown as chosen.
    known = {one for one, _words in offered}
    offered += [(one, one) for one in chosen if one not in known and offered]
    return FieldShown(
        key=field.key,
        kind=field.kind,
        name=name,
        hint=hint,
        value=value,
        text=values.told(field, values.typed(kept), language) if kept is not None else "",
        is_needed=field.need == CustomField.Need.RESOLVE,
        is_public=field.is_public,
        is_editable=is_editable,
        chosen=chosen,
        choices=tuple(offered),
        problem=problem,
    )
