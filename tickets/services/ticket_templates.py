"""Ticket templates: what the form of a new ticket begins with, checked as it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from core.storable_text import storable
from security.redaction import redact
from tickets.fields import values
from tickets.models import ChecklistTemplate, CustomField, TicketTemplate, TicketTemplateValue, Topic
from tickets.models.ticket import Priority
from tickets.services import errors, shelf
from tickets.services.custom_fields import BadValues

MOST_TAGS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a template fills in; `values` are custom fields by key, as they are typed."""

    name: str
    subject: str = ""
    text: str = ""
    topic: Topic | None = None
    to_team: Team | None = None
    priority: str = Priority.NORMAL
    tags: Sequence[str] = ()
    checklist: ChecklistTemplate | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


def add(*, by: Staff, wording: Wording, is_shared: bool = False, team: Team | None = None) -> TicketTemplate:
    """Keep a template. Raises Refused, TooManyKept, BadValues."""
    with transaction.atomic():
        fields = _fields(wording, by, is_shared=is_shared, team=team)
        row = shelf.add(TicketTemplate, by=by, fields=fields, is_shared=is_shared, team=team)
        _fill(row, wording.values)
    return row


def change(*, template: TicketTemplate, by: Staff, wording: Wording) -> None:
    """Change what one fills in. Raises Refused, BadValues."""
    with transaction.atomic():
        row = shelf.change(
            template, by=by, fields=_fields(wording, by, is_shared=template.is_shared, team=template.team)
        )
        if _fill(row, wording.values):
            shelf.record_values(row, by=by)


def _fields(wording: Wording, by: Staff, *, is_shared: bool, team: Team | None) -> dict[str, object]:
    name = " ".join(storable(wording.name).split())
    if not name or wording.priority not in Priority.values:
        raise errors.Refused(_("Give it a name."))
    if any(redact(text).findings for text in (wording.subject, wording.text, *wording.tags)):
        raise errors.Refused(_("A template must not hold a card number, key or code."))
    kept = wording.checklist
    if kept is not None and (
        (is_shared and not kept.is_shared) or not ChecklistTemplate.objects.usable_by(by).filter(pk=kept.pk).exists()
    ):
        raise errors.Refused(_("A template for others takes a checklist that is shared, too."))
    goes_to = wording.to_team
    if is_shared and goes_to is not None and goes_to.is_restricted and goes_to != team:
        # Whoever does not see the team would open the ticket in the usual queue.
        raise errors.Refused(_("A template for others names a restricted team only where it is that team's own."))
    tags = sorted({" ".join(storable(tag).lower().split())[:40] for tag in wording.tags if tag.strip()})
    return {
        "name": name,
        "subject": " ".join(storable(wording.subject).split()),
        "text": storable(wording.text),
        "topic": wording.topic,
        "to_team": wording.to_team,
        "priority": wording.priority,
        "tags": tags[:MOST_TAGS],
        "checklist": kept,
    }


def _fill(row: TicketTemplate, given: Mapping[str, Sequence[str]]) -> bool:
    """Write what custom fields begin with; return whether anything changed."""
    fields = {one.key: one for one in CustomField.objects.filter(key__in=given, is_retired=False)}
    problems = {key: _("There is no such field for this ticket.") for key in given if key not in fields}
    wanted: dict[int, str] = {}
    for key, one in fields.items():
        try:
            taken = values.read(one, given[key])
        except values.ValueRefused as refused:
            problems[key] = str(refused)
        else:
            wanted |= {one.pk: values.typed(taken.value)} if taken else {}
    if problems:
        raise BadValues(problems)
    before = dict(row.values.values_list("field", "value"))
    row.values.exclude(field__in=wanted).delete()
    for key_of_field, value in wanted.items():
        if before.get(key_of_field) != value:
            row.values.filter(field=key_of_field).delete()
            TicketTemplateValue.objects.create(template=row, field_id=key_of_field, value=value)
    return before != wanted
