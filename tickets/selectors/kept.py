"""What is kept to begin with, as its page lists it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from accounts.models import Staff
from tickets.models import ChecklistTemplate, FieldKind, TicketTemplate
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
    """Return the checklists and ticket templates that `person` may begin with or change; four queries."""
    editable = set(ChecklistTemplate.objects.editable_by(person).values_list("pk", flat=True))
    rows = ChecklistTemplate.objects.usable_by(person) | ChecklistTemplate.objects.filter(pk__in=editable)
    found = rows.select_related("team").order_by("name", "pk")
    changeable = set(TicketTemplate.objects.editable_by(person).values_list("pk", flat=True))
    templates = TicketTemplate.objects.usable_by(person) | TicketTemplate.objects.filter(pk__in=changeable)
    return {
        "checklists": [_shown(row, checklists.named(row), row.pk in editable, len(row.items)) for row in found],
        "templates": [
            _shown(row, row.name, row.pk in changeable, 0)
            for row in templates.select_related("team").order_by("name", "pk")
        ],
    }


def template(person: Staff, public_id: str) -> TicketTemplate | None:
    """Return a ticket template if `person` may begin with it."""
    rows = TicketTemplate.objects.usable_by(person).select_related("topic__parent", "to_team", "checklist")
    return rows.filter(public_id=public_id).first()


def templates(person: Staff) -> list[tuple[str, str]]:
    """Return ids and names of the ticket templates that `person` may begin with; one query."""
    return list(TicketTemplate.objects.usable_by(person).order_by("name", "pk").values_list("public_id", "name"))


def values_of(row: TicketTemplate) -> dict[str, list[str]]:
    """Return what a template fills in for custom fields, as it is typed; one query."""
    found = {}
    for one in row.values.select_related("field"):
        found[one.field.key] = one.value.split(",") if one.field.kind == FieldKind.CHOICES else [one.value]
    return found


def _shown(row: ChecklistTemplate | TicketTemplate, name: str, is_editable: bool, count: int) -> KeptShown:  # noqa: FBT001 -- the last two of four
    route = "desk:checklist_one" if isinstance(row, ChecklistTemplate) else "desk:template_one"
    url = reverse(route, args=[row.public_id]) if is_editable else ""
    return KeptShown(name, row.scope, row.team.name if row.team else "", url, count)
