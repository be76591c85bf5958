"""What happens to a case, and what that does to its clocks."""

from datetime import UTC, datetime, timedelta

import pytest

from tickets.sla.business_time import ALWAYS
from tickets.sla.case_clocks import CaseClocks, Terms
from tickets.sla.vocabulary import Metric, Reopening

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ALL: dict[str, timedelta] = {
    Metric.FIRST_RESPONSE: 30 * MINUTE,
    Metric.NEXT_RESPONSE: 60 * MINUTE,
    Metric.RESOLUTION: 480 * MINUTE,
    Metric.UPDATE_EVERY: 120 * MINUTE,
}
FIRST, NEXT, RESOLUTION, UPDATE = Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION, Metric.UPDATE_EVERY


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def case(*, reopening: str = Reopening.CONTINUE, status: str = "new", is_asked: bool = True) -> CaseClocks:
    clocks = CaseClocks(Terms(ALL, ALWAYS, reopening=reopening))
    clocks.opened(at(0), status=status, is_asked=is_asked)
    return clocks


def metrics(clocks: CaseClocks) -> list[str]:
    return sorted(clock.metric for clock in clocks.open())


def test_opened__by_the_customer__waits_for_a_first_response_and_a_resolution() -> None:
    assert metrics(case()) == [FIRST, RESOLUTION]


def test_opened__by_us__owes_updates_but_no_response() -> None:
    assert metrics(case(is_asked=False, status="open")) == [RESOLUTION, UPDATE]


def test_answered__in_time__meets_the_response_and_promises_the_next_update() -> None:
    clocks = case()
    first = clocks.find(FIRST)
    clocks.answered(at(20), status="open", seq=2)
    assert first is not None
    assert (first.met_at, first.used, first.breached_at) == (at(20), 20 * MINUTE, None)
    assert metrics(clocks) == [RESOLUTION, UPDATE]


def test_answered__late__is_met_and_missed_at_the_moment_it_was_due() -> None:
    clocks = case()
    first = clocks.find(FIRST)
    clocks.answered(at(45), status="open", seq=2)
    assert first is not None
    assert (first.met_at, first.breached_at, first.warned_at) == (at(45), at(30), START + 22.5 * MINUTE)


def test_asked__twice__waits_since_the_first_time() -> None:
    clocks = case()
    clocks.answered(at(10), status="open", seq=2)
    clocks.asked(at(20), status="open")
    clocks.asked(at(50), status="open")
    waiting = clocks.find(NEXT)
    assert waiting is not None
    assert waiting.due_at == at(80)


def test_moved__waiting_for_the_customer__moves_the_deadline_by_the_pause() -> None:
    clocks = case()
    clocks.answered(at(10), status="open", seq=2)
    clocks.moved(at(60), before="open", to="pending")
    assert clocks.next_due() is None
    clocks.asked(at(300), status="pending")
    clocks.moved(at(300), before="pending", to="open")
    resolution, update = clocks.find(RESOLUTION), clocks.find(UPDATE)
    assert resolution is not None
    assert update is not None
    assert resolution.due_at == at(480 + 240)
    assert update.due_at == at(130 + 240)


def test_moved__resolved__meets_the_resolution_and_ends_what_nobody_waits_for() -> None:
    clocks = case()
    first, resolution = clocks.find(FIRST), clocks.find(RESOLUTION)
    clocks.moved(at(20), before="new", to="resolved")
    assert first is not None
    assert resolution is not None
    assert (first.met_at, first.ended_at) == (None, at(20))
    assert resolution.met_at == at(20)
    assert clocks.open() == []


@pytest.mark.parametrize(
    ("rule", "due"),
    [(Reopening.CONTINUE, at(480 + 80)), (Reopening.ANEW, at(480 + 100)), (Reopening.LEAVE, None)],
)
def test_moved__reopened__follows_the_rule(rule: str, due: datetime | None) -> None:
    clocks = case(reopening=rule)
    clocks.moved(at(20), before="new", to="resolved")
    clocks.moved(at(100), before="resolved", to="open")
    resolution = clocks.find(RESOLUTION)
    assert (resolution.due_at if resolution else None) == due


def test_answered__updates_in_time__are_rounds_of_one_clock() -> None:
    clocks = case()
    for minute in (10, 100, 200):
        clocks.answered(at(minute), status="open", seq=minute)
    update = clocks.find(UPDATE)
    assert update is not None
    assert (update.rounds, update.due_at) == (2, at(320))


def test_answered__an_update_too_late__stays_missed_beside_the_next_round() -> None:
    clocks = case()
    clocks.answered(at(10), status="open", seq=2)
    late = clocks.find(UPDATE)
    clocks.answered(at(200), status="open", seq=3)
    new = clocks.find(UPDATE)
    assert late is not None
    assert new is not None
    assert (late.breached_at, late.met_at, new.due_at) == (at(130), at(200), at(320))


def test_taken_back__an_answer__leaves_the_clocks_as_if_it_had_not_been_sent() -> None:
    clocks = case()
    clocks.answered(at(10), status="open", seq=2)
    clocks.answered(at(20), status="open", seq=3)
    clocks.taken_back(at(21), status="open", seq=3)
    update = clocks.find(UPDATE)
    assert update is not None
    assert (update.due_at, update.rounds) == (at(130), 0)
    clocks = case()
    clocks.answered(at(10), status="open", seq=2)
    clocks.taken_back(at(11), status="open", seq=2)
    first = clocks.find(FIRST)
    assert first is not None
    assert first.due_at == at(30)
    assert metrics(clocks) == [FIRST, RESOLUTION]


def test_retermed__a_shorter_target__counts_what_was_used() -> None:
    clocks = case()
    urgent = Terms({FIRST: 15 * MINUTE, RESOLUTION: 60 * MINUTE}, ALWAYS)
    clocks.retermed(at(20), urgent, status="new")
    first, resolution = clocks.find(FIRST), clocks.find(RESOLUTION)
    assert first is not None
    assert resolution is not None
    # It is missed the moment the shorter promise is made, and not before.
    assert (first.due_at, resolution.due_at) == (at(20), at(60))


def test_retermed__no_policy_any_more__ends_every_clock_without_judgement() -> None:
    clocks = case()
    clocks.retermed(at(5), None, status="new")
    assert clocks.open() == []
    assert all(clock.ended_at == at(5) and clock.breached_at is None for clock in clocks.clocks)


def test_notice__a_clock_that_was_set_back__misses_nothing() -> None:
    clocks = case()
    clocks.moved(at(-30), before="new", to="pending")
    clocks.moved(at(0), before="pending", to="open")
    first = clocks.find(FIRST)
    assert first is not None
    assert (first.used, first.due_at) == (timedelta(), at(30))


def test_moved__reopened_into_a_pause__misses_nothing_before_time_counts_again() -> None:
    clocks = case()
    clocks.moved(at(300), before="open", to="pending")
    # Less than was used is promised now: that is missed once time counts, and not while it is paused.
    clocks.retermed(at(310), Terms({RESOLUTION: 240 * MINUTE}, ALWAYS), status="pending")
    clocks.moved(at(320), before="pending", to="resolved")
    clocks.moved(at(330), before="resolved", to="pending")
    resolution = clocks.find(RESOLUTION)
    assert resolution is not None
    assert (resolution.breached_at, resolution.is_running) == (None, False)
    clocks.moved(at(400), before="pending", to="open")
    assert resolution.due_at == at(400)
