"""Doors of reveals: the form on a case, one field in full for a minute, and the clipboard that is noted."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from security.models import Reveal, StaffSession
from security.services import reveals
from security.services.reveals import Asked, RevealRefusedError
from tickets.models import Ticket
from tickets.selectors import reveals as shown
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment


@require_safe
@staff_required(Permission.CUSTOMER_REVEAL)
@takes()
def form(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form, masked again."""
    return page(request, "desk/_reveal.html", _context(request, ticket_or_404(request, public_id)))


@require_POST
@staff_required(Permission.CUSTOMER_REVEAL)
def reveal(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show `field` in full: `reason` is chosen, `words` say more. What the database refuses is said in words."""
    ticket = ticket_or_404(request, public_id)
    typed = {name: request.POST.get(name, "").strip() for name in ("field", "reason", "words")}
    session: StaffSession = request.staff_session  # type: ignore[attr-defined]
    revealed, problem = None, _problem(typed)
    if not problem:
        pk = None if typed["field"] == shown.ACCOUNT else int(typed["field"])
        asked = Asked(ticket_id=ticket.public_id, address_pk=pk, reason=typed["reason"], words=typed["words"])
        try:
            revealed = reveals.reveal(by=staff_of(request), session_pk=session.pk, asked=asked)
        except RevealRefusedError as refused:
            problem = str(refused.why.label)
    context = {**_context(request, ticket), "revealed": revealed, "problem": problem, "typed": typed if problem else {}}
    response = page(request, "desk/_reveal.html", context, status=422 if problem else 200)
    if revealed is not None and not wants_fragment(request):
        # Without scripts nothing else takes it off the screen.
        response["Refresh"] = f"{reveals.SHOWN_S}; url={reverse('desk:ticket', args=[ticket.public_id])}"
    return response


@require_POST
@staff_required(Permission.TICKET_VIEW)
def copied(request: HttpRequest, public_id: str) -> HttpResponse:
    """Note that what was revealed to this person, `reveal`, was copied."""
    ticket_or_404(request, public_id)
    if not reveals.copied(by=staff_of(request), public_id=request.POST.get("reveal", "")):
        raise Http404
    return HttpResponse(status=204)


def _problem(typed: dict[str, str]) -> str:
    is_field = typed["field"] == shown.ACCOUNT or (typed["field"].isascii() and typed["field"].isdecimal())
    if not is_field or len(typed["field"]) > shown.LONGEST_KEY:
        return _("Choose what you need to see.")
    if typed["reason"] not in Reveal.Reason.values or not typed["words"]:
        return _("Say what you need it for: it stays on record.")
    return ""


def _context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    person = staff_of(request)
    return {
        "ticket": ticket,
        "reveal": shown.offered(ticket, person),
        "person": person,
        "seconds": reveals.SHOWN_S,
        # Lines of the watermark: its picture is 96 high.
        "marks": range(4, 120, 22),
        "problem": "",
        "typed": {},
    }
