"""Doors of the agent console: presence, rings, one's chats, and the leads' page."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Presence, Staff
from accounts.permissions import Permission
from livechat.selectors import console as shown
from livechat.services import presence, routing
from security.access import staff_required
from tickets.selectors import surveys
from tickets.services import errors
from tickets.views.shared import page, staff_of, takes

CONFLICT = 409


@require_safe
@staff_required(Permission.TICKET_REPLY)
@takes()
def console(request: HttpRequest) -> HttpResponse:
    """The parts of the console that every page of the desk has a place for."""
    return page(request, "livechat/console.html", shown.shown(staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_REPLY)
def say_presence(request: HttpRequest) -> HttpResponse:
    """Set one's own presence."""
    state = request.POST.get("state", "")
    if state not in Presence.State.values:
        return JsonResponse({"detail": "state is one of those listed."}, status=400)
    presence.say(person=staff_of(request), state=state)
    return HttpResponse(status=204)


@require_POST
@staff_required(Permission.TICKET_REPLY)
def active(request: HttpRequest) -> HttpResponse:
    """Somebody is at the keyboard."""
    presence.active(person=staff_of(request))
    return HttpResponse(status=204)


@require_POST
@staff_required(Permission.TICKET_REPLY)
def accept(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Take the chat that rings; the answer says where it is."""
    try:
        chat = routing.accept(offer=offer_id, by=staff_of(request))
    except errors.Refused as refused:
        return JsonResponse({"detail": str(refused.message)}, status=CONFLICT)
    return JsonResponse({"url": reverse("desk:ticket", args=[chat.ticket.public_id])})


@require_POST
@staff_required(Permission.TICKET_REPLY)
def decline(request: HttpRequest, offer_id: str) -> HttpResponse:
    """Say no; the next is asked. A ring that is over stays over."""
    routing.decline(offer=offer_id, by=staff_of(request))
    return HttpResponse(status=204)


@require_safe
@staff_required(Permission.CHAT_LEAD)
@takes()
def team(request: HttpRequest) -> HttpResponse:
    """Who takes chats now, which wait, and how customers rated the last 30 days."""
    person = staff_of(request)
    return page(request, "livechat/team.html", {**shown.team_page(person), "ratings": surveys.summary(person)})


@require_POST
@staff_required(Permission.CHAT_LEAD)
def force_presence(request: HttpRequest, staff_id: str) -> HttpResponse:
    """Set a colleague's presence."""
    person = Staff.objects.filter(public_id=staff_id, is_active=True).first()
    if person is None:
        raise Http404
    state = request.POST.get("state", "")
    if state not in Presence.State.values:
        return JsonResponse({"detail": "state is one of those listed."}, status=400)
    try:
        presence.force(person=person, state=state, by=staff_of(request))
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("chat:team")
