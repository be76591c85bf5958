"""Doors of assignment: why somebody has a ticket, passing one's own on, and the hand-over note of a ticket."""

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import record_denial, staff_required
from tickets.selectors import cases, decisions
from tickets.services import errors, hand_overs, handing_on
from tickets.views.shared import head_context, page, staff_of, takes, ticket_or_404, wants_fragment


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def why(request: HttpRequest, public_id: str) -> HttpResponse:
    """Why who has the ticket has it: for them, and for leads; anybody else finds nothing."""
    ticket = ticket_or_404(request, public_id)
    if not decisions.may_ask(ticket, staff_of(request)):
        record_denial(request, Permission.CHAT_LEAD, obj=("ticket", public_id))
        raise Http404
    context = {"ticket": cases.head(ticket), "decisions": decisions.of_ticket(ticket)}
    return page(request, "desk/why.html", context)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def pass_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let the next have one's own ticket; of one that is another's by now, the page says who has it."""
    ticket = ticket_or_404(request, public_id)
    with suppress(errors.Refused):
        handing_on.pass_on(ticket=ticket, by=staff_of(request))
    return redirect("desk:ticket", public_id)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def hand_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write the hand-over note of a ticket: `note`, and `to` for somebody or nobody."""
    ticket = ticket_or_404(request, public_id)
    note, given, problem = request.POST.get("note", ""), request.POST.get("to", ""), ""
    to = Staff.objects.filter(public_id=given, is_active=True).first() if given else None
    try:
        if given and to is None:
            raise errors.Refused
        hand_overs.write(ticket=ticket, text=note, by=staff_of(request), to=to)
    except errors.Refused as refused:
        problem = str(refused.message)
    if not wants_fragment(request) and not problem:
        return redirect("desk:ticket", public_id)
    handing = {"note": note, "to": given, "problem": problem} if problem else {"is_done": True}
    context = {**head_context(request, ticket), "handing": handing}
    return page(request, "desk/_hand_over_form.html", context, status=422 if problem else 200)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def take_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take over what `hand_over` names, and answer with the head; of what is over it says who was first."""
    ticket = ticket_or_404(request, public_id)
    problems: list[str] = []
    try:
        hand_overs.take(hand_over=request.POST.get("hand_over", ""), ticket=ticket, by=staff_of(request))
    except errors.Refused as refused:
        problems.append(str(refused.message))
    if not wants_fragment(request) and not problems:
        return redirect("desk:ticket", public_id)
    context = {**head_context(request, ticket_or_404(request, public_id)), "errors": problems}
    return page(request, "desk/_case_head.html", context, status=422 if problems else 200)
