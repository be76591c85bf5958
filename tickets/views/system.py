"""Doors of the state of the system: alarms, parts, history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.selectors import alarms as shown
from tickets.services import alarms
from tickets.views.shared import page, staff_of


@require_safe
@staff_required(Permission.SYSTEM_WATCH)
def state(request: HttpRequest) -> HttpResponse:
    """What is wrong, what each part says of itself, and what was wrong."""
    context = {"alarms": shown.going_on(), "parts": shown.parts(), "history": shown.history()}
    return page(request, "desk/system.html", context)


@require_POST
@staff_required(Permission.SYSTEM_WATCH)
def acknowledge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take care of one."""
    alarm = shown.one(public_id)
    if alarm is None:
        raise Http404
    alarms.acknowledge(alarm=alarm, by=staff_of(request))
    return redirect("desk:system")
