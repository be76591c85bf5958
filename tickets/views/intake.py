"""Doors for what did not come by itself: a new ticket by hand, and mail that needs review."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.forms import BY_HAND, NewTicketForm
from tickets.models.ticket import Priority
from tickets.selectors import cases, review
from tickets.services import by_hand, errors, quarantine
from tickets.views.shared import page, staff_of, wants_fragment


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_CREATE)
def new(request: HttpRequest) -> HttpResponse:
    """Open a case for somebody."""
    form = NewTicketForm(request.POST or None, initial={"channel": "phone", "priority": "normal", "assign_to_me": True})
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        reported = by_hand.Reported(
            channel=given["channel"],
            address=given["requester_address"],
            name=given["requester_name"],
            subject=given["subject"],
            text=given["body"],
            priority=given["priority"],
            topic=given["topic"],
        )
        try:
            ticket = by_hand.open_for(reported=reported, by=staff_of(request), assign=given["assign_to_me"])
        except errors.Refused as refused:
            problems = [str(refused.message)]
        else:
            return redirect("desk:ticket", ticket.public_id)
    context = {
        "form": form.shown(),
        "channels": [channel.value for channel in BY_HAND],
        "priorities": Priority.values,
        "topics": cases.topics(),
        "errors": problems,
    }
    return page(request, "desk/new.html", context, status=422 if request.method == "POST" else 200)


@require_safe
@staff_required(Permission.QUARANTINE_VIEW)
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """Mail that needs review."""
    return _review(request, item=None)


@require_safe
@staff_required(Permission.QUARANTINE_VIEW)
def quarantine_item(request: HttpRequest, public_id: str) -> HttpResponse:
    """One mail that needs review."""
    return _review(request, item=_item(request, public_id))


@require_POST
@staff_required(Permission.QUARANTINE_RELEASE)
def quarantine_retry(request: HttpRequest, public_id: str) -> HttpResponse:
    """Parse it again."""
    mail = review.mail(public_id, staff_of(request))
    if mail is None:
        raise Http404
    status = 200
    try:
        quarantine.retry(inbound=mail, by=staff_of(request))
    except errors.Refused:
        status = 409
    if not wants_fragment(request):
        return redirect("desk:quarantine_item", public_id)
    context = {"item": _item(request, public_id), "can_retry": True}
    return page(request, "desk/_quarantine_item.html", context, status=status)


def _review(request: HttpRequest, *, item: dict[str, Any] | None) -> HttpResponse:
    try:
        mails, following = review.page(staff_of(request), after=request.GET.get("after", ""))
    except ValueError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context = {
        "mails": [{**mail, "url": reverse("desk:quarantine_item", args=[mail["public_id"]])} for mail in mails],
        "next_cursor": following,
        "item": item,
        "can_retry": staff_of(request).has(Permission.QUARANTINE_RELEASE),
    }
    return page(request, "desk/quarantine.html", context)


def _item(request: HttpRequest, public_id: str) -> dict[str, Any]:
    mail = review.mail(public_id, staff_of(request))
    if mail is None:
        raise Http404
    ticket = mail.ticket
    return {
        **review.shown(mail),
        "ticket_url": reverse("desk:ticket", args=[ticket.public_id]) if ticket else "",
        "ticket_number": ticket.number if ticket else None,
    }
