"""Being on call: who is, standing in, swapping with the other's word."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import Staff
from core import clock
from core.models import AuditEntry
from tests.factories.escalation import schedule
from tickets.models import OnCallOverride
from tickets.selectors import on_call as shown
from tickets.services import errors, on_call

HOUR = timedelta(hours=1)


def span(begins: int = 1, hours: int = 2) -> tuple[datetime, datetime]:
    """Return a span that begins in so many hours."""
    starts = clock.now() + begins * HOUR
    return starts, starts + hours * HOUR


def test_who__on_a_rotation__is_whose_turn_it_is_through_a_change_of_the_clock(ada: Staff, ben: Staff) -> None:
    made = schedule(ada, ben, time_zone="Europe/Berlin")
    found = shown.schedule(made.pk)
    assert found is not None
    # Handed over at nine on the wall of Berlin, before and after the night of 29 March.
    for at, person in (
        (datetime(2026, 3, 28, 7, 59, tzinfo=UTC), ben),
        (datetime(2026, 3, 28, 8, tzinfo=UTC), ada),
        (datetime(2026, 3, 29, 6, 59, tzinfo=UTC), ada),
        (datetime(2026, 3, 29, 7, tzinfo=UTC), ben),
    ):
        assert shown.who(found, at) == person, at


def test_who__whoever_may_not_sign_in__has_no_turn(ada: Staff, ben: Staff) -> None:
    made = schedule(ada, ben)
    ada.is_active = False
    ada.save(update_fields=["is_active"])
    found = shown.schedule(made.pk)
    assert found is not None
    assert [shown.who(found, clock.now() + day * 24 * HOUR) for day in (0, 1)] == [ben, ben]


def test_stand_in__by_a_lead__holds_at_once(ada: Staff, ben: Staff, lead: Staff) -> None:
    made = schedule(ada)
    row = on_call.stand_in(schedule=made, staff=ben, span=span(), by=lead)
    assert row.state == "standing"
    assert shown.who(made, clock.now() + 2 * HOUR) == ben
    assert shown.who(made, clock.now()) == ada
    assert on_call.cancel(override=row, by=lead)
    assert not on_call.cancel(override=row, by=lead)
    assert shown.who(made, clock.now() + 2 * HOUR) == ada
    assert AuditEntry.objects.get(action="on_call.stand_in").actor_id == lead.public_id


def test_stand_in__asked_of_another__holds_once_they_agree(ada: Staff, ben: Staff) -> None:
    made = schedule(ada)
    with pytest.raises(errors.Refused):
        on_call.stand_in(schedule=made, staff=ada, span=span(), by=ben)
    row = on_call.stand_in(schedule=made, staff=ben, span=span(), by=ada)
    assert shown.who(made, clock.now() + 2 * HOUR) == ada
    with pytest.raises(on_call.NotAskedOfYou):
        on_call.answer(override=row, agrees=True, by=ada)
    on_call.answer(override=row, agrees=True, by=ben)
    assert shown.who(made, clock.now() + 2 * HOUR) == ben
    with pytest.raises(on_call.NotAskedOfYou):
        on_call.answer(override=row, agrees=False, by=ben)


def test_swap__agreed__changes_both_times_and_declined_none(ada: Staff, ben: Staff, lead: Staff) -> None:
    made = schedule(ada, ben, turn_days=1)
    found = shown.schedule(made.pk)
    assert found is not None
    turn = found.rotation().turn(clock.now() + 24 * HOUR)
    assert turn is not None
    after = found.rotation().turn(turn.ends_at)
    assert after is not None
    mine, theirs = (turn, after) if turn.person == ada.pk else (after, turn)
    spans = {"mine": (mine.starts_at, mine.ends_at), "theirs": (theirs.starts_at, theirs.ends_at)}
    with pytest.raises(on_call.NotOnSchedule):
        on_call.swap(schedule=made, other=lead, by=ada, **spans)
    declined = on_call.swap(schedule=made, other=ben, by=ada, **spans)
    on_call.answer(override=declined, agrees=False, by=ben)
    assert shown.who(found, mine.starts_at) == ada
    asked = on_call.swap(schedule=made, other=ben, by=ada, **spans)
    on_call.answer(override=asked, agrees=True, by=ben)
    assert (shown.who(found, mine.starts_at), shown.who(found, theirs.starts_at)) == (ben, ada)
    # One half alone does not fall.
    assert on_call.cancel(override=asked, by=ada)
    assert (shown.who(found, mine.starts_at), shown.who(found, theirs.starts_at)) == (ada, ben)


def test_answer__agreeing_and_declining_at_once__is_one_of_the_two(
    clone_db: str, race: Any, ada: Staff, ben: Staff
) -> None:
    made = schedule(ada, ben)
    row = on_call.swap(schedule=made, other=ben, mine=span(), theirs=span(30), by=ada)
    outcomes = race(*[partial(on_call.answer, override=row, agrees=agrees, by=ben) for agrees in (True, False)])
    assert sum(isinstance(one, on_call.NotAskedOfYou) for one in outcomes) == 1
    assert len(set(OnCallOverride.objects.values_list("state", flat=True))) == 1


@pytest.mark.parametrize(("begins", "hours"), [(1, 0), (2, -1), (1, 24 * 32), (-5, 2)])
def test_stand_in__for_no_time_too_long_or_past__is_refused(ada: Staff, lead: Staff, begins: int, hours: int) -> None:
    with pytest.raises(on_call.SpanNotPossible):
        on_call.stand_in(schedule=schedule(ada), staff=ada, span=span(begins, hours), by=lead)


def test_page__of_two_weeks__shows_every_handover(ada: Staff, ben: Staff, lead: Staff) -> None:
    schedule(ada, ben, turn_days=1)
    (one,) = shown.page(lead)["schedules"]
    assert (len(one.turns), one.turns[0].is_now, one.now) == (15, True, one.turns[0].name)
    assert {turn.name for turn in one.turns} == {"Ada", "Ben"}
