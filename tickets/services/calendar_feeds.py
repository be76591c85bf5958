"""iCal feeds of calendars: when somebody looks, and what follows from what was read."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from core import audit, clock
from core.audit import SYSTEM, Actor
from core.clock import DatabaseNow, from_now
from tickets import effects
from tickets.models import CalendarFeed, SlaCalendar
from tickets.services import sla_policies
from tickets.sla import ical_dates

BATCH = 20
EVERY = timedelta(days=1)
# A look that failed, or whose worker died, is made again after this.
AGAIN = timedelta(hours=1)
BEHIND, AHEAD = timedelta(days=31), timedelta(days=731)


def sweep() -> int:
    """Have feeds looked at whose time has come, and read what nobody has read yet; returns how many are looked at."""
    due = CalendarFeed.objects.exclude(url="").filter(next_look_at__lte=DatabaseNow()).order_by("next_look_at")
    count = 0
    for pk in due.values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            # Whoever moves it on looks.
            if due.order_by().filter(pk=pk).update(next_look_at=from_now(AGAIN)):
                effects.calendar_due(pk)
                count += 1
    for pk in CalendarFeed.objects.filter(fetched__isnull=False).values_list("pk", flat=True)[:BATCH]:
        read(pk=pk)
    return count


def read(*, pk: int) -> None:
    """Read what was fetched of a feed, if anything was; what cannot be read changes no date."""
    with transaction.atomic():
        feed = CalendarFeed.objects.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
        if feed is None:
            return
        if feed.fetched is None:
            # Looked at, and nothing new.
            if not feed.problem:
                CalendarFeed.objects.filter(pk=pk, url__gt="").update(next_look_at=from_now(EVERY))
            return
        try:
            accept(feed=feed, content=bytes(feed.fetched), by=SYSTEM)
        except ValidationError as error:
            # Asked for again without "if it is newer": the server may mend it under the same name.
            CalendarFeed.objects.filter(pk=pk).update(fetched=None, etag="", modified="", problem=error.code)


def accept(*, feed: CalendarFeed, content: bytes, by: Actor) -> int:
    """Let the all-day events of an iCal file be closed dates of the feed's calendar; returns how many there are.

    The clocks that go by the calendar are reckoned anew if its dates have changed. Raises ValidationError.
    """
    today = clock.now().date()
    found = ical_dates.closed_dates(content, today - BEHIND, today + AHEAD)
    dates = "\n".join(day.isoformat() for day in found)
    with transaction.atomic():
        is_changed = CalendarFeed.objects.filter(pk=feed.pk).exclude(dates=dates).exists()
        CalendarFeed.objects.filter(pk=feed.pk).update(
            dates=dates,
            read_at=DatabaseNow(),
            problem="",
            fetched=None,
            next_look_at=from_now(EVERY) if feed.url else None,
        )
        if is_changed:
            detail: dict[str, audit.Detail] = {"dates": len(found)}
            audit.record("calendarfeed.read", actor=by, obj=("calendarfeed", feed.public_id), detail=detail)
        gather(calendar=feed.calendar)
    return len(found)


def look_anew(*, feed: CalendarFeed) -> None:
    """Have an address that was changed looked at now; what the old one gave stays until it was."""
    fresh = {"etag": "", "modified": "", "problem": "", "fetched": None}
    CalendarFeed.objects.filter(pk=feed.pk).update(**fresh, next_look_at=DatabaseNow() if feed.url else None)


def gather(*, calendar: SlaCalendar) -> None:
    """Let a calendar have the dates of its feeds as they are now; its clocks are reckoned anew if that changes it."""
    with transaction.atomic():
        locked = SlaCalendar.objects.select_for_update(of=("self",), no_key=True).get(pk=calendar.pk)
        texts = CalendarFeed.objects.filter(calendar=locked).values_list("dates", flat=True)
        dates = "\n".join(sorted({line for text in texts for line in text.splitlines()}))
        if dates == locked.feed_dates:
            return
        SlaCalendar.objects.filter(pk=locked.pk).update(feed_dates=dates)
        audit.record("slacalendar.changed", actor=SYSTEM, obj=("slacalendar", locked.public_id), fields=["feed_dates"])
        sla_policies.calendar_changed(calendar=locked)
