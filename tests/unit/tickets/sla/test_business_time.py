"""Business time, to the second: weekdays, holidays, changes of the clock, leap days."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tickets.sla import case_histories
from tests.unit.tickets.sla.histories import differences
from tickets.sla.business_time import ALWAYS, NONE, Hours, after, between
from tickets.sla.holidays import HolidayList

OFFICE = ((time(9), time(12, 30)), (time(13, 30), time(18)))
NIGHT = ((time(1), time(5)),)
BERLIN = Hours(ZoneInfo("Europe/Berlin"), (OFFICE,) * 5 + ((), ()))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_between__over_a_weekend__counts_working_hours_only() -> None:
    # Friday 17:00 to Monday 10:00 in Berlin.
    assert between(BERLIN, at("2026-11-27T16:00Z"), at("2026-11-30T09:00Z")) == 2 * HOUR


def test_after__over_lunch_and_night__ends_within_hours() -> None:
    assert after(BERLIN, at("2026-11-26T11:00Z"), 6 * HOUR) == at("2026-11-27T09:00Z")
    assert after(BERLIN, at("2026-11-28T11:00Z"), NONE) == at("2026-11-28T11:00Z")


def test_after__the_end_of_an_interval__is_not_the_next_morning() -> None:
    assert after(BERLIN, at("2026-11-26T08:00Z"), timedelta(hours=8)) == at("2026-11-26T17:00Z")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 3), ("2026-10-25", 5), ("2026-06-15", 4)])
def test_between__a_night_of_the_clock_change__counts_what_passes(day: str, hours: int) -> None:
    nights = Hours(ZoneInfo("Europe/Berlin"), (NIGHT,) * 7)
    start = datetime.combine(date.fromisoformat(day), time(), UTC) - 3 * HOUR
    assert between(nights, start, start + 12 * HOUR) == hours * HOUR
    assert after(nights, start, hours * HOUR) == at(f"{day}T{4 if hours == 5 else 3:02}:00Z")


def test_between__a_date_that_does_not_exist__has_no_hours() -> None:
    # Samoa went to bed on the 29th of December 2011 and woke up on the 31st.
    apia = Hours(ZoneInfo("Pacific/Apia"), (((time(), None),),) * 7)
    assert between(apia, at("2011-12-29T12:00-10:00"), at("2011-12-31T12:00+14:00")) == 24 * HOUR


def test_between__leap_day__is_a_day() -> None:
    assert between(BERLIN, at("2028-02-28T23:30Z"), at("2028-02-29T23:00Z")) == 8 * HOUR


def test_of_date__holiday__is_closed_unless_the_date_has_hours_of_its_own() -> None:
    hours = Hours(ZoneInfo("Europe/Berlin"), (OFFICE,) * 7, {date(2026, 12, 26): NIGHT}, HolidayList("DE"))
    assert hours.of_date(date(2026, 12, 25)) == ()
    assert hours.of_date(date(2026, 12, 26)) == NIGHT
    assert hours.of_date(date(2026, 12, 27)) == OFFICE


def test_of_date__part_of_a_country__has_its_own_holidays() -> None:
    assert HolidayList("DE", "BY").has(date(2026, 1, 6))
    assert not HolidayList("DE", "BE").has(date(2026, 1, 6))


def test_after__never_open__is_never() -> None:
    assert after(Hours(ZoneInfo("UTC"), ((),) * 7), at("2026-01-01T00:00Z"), HOUR) is None


def test_between__the_end_before_the_start__is_nothing() -> None:
    assert between(ALWAYS, at("2026-01-02T00:00Z"), at("2026-01-01T00:00Z")) == NONE


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- zone given beside
    st.timedeltas(timedelta(microseconds=1), timedelta(days=20)),
    st.sampled_from(["Europe/Berlin", "America/Santiago", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_after__whatever_is_asked__is_what_between_measures(start: datetime, much: timedelta, zone: str) -> None:
    hours = Hours(ZoneInfo(zone), (OFFICE, NIGHT, OFFICE, (), OFFICE, NIGHT, ((time(22), None),)))
    due = after(hours, start, much)
    assert due is not None
    assert between(hours, start, due) == much
    # No moment before it would do.
    assert between(hours, start, due - timedelta(microseconds=1)) < much


def test_clock__generated_histories__agree_with_a_walk_minute_by_minute() -> None:
    # Seeded: the same few hundred each time. A hundred thousand are compared by hand (docs/sla.md).
    assert list(differences(Random(6), 1_500)) == []  # noqa: S311 -- histories, not secrets
    assert list(case_histories.differences(Random(6), 400)) == []  # noqa: S311 -- histories, not secrets
