"""Doors of the work on a case: its custom fields."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import Ticket
from tickets.models.ticket import Status
from tickets.selectors import custom_fields as shown
from tickets.services import custom_fields, errors
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

MOST_GIVEN = 60


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panels, which the side of a case loads by itself."""
    ticket = ticket_or_404(request, public_id)
    return page(request, "desk/_work.html", {**_can(request, ticket), **_fields(ticket)})


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def fields(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in custom fields (`f-KEY`, `seen`), and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    given = given_fields(request)
    problems: dict[str, str] = {}
    problem = ""
    try:
        custom_fields.fill_in(ticket=ticket, given=given, by=staff_of(request), seen=request.POST.get("seen", ""))
    except custom_fields.BadValues as bad:
        problem, problems = str(bad.message), bad.problems
    except errors.Refused as refused:
        problem = str(refused.message)
    if not problem and not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    ticket = ticket_or_404(request, public_id)
    asked = _fields(ticket, given, problems) if problem else _fields(ticket)
    context = {**_can(request, ticket), **asked, "problem": problem, "is_done": not problem}
    return page(request, "desk/_fields.html", context, status=422 if problem else 200)


def given_fields(request: HttpRequest) -> dict[str, list[str]]:
    """Return what a form says in custom fields, by key; a field that says nothing is among them."""
    names = [name for name in request.POST if name.startswith(shown.FIELD_PREFIX)][:MOST_GIVEN]
    return {
        name.removeprefix(shown.FIELD_PREFIX): [one for one in request.POST.getlist(name) if one.strip()]
        for name in names
    }


def _can(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    may = staff_of(request).has(Permission.TICKET_UPDATE)
    return {"ticket": ticket, "can_work": may and ticket.status != Status.CLOSED}


def _fields(ticket: Ticket, *asked: Any) -> dict[str, Any]:
    found = shown.of_ticket(ticket, *asked)
    return {
        "fields": found,
        "missing": [one for one in found if one.is_needed and one.is_editable and not one.text],
        "seen": shown.seen(ticket),
    }
