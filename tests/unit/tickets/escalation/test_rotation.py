"""Who is on call: by the wall clock, through every change of it, with those who stand in."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tickets.escalation.quiet import Quiet, held_until
from tickets.escalation.rotation import Rotation, StandIn, Turn, on_call, turns
from tickets.escalation.steps import Marks, Step, due

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def rotation(
    zone: str = "Europe/Berlin", days: int = 1, at: time = time(9), begins: date = date(2026, 1, 1)
) -> Rotation:
    return Rotation((1, 2, 3), begins, at, days, ZoneInfo(zone))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_turn__before_the_first_and_with_nobody__is_nobodys() -> None:
    assert rotation().turn(utc(2026, 1, 1, 7, 59)) is None
    assert rotation().turn(utc(2026, 1, 1, 8)) == Turn(1, utc(2026, 1, 1, 8), utc(2026, 1, 2, 8))
    assert Rotation((), date(2026, 1, 1), time(9), 1, BERLIN).turn(NOON) is None


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        # The night of 29 March the clock goes on, that of 25 October it goes back: nine stays nine.
        (utc(2026, 3, 28, 8), utc(2026, 3, 29, 7), 23),
        (utc(2026, 10, 24, 7), utc(2026, 10, 25, 8), 25),
        (utc(2026, 6, 1, 7), utc(2026, 6, 2, 7), 24),
    ],
    ids=["on", "back", "neither"],
)
def test_turn__through_a_change_of_the_clock__is_handed_over_at_nine_on_the_wall(
    begins: datetime, ends: datetime, hours: int
) -> None:
    found = rotation().turn(begins)
    assert found is not None
    assert (found.starts_at, found.ends_at, found.ends_at - found.starts_at) == (begins, ends, hours * HOUR)
    assert [one.astimezone(BERLIN).time() for one in (found.starts_at, found.ends_at)] == [time(9)] * 2
    before = rotation().turn(begins - timedelta(microseconds=1))
    assert before is not None
    assert (before.ends_at, before.person != found.person) == (begins, True)


def test_handover__that_the_clock_skips_or_shows_twice__is_one_moment() -> None:
    skipped = rotation(at=time(2, 30), begins=date(2026, 3, 29))
    assert skipped.handover(0) == utc(2026, 3, 29, 1, 30)
    twice = rotation(at=time(2, 30), begins=date(2026, 10, 25))
    assert twice.handover(0) == utc(2026, 10, 25, 0, 30)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Singapore", "Africa/Casablanca"]
)
@pytest.mark.parametrize("days", [1, 7])
def test_turn__hour_by_hour_for_a_year__agrees_with_counting_handovers(zone: str, days: int) -> None:
    plan = rotation(zone, days, time(2, 30))
    # The slow and obviously right way: walk on, and hand over whenever the moment of one has come.
    number, moment = 0, plan.handover(0)
    while moment < plan.handover(0) + timedelta(days=366):
        while plan.handover(number + 1) <= moment:
            number += 1
        found = plan.turn(moment)
        assert found is not None
        assert found == plan.turn_of(number)
        moment += HOUR


def test_on_call__with_stand_ins__is_whoever_agreed_last() -> None:
    span = (NOON, NOON + 4 * HOUR)
    first, second = StandIn(7, *span), StandIn(8, NOON + HOUR, NOON + 2 * HOUR)
    seen = [on_call(rotation(), [first, second], NOON + hour * HOUR) for hour in (-1, 0, 1, 2, 3, 4)]
    planned = on_call(rotation(), [], NOON)
    assert seen == [planned, 7, 8, 7, 7, planned]


def test_turns__of_two_weeks__leave_no_time_out_and_agree_with_each_moment() -> None:
    stand_ins = [StandIn(7, NOON + HOUR, NOON + 30 * HOUR), StandIn(2, NOON + 100 * HOUR, NOON + 101 * HOUR)]
    start, end = NOON, NOON + timedelta(days=14)
    found = turns(rotation(), stand_ins, start, end)
    assert (found[0].starts_at, found[-1].ends_at) == (start, end)
    assert all(one.ends_at == after.starts_at for one, after in pairwise(found))
    moment = start
    while moment < end:
        shown = next(one for one in found if one.starts_at <= moment < one.ends_at)
        assert shown.person == on_call(rotation(), stand_ins, moment)
        moment += HOUR / 2


def test_quiet__past_midnight_and_through_a_change__ends_on_the_wall() -> None:
    night = Quiet(time(22), time(7), BERLIN)
    assert night.until(utc(2026, 3, 28, 20, 59)) is None
    assert night.until(utc(2026, 3, 28, 21)) == utc(2026, 3, 29, 5)
    assert night.until(utc(2026, 3, 29, 4, 59)) == utc(2026, 3, 29, 5)
    assert night.until(utc(2026, 3, 29, 5)) is None
    assert Quiet(time(12), time(13), BERLIN).until(utc(2026, 6, 1, 10, 30)) == utc(2026, 6, 1, 11)


def test_held_until__several_quiet_hours__is_past_all_of_them() -> None:
    night, lunch = Quiet(time(22), time(12), BERLIN), Quiet(time(12), time(13), BERLIN)
    assert held_until(utc(2026, 6, 1, 22), [night, lunch]) == utc(2026, 6, 2, 11)
    assert held_until(utc(2026, 6, 1, 15), [night, lunch]) == utc(2026, 6, 1, 15)
    # Quiet at all times: nobody would ever be told.
    whole = Quiet(time(9), time(9), BERLIN)
    assert held_until(NOON, [whole]) == NOON


def test_due__of_steps__counts_from_what_has_come_about() -> None:
    warned, breached, told = NOON, NOON + HOUR, NOON + 2 * HOUR
    marks = Marks(warned, None)
    assert due(Step("page", "warned", 5), marks) == warned + timedelta(minutes=5)
    assert due(Step("page", "breached", 5), marks) is None
    assert due(Step("page", "breached", 5), Marks(warned, breached)) == breached + timedelta(minutes=5)
    assert due(Step("page", "previous", 5), Marks(warned, breached, told)) == told + timedelta(minutes=5)
    # Missed without a warning: what counts from it counts from the breach.
    assert due(Step("page", "warned", 5), Marks(None, breached)) == breached + timedelta(minutes=5)
    assert Step.of(Step("page", "warned", 5, staff=3).kept()) == Step("page", "warned", 5, staff=3)
