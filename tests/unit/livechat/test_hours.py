"""Opening hours: several intervals a day, dates of their own, and the moments at which clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from livechat.hours import AroundTheClock, OpeningHours
from tickets.sla.hours_text import read_dates, read_weekly

BERLIN = ZoneInfo("Europe/Berlin")


def hours(weekly: str, dates: str = "", zone: str = "Europe/Berlin") -> OpeningHours:
    return OpeningHours(ZoneInfo(zone), read_weekly(weekly), read_dates(dates))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_is_open__several_intervals__their_ends_are_closed() -> None:
    week = hours("mon-fri 09:00-12:30, 13:30-18:00\nsat 22:00-24:00\nsun 00:00-02:00")
    # 2026-06-01 is a Monday; Berlin is two hours ahead.
    found = {
        text: week.is_open(utc(f"2026-06-01 {text}")) for text in ("06:59", "07:00", "10:29", "10:30", "11:30", "16:00")
    }
    assert found == {"06:59": False, "07:00": True, "10:29": True, "10:30": False, "11:30": True, "16:00": False}
    assert week.next_opening(utc("2026-06-01 10:45")) == utc("2026-06-01 11:30")
    assert week.next_opening(utc("2026-06-01 08:00")) == utc("2026-06-01 08:00")
    assert week.next_opening(utc("2026-06-05 17:00")) == utc("2026-06-06 20:00")
    # Over midnight it is one stretch.
    assert week.next_closing(utc("2026-06-06 21:00")) == utc("2026-06-07 00:00")


def test_dates__holiday_and_short_day__stand_in_for_their_weekday() -> None:
    week = hours("mon-sun 09:00-18:00", "2026-12-25\n2026-12-24 09:00-12:00")
    assert week.is_open(utc("2026-12-24 10:59"))
    assert not week.is_open(utc("2026-12-24 11:00"))
    assert not week.is_open(utc("2026-12-25 12:00"))
    assert week.next_opening(utc("2026-12-24 12:00")) == utc("2026-12-26 08:00")


@pytest.mark.parametrize(
    ("zone", "weekly", "at", "opens"),
    [
        # Spring forward, 2026-03-29 at 01:00 UTC in Berlin: the same wall time is an hour earlier in UTC.
        ("Europe/Berlin", "sat-sun 09:00-10:00", "2026-03-28 12:00", "2026-03-29 07:00"),
        # 02:30 is jumped over: half an hour after the jump, which is 03:30 on the wall.
        ("Europe/Berlin", "sun 02:30-05:00", "2026-03-28 12:00", "2026-03-29 01:30"),
        # Fall back, 2026-10-25: 02:30 comes twice, the first one opens.
        ("Europe/Berlin", "sun 02:30-05:00", "2026-10-24 12:00", "2026-10-25 00:30"),
        # Half an hour only: Lord Howe, 2026-04-05 at 15:00 UTC the day before.
        ("Australia/Lord_Howe", "sun 09:00-10:00", "2026-04-04 12:00", "2026-04-04 22:30"),
        # A whole day was left out: Apia had no 2011-12-30.
        ("Pacific/Apia", "sat 09:00-10:00", "2011-12-29 20:00", "2011-12-30 19:00"),
        ("Asia/Singapore", "mon 09:00-10:00", "2026-03-28 12:00", "2026-03-30 01:00"),
    ],
)
def test_next_opening__clock_changes__is_exact(zone: str, weekly: str, at: str, opens: str) -> None:
    assert hours(weekly, zone=zone).next_opening(utc(at)) == utc(opens)


def test_interval__ending_in_the_doubled_hour__ends_at_the_second_one() -> None:
    week = hours("sun 00:00-02:30")
    assert week.next_closing(utc("2026-10-24 23:00")) == utc("2026-10-25 01:30")


def test_calendars__always_and_never__say_so() -> None:
    at = utc("2026-06-01 08:00")
    always = hours("mon-sun 00:00-24:00")
    assert (always.is_open(at), always.next_closing(at)) == (True, None)
    never = hours("")
    assert (never.is_open(at), never.next_opening(at), never.next_closing(at)) == (False, None, None)
    clock = AroundTheClock()
    assert (clock.is_open(at), clock.next_opening(at), clock.next_closing(at)) == (True, at, None)


@pytest.mark.parametrize(
    "text",
    ["funday 09:00-10:00", "fri-mon 09:00-10:00", "mon 9:00-10:00", "mon 10:00-09:00", "mon 09:00-12:00 11:00-13:00",
     "mon 09:00-10:00\nmon-fri 11:00-12:00", "mon 09:00-24:00 10:00-11:00", "mon 09:00-25:00"],
)  # fmt: skip
def test_read_weekly__what_is_no_week__is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_weekly(text)


@pytest.mark.parametrize("text", ["25.12.2026", "2026-02-30", "2026-12-24 9-12"])
def test_read_dates__what_is_no_date__is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_dates(text)
