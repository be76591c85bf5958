"""The feed of a person's shifts as a calendar (RFC 5545): instants in UTC, and nothing of any customer."""

from datetime import UTC, timedelta

import icalendar
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Shift, ShiftFeed, Staff
from accounts.models.presence import ANSWERING_ROLES
from core import clock
from security import digests

BEHIND, AHEAD = timedelta(days=31), timedelta(days=366)
# How often a calendar should look again; most look when they like.
LOOK_AGAIN = timedelta(hours=1)


def person_of(token: str) -> Staff | None:
    """Return whose feed a token opens; nobody's who does not answer here any more."""
    rows = ShiftFeed.objects.select_related("staff").filter(digest=digests.of_token(token))
    feed = rows.filter(staff__is_active=True, staff__role__in=ANSWERING_ROLES).first()
    return feed.staff if feed else None


def calendar(person: Staff) -> bytes:
    """Return the person's shifts, from a month ago to a year ahead, in their language."""
    at = clock.now()
    rows = Shift.objects.standing().filter(staff=person, ends_at__gt=at - BEHIND, starts_at__lt=at + AHEAD)
    with translation.override(person.locale or settings.LANGUAGE_CODE):
        found = icalendar.Calendar()
        found.add("prodid", "-//Pharos//Shifts//EN")
        found.add("version", "2.0")
        found.add("method", "PUBLISH")
        found.add("x-wr-calname", _("Shifts"))
        found.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
        found.add("x-published-ttl", "PT1H")
        for row in rows.order_by("starts_at", "pk"):
            found.add_component(_event(row))
    return bytes(found.to_ical())


def _event(row: Shift) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{row.public_id}@shifts.pharos")
    # The same at each look: a shift that was planned is never changed.
    event.add("dtstamp", row.starts_at.astimezone(UTC))
    event.add("dtstart", row.starts_at.astimezone(UTC))
    event.add("dtend", row.ends_at.astimezone(UTC))
    event.add("summary", _("Shift"))
    event.add("transp", "OPAQUE")
    event.add("class", "PRIVATE")
    return event
