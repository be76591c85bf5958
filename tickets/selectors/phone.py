"""Calls as they wait: whether a line is open, a call's place, how long callers have waited, and what the desk shows."""

from datetime import timedelta
from statistics import median
from typing import Final

from django.db.models import Q, QuerySet

from accounts.models import Shift
from core.clock import from_now, now
from kb import live
from tickets.models import CallState, PhoneCall, PhoneLine
from tickets.models.channel import Channel
from tickets.models.phone_calls import WAITING
from tickets.sla.business_time import between

# So many callers have to have been answered within so long, else nothing is said of how long it takes.
MEASURED_OVER: Final = timedelta(hours=2)
FEWEST, MOST = 3, 20
# A caller whom the provider has not asked about for so long has gone without a word.
SILENT_AFTER: Final = timedelta(minutes=2)
LONGEST_WAIT: Final = timedelta(minutes=45)


def asks_for_pins() -> bool:
    """Whether any line asks for the support PIN, so that the portal shows it."""
    return PhoneLine.objects.filter(is_active=True, asks_pin=True).exists()


def is_open(line: PhoneLine) -> bool:
    """Whether calls are taken now: by the line's hours, and by the rota of a team that works on shift only."""
    at = now()
    if line.calendar is not None and not between(line.calendar.hours(), at, at + timedelta(seconds=1)):
        return False
    on_shift = Shift.objects.now().filter(staff__memberships__team=line.team_id)
    return not line.team.only_on_shift or on_shift.exists()


def ahead(call: PhoneCall) -> QuerySet[PhoneCall]:
    """Return who waits on the same line and comes before: the urgent first, then who has waited longest."""
    earlier = Q(queued_at__lt=call.queued_at) | Q(queued_at=call.queued_at, pk__lt=call.pk)
    before = earlier & Q(is_urgent=True) if call.is_urgent else earlier | Q(is_urgent=True)
    waiting = PhoneCall.objects.filter(
        line=call.line_id, team=call.team_id, direction="in", state__in=WAITING, seen_at__gt=from_now(-SILENT_AFTER)
    )
    return waiting.filter(before).exclude(pk=call.pk)


def position(call: PhoneCall) -> int:
    """Return the place of a waiting call, from 1."""
    return ahead(call).count() + 1


def usual_wait(line: PhoneLine) -> timedelta | None:
    """Return how long callers whom somebody has answered lately had waited; None when too few were."""
    rows = PhoneCall.objects.filter(
        line=line, direction="in", queued_at__isnull=False, answered_at__gt=from_now(-MEASURED_OVER)
    )
    found = rows.order_by("-answered_at").values_list("queued_at", "answered_at")[:MOST]
    waited = [(answered - queued).total_seconds() for queued, answered in found if queued and answered]
    return timedelta(seconds=median(waited)) if len(waited) >= FEWEST else None


def has_waited_too_long(call: PhoneCall) -> bool:
    """Whether a caller has waited so long that a message serves them better."""
    return call.queued_at is not None and now() - call.queued_at > LONGEST_WAIT


def with_waiting_call() -> Q:
    """Return tickets whose caller waits: they are given by ringing, not by the engine's rounds."""
    return Q(channel=Channel.PHONE, pk__in=PhoneCall.objects.filter(state__in=WAITING).values("ticket"))


def silent() -> QuerySet[PhoneCall]:
    """Return calls that are over without a word of the provider."""
    quiet = Q(seen_at__lt=from_now(-SILENT_AFTER)) & ~Q(state=CallState.TALKING)
    # A voice message has its own length, and a talk the provider's.
    quiet &= ~Q(state=CallState.VOICEMAIL, seen_at__gt=from_now(-3 * SILENT_AFTER))
    talked = Q(state=CallState.TALKING, answered_at__lt=from_now(-timedelta(hours=4, minutes=10)))
    return PhoneCall.objects.filter(quiet | talked).exclude(state=CallState.ENDED).order_by("pk")


def ways(language: str) -> list[live.Way]:
    """Return the lines that speak a language, for the contact page."""
    lines = PhoneLine.objects.filter(is_active=True, languages__contains=[language]).select_related("calendar", "team")
    return [_way(line) for line in lines.order_by("name")]


def _way(line: PhoneLine) -> live.Way:
    is_staffed = is_open(line)
    usual = usual_wait(line) if is_staffed else None
    usual_min = live.in_minutes(usual.total_seconds() if usual else None)
    return live.Way(kind="phone", name=line.name, address=line.number, is_open=is_staffed, usual_min=usual_min)
