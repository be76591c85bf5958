"""Doors of a customer's page, with its notes, and of the senders whose mail is put aside."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Customer
from accounts.permissions import Permission
from security.access import record_denial, staff_required
from tickets.models import CustomerNote
from tickets.selectors import contacts as shown
from tickets.selectors import people
from tickets.selectors.cases import visible
from tickets.selectors.orders import BadCursorError
from tickets.services import contacts, errors, viewing
from tickets.views.shared import page, staff_of, takes, ticket_or_404

REFUSED = 422


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("after")
def contact(request: HttpRequest, public_id: str) -> HttpResponse:
    """A customer with notes and every case of theirs that one may see."""
    customer = _customer_or_404(request, public_id)
    viewing.customer_viewed(customer, by=staff_of(request))
    return _contact(request, customer)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def note(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a note (`text`) about a customer."""
    customer = _customer_or_404(request, public_id)
    if not staff_of(request).has(Permission.TICKET_NOTE):
        record_denial(request, Permission.TICKET_NOTE, obj=("customer", public_id))
        raise Http404
    try:
        contacts.add_note(customer=customer, text=request.POST.get("text", ""), by=staff_of(request))
    except errors.Refused as refused:
        return _contact(request, customer, problem=str(refused))
    return redirect("desk:contact", public_id)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def note_remove(request: HttpRequest, public_id: str, note_id: str) -> HttpResponse:
    """Remove one's own note, or as one who clears spam anybody's."""
    customer = _customer_or_404(request, public_id)
    kept = CustomerNote.objects.filter(customer=customer, public_id=note_id, removed_at__isnull=True).first()
    if kept is None:
        raise Http404
    if not shown.may_remove(kept, staff_of(request)):
        record_denial(request, Permission.SPAM_RELEASE, obj=("customer", public_id))
        raise Http404
    contacts.remove_note(customer=customer, note_id=note_id, by=staff_of(request))
    return redirect("desk:contact", public_id)


@require_safe
@staff_required(Permission.SPAM_RELEASE)
@takes("ticket")
def blocked(request: HttpRequest) -> HttpResponse:
    """Blocked senders; `ticket` offers to block who opened it."""
    return page(request, "desk/blocked.html", _blocked(request, request.GET.get("ticket", "")))


@require_POST
@staff_required(Permission.SPAM_RELEASE)
def block(request: HttpRequest) -> HttpResponse:
    """Block `sender`, an address or a domain, or who opened `ticket`; `reason` stays on record."""
    ticket_id = request.POST.get("ticket", "")
    sender = ticket_or_404(request, ticket_id).requester_address if ticket_id else request.POST.get("sender", "")
    try:
        contacts.block(sender=sender, reason=request.POST.get("reason", ""), by=staff_of(request))
    except errors.Refused as refused:
        context = {
            **_blocked(request, ticket_id),
            "problem": str(refused),
            "sender": request.POST.get("sender", ""),
            "reason": request.POST.get("reason", ""),
        }
        return page(request, "desk/blocked.html", context, status=REFUSED)
    return redirect("desk:blocked")


@require_POST
@staff_required(Permission.SPAM_RELEASE)
def lift(request: HttpRequest, block_id: str) -> HttpResponse:
    """Block a sender no more; one that somebody has lifted already stays so."""
    contacts.lift(block_id=block_id, by=staff_of(request))
    return redirect("desk:blocked")


def _customer_or_404(request: HttpRequest, public_id: str) -> Customer:
    """Return the customer if a proven case of theirs may be seen; hidden and unknown look the same."""
    customer = people.known_to(staff_of(request), public_id)
    if customer is None:
        if Customer.objects.filter(public_id=public_id).exists():
            record_denial(request, Permission.TICKET_VIEW, obj=("customer", public_id))
        raise Http404
    return customer


def _contact(request: HttpRequest, customer: Customer, *, problem: str = "") -> HttpResponse:
    person = staff_of(request)
    try:
        found = shown.page_of_cases(customer, person, after=request.GET.get("after", ""))
    except BadCursorError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context: dict[str, Any] = {
        **shown.contact(customer, person),
        "rows": found.rows,
        "next_cursor": found.next_cursor,
        "is_first_page": "after" not in request.GET,
        "problem": problem,
        "text": request.POST.get("text", ""),
    }
    return page(request, "desk/contact.html", context, status=REFUSED if problem else 200)


def _blocked(request: HttpRequest, ticket_id: str) -> dict[str, Any]:
    ticket = visible(staff_of(request), ticket_id) if ticket_id else None
    return {
        "blocked": shown.blocked(),
        "ticket": ticket,
        "who": people.masked_address(ticket.requester_address) if ticket else "",
        "problem": "",
        "sender": "",
        "reason": "",
    }
