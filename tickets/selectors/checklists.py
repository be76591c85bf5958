"""Checklists as they are shown: a case's steps, and the templates that somebody may begin with or change."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from accounts.models import Staff
from tickets.models import ChecklistItem, ChecklistTemplate, Ticket


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One step of a case."""

    public_id: str
    text: str
    is_needed: bool
    is_done: bool
    by: str
    at: datetime | None


def of_ticket(ticket: Ticket) -> list[ItemShown]:
    """Return the steps of a case in order; one query."""
    rows = ChecklistItem.objects.filter(ticket=ticket, removed_at__isnull=True).select_related("done_by")
    is_chinese = get_language() == "zh-hans"
    return [
        ItemShown(
            public_id=row.public_id,
            text=(row.text_zh_hans if is_chinese else "") or row.text,
            is_needed=row.is_needed,
            is_done=row.done_at is not None,
            by=row.done_by.name if row.done_by else "",
            at=row.done_at,
        )
        for row in rows.order_by("position", "pk")
    ]


def usable(person: Staff) -> list[ChecklistTemplate]:
    """Return the templates that `person` may put on a case."""
    return list(ChecklistTemplate.objects.usable_by(person).order_by("name", "pk"))


def named(template: ChecklistTemplate) -> str:
    """Return the name of a template in the reader's language."""
    return (template.name_zh_hans if get_language() == "zh-hans" else "") or template.name
