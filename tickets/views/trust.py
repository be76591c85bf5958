"""Doors of the trust panel: what is known of the customer, and the freeze that takes little proof."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from security.services import fund_actions
from security.services.fund_actions import ActionRefusedError
from tickets.models import Ticket
from tickets.selectors import trust
from tickets.services import fund_freezes
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

MOST_REASON = 300


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def panel(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panel, which the side of a case loads by itself."""
    ticket = ticket_or_404(request, public_id)
    return page(request, "desk/_trust.html", _context(request, ticket))


@require_POST
@staff_required(Permission.CUSTOMER_FREEZE)
def freeze(request: HttpRequest, public_id: str) -> HttpResponse:
    """Freeze the customer at once; a reason is needed."""
    ticket = ticket_or_404(request, public_id)
    reason = request.POST.get("reason", "").strip()[:MOST_REASON]
    problem = ""
    if not reason:
        problem = _("Say why: the reason stays on the ticket.")
    elif not trust.panel(ticket, staff_of(request)).can_freeze:
        problem = _("This person has never come from the exchange: there is no account to freeze.")
    else:
        fund_freezes.freeze(ticket=ticket, by=staff_of(request), reason=reason)
        if not wants_fragment(request):
            return redirect("desk:ticket", public_id)
    context = {**_context(request, ticket), "problem": problem}
    return page(request, "desk/_trust.html", context, status=422 if problem else 200)


@require_POST
@staff_required(Permission.FUND_REQUEST)
def draw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have another person drawn for an action of this ticket's customer."""
    ticket = ticket_or_404(request, public_id)
    action = trust.action_of(ticket, request.POST.get("action", ""))
    problem = "" if action else _("There is no such action.")
    try:
        if action is not None:
            fund_actions.draw_again(person=staff_of(request), action=action)
    except ActionRefusedError as refused:
        problem = str(refused)
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    context = {**_context(request, ticket), "draw_problem": problem}
    return page(request, "desk/_trust.html", context, status=422 if problem else 200)


def _context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    return {"ticket": ticket, "trust": trust.panel(ticket, staff_of(request)), "problem": "", "draw_problem": ""}
