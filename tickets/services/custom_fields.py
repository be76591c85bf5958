"""Custom fields of a case: filling them in, by one service for every door; carrying them on to another case."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit
from core.excerpts import cut
from tickets.fields import values
from tickets.models import CustomField, CustomValue, Ticket
from tickets.models.ticket import Status
from tickets.selectors import custom_fields as shown
from tickets.services import errors, timeline

# So much of a value stands in the timeline.
TOLD = 200


class BadValues(errors.Refused):
    """Values that cannot be taken; `problems` says why, by key."""

    code = "bad_values"

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Keep what is wrong with which."""
        super().__init__(_("Some fields cannot be saved like this."))
        self.problems = dict(problems)


class FieldsNeeded(errors.Refused):
    """A case is resolved only when its needed fields say something."""

    code = "fields_needed"
    message = gettext_lazy("Fields that are needed to resolve the ticket are empty.")

    def __init__(self, names: Sequence[str]) -> None:
        """Name them."""
        super().__init__(_("Fill in first: %(names)s.") % {"names": ", ".join(names)})


def fill_in(*, ticket: Ticket, given: Mapping[str, Sequence[str]], by: Staff, seen: str = "") -> Ticket:
    """Set the fields of these keys to what was typed; nothing empties one. Saying the same again changes nothing.

    `seen` is how the fields stood for whoever fills them in (`selectors.custom_fields.seen`), or nothing. A secret is
    masked before it is kept, as in messages. Raises BadValues, StaleChange, CaseClosed.
    """
    with transaction.atomic():
        locked = timeline.lock(ticket)
        if locked.status == Status.CLOSED:
            raise errors.CaseClosed
        if seen and seen != shown.seen(locked):
            raise errors.StaleChange
        fill_in_locked(ticket=locked, given=given, by=by)
    return locked


def fill_in_locked(*, ticket: Ticket, given: Mapping[str, Sequence[str]], by: Staff) -> None:
    """Do the same on a locked ticket. Raises BadValues."""
    offered = {field.key: field for field in CustomField.objects.offered(ticket.topic).filter(key__in=given)}
    before = _kept(ticket, offered.values())
    problems = {key: _("There is no such field for this ticket.") for key in given if key not in offered}
    wanted: dict[str, values.Typed | None] = {}
    for key, field in offered.items():
        old = before.get(key)
        if old is not None and list(given[key]) == _as_given(field, old):
            # A choice that is not offered any more stays as long as nobody touches it.
            continue
        try:
            taken = values.read(field, given[key])
        except values.ValueRefused as refused:
            problems[key] = str(refused)
        else:
            wanted[key] = taken.value if taken else None
    if problems:
        raise BadValues(problems)
    changed = {key: value for key, value in wanted.items() if value != before.get(key)}
    if changed:
        _write(ticket, [offered[key] for key in changed], before, changed, by)


def missing(ticket: Ticket) -> list[CustomField]:
    """Return the needed fields of a case that say nothing."""
    needed = CustomField.objects.offered(ticket.topic).filter(need=CustomField.Need.RESOLVE)
    return list(needed.exclude(values__ticket=ticket.pk).order_by("position", "pk"))


def check_resolvable(ticket: Ticket) -> None:
    """Refuse to resolve the locked case while needed fields say nothing. Raises FieldsNeeded."""
    if ticket.is_spam:
        return
    if fields := missing(ticket):
        language = get_language() or "en"
        raise FieldsNeeded([values.named(field, language)[0] for field in fields])


def carry(*, source: Ticket, into: Ticket, by: Staff) -> None:
    """Let a locked case of the same customer say what another says, where it says nothing itself."""
    if source.requester_id != into.requester_id:
        return
    offered = {field.pk: field for field in CustomField.objects.offered(into.topic)}
    has = set(CustomValue.objects.filter(ticket=into).values_list("field", flat=True))
    rows = CustomValue.objects.filter(ticket=source, field__in=offered).exclude(field__in=has).order_by("field")
    found = {offered[row.field_id].key: values.of(row, offered[row.field_id]) for row in rows}
    fields = [field for field in offered.values() if field.key in found]
    if fields:
        _write(into, fields, {}, dict(found), by)


def _as_given(field: CustomField, value: values.Typed) -> list[str]:
    return list(value) if isinstance(value, list) else [values.typed(value)]


def _kept(ticket: Ticket, fields: Iterable[CustomField]) -> dict[str, values.Typed]:
    by_pk = {field.pk: field for field in fields}
    rows = CustomValue.objects.filter(ticket=ticket, field__in=by_pk)
    return {by_pk[row.field_id].key: values.of(row, by_pk[row.field_id]) for row in rows}


def _write(
    ticket: Ticket,
    fields: Sequence[CustomField],
    before: Mapping[str, values.Typed],
    changed: Mapping[str, values.Typed | None],
    by: Staff,
) -> None:
    timeline.change(ticket, {})
    for field in fields:
        value = changed[field.key]
        rows = CustomValue.objects.filter(ticket=ticket, field=field)
        if value is None:
            rows.delete()
        elif not rows.update(**{field.column: value}):
            CustomValue.objects.create(ticket=ticket, field=field, kind=field.kind, **{field.column: value})
        data: dict[str, str | int | None] = {"field": field.key}
        if not field.is_personal:
            old = before.get(field.key)
            data["from"] = cut(values.typed(old), TOLD) if old is not None else ""
            data["to"] = cut(values.typed(value), TOLD) if value is not None else ""
        timeline.append_event(ticket, "field_changed", data, by=by)
        audit.record(
            "ticket.field_changed",
            actor=by.actor,
            obj=("ticket", ticket.public_id),
            fields=["field"],
            detail={"field": field.key},
        )
