"""Doors of the feed of one's own shifts: the calendar, which a token opens without a session, and its address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from core import rate_limits
from security.access import staff_required
from tickets.selectors import shift_feeds as shown
from tickets.selectors import shifts
from tickets.services import shift_feeds
from tickets.views.shared import page, staff_of, takes

# Calendars look once an hour or so.
PER_MIN = 20


@require_safe
@takes()
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """One's shifts as a calendar, for whoever has the address. Unknown and ended look the same."""
    person = shown.person_of(token)
    if person is None:
        raise Http404
    spent = rate_limits.spend(scope="shift-feed", who=person.public_id, limit=PER_MIN)
    if spent is not None and spent.is_over:
        return HttpResponse(status=429, headers={"Retry-After": str(spent.reset_s), "Cache-Control": "no-store"})
    answer = HttpResponse(shown.calendar(person), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="shifts.ics"'
    # Whoever is asked in between keeps nothing: an address that was ended shows nothing from then on.
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@staff_required(Permission.TICKET_REPLY)
def make(request: HttpRequest) -> HttpResponse:
    """Make one's address, or another in its place, and show it this once."""
    person = staff_of(request)
    address = reverse("desk:shift_feed", args=[shift_feeds.make(by=person)])
    context = {**shifts.page(person, None), "feed_url": request.build_absolute_uri(address)}
    return page(request, "desk/shifts.html", context)


@require_POST
@staff_required(Permission.TICKET_REPLY)
def end(request: HttpRequest) -> HttpResponse:
    """End one's address."""
    shift_feeds.end(by=staff_of(request))
    return redirect("desk:shifts")
