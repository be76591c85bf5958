"""What is kept to begin with, as its page lists it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import Staff
from tickets.models import ChecklistTemplate, TicketTemplate
from tickets.selectors import checklists


@dataclass(frozen=True, slots=True)
class KeptShown:
    """One of them; `url` leads to its form for whoever may change it."""

    name: str
    scope: str
    team: str
    url: str
    count: int = 0


def kept_by(person: Staff) -> dict[str, Any]:
    """Return the checklists that `person` may begin with or change; two queries."""
    editable = set(ChecklistTemplate.objects.editable_by(person).values_list("pk", flat=True))
    rows = ChecklistTemplate.objects.usable_by(person) | ChecklistTemplate.objects.filter(pk__in=editable)
    found = rows.select_related("team").order_by("name", "pk")
    return {"checklists": [_shown(row, checklists.named(row), row.pk in editable, len(row.items)) for row in found]}


def _shown(row: ChecklistTemplate | TicketTemplate, name: str, is_editable: bool, count: int) -> KeptShown:  # noqa: FBT001 -- the last two of four
    route = "desk:checklist_one" if isinstance(row, ChecklistTemplate) else "desk:template_one"
    url = reverse(route, args=[row.public_id]) if is_editable else ""
    return KeptShown(name, row.scope, row.team.name if row.team else "", url, count)
