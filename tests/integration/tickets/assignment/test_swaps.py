"""Swaps of shifts: offered, accepted, approved by a third; then they change hands at once, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Absence, Shift, ShiftSwap, Staff
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory
from tickets.services import errors, shifts, swaps
from tickets.services.shifts import AwayThen, ShiftOverlaps
from tickets.services.swaps import NotToBeSwapped, OwnSwap, SwapIsOver, SwapStands

PAGE = "desk:shifts"


@pytest.fixture
def ben(_any_database: None) -> Staff:
    person: Staff = StaffFactory.create(email="ben@cast.test", name="Ben", role="agent")
    return person


def ahead(person: Staff, *, days: int = 1, hours: int = 0) -> Shift:
    """Plan eight hours, so many days ahead."""
    starts = now() + timedelta(days=days, hours=hours)
    return Shift.objects.create(staff=person, starts_at=starts, ends_at=starts + timedelta(hours=8), time_zone="UTC")


def accepted(shift: Shift, to: Staff, wanted: Shift | None = None) -> ShiftSwap:
    swap = swaps.offer(shift=shift, to=to, by=shift.staff, wanted=wanted)
    swaps.answer(swap=swap, is_accepted=True, by=to)
    return swap


def of(person: Staff) -> list[tuple[Any, Any]]:
    return list(Shift.objects.standing().filter(staff=person).order_by("starts_at").values_list("starts_at", "ends_at"))


def test_swap__in_exchange__changes_hands_once_a_lead_has_approved(
    client: Client, agent: Staff, ben: Staff, lead: Staff
) -> None:
    mine, theirs = ahead(agent), ahead(ben, days=2)
    path = reverse("desk:swap_offer", args=[mine.public_id])
    assert signed_in(client, agent).post(path, {"to": f"shift:{theirs.public_id}"}).status_code == 302
    swap = ShiftSwap.objects.get()
    assert (swap.by, swap.to, swap.wanted) == (agent, ben, theirs)
    assert "Accept the shift of Ada Agent" not in client.get(reverse(PAGE)).content.decode()
    assert "Accept the shift of Ada Agent" in signed_in(client, ben).get(reverse(PAGE)).content.decode()
    answer = reverse("desk:swap_answer", args=[swap.public_id])
    assert client.post(answer, {"answer": "perhaps"}).status_code == 400
    assert client.post(answer, {"answer": "accept"}).status_code == 302
    decide = reverse("desk:swap_decide", args=[swap.public_id])
    assert client.post(decide, {"decision": "approve"}).status_code == 403
    assert of(agent) == [(mine.starts_at, mine.ends_at)]
    assert "Approve the swap of Ada Agent and Ben" in signed_in(client, lead).get(reverse(PAGE)).content.decode()
    assert client.post(decide, {"decision": "approve"}).status_code == 302
    assert of(agent) == [(theirs.starts_at, theirs.ends_at)]
    assert of(ben) == [(mine.starts_at, mine.ends_at)]
    steps = AuditEntry.objects.filter(object_kind="shiftswap").order_by("pk").values_list("action", "actor_id")
    assert list(steps) == [
        ("shiftswap.offered", agent.public_id),
        ("shiftswap.accepted", ben.public_id),
        ("shiftswap.approved", lead.public_id),
    ]
    assert "Approved" in signed_in(client, ben).get(reverse(PAGE)).content.decode()


def test_offer__what_is_not_ones_own_has_begun_or_goes_to_nobody_who_answers__is_refused(
    agent: Staff, ben: Staff, auditor: Staff
) -> None:
    mine, theirs, begun = ahead(agent), ahead(ben), ahead(agent, days=0, hours=-9)
    wishes: tuple[dict[str, Any], ...] = (
        {"shift": theirs, "to": ben},
        {"shift": mine, "to": agent},
        {"shift": mine, "to": auditor},
        {"shift": begun, "to": ben},
        {"shift": mine, "to": ben, "wanted": begun},
    )
    for wish in wishes:
        with pytest.raises(NotToBeSwapped):
            swaps.offer(by=agent, **wish)
    swaps.offer(shift=mine, to=ben, by=agent)
    with pytest.raises(SwapStands):
        swaps.offer(shift=theirs, to=agent, by=ben, wanted=mine)
    with pytest.raises(IntegrityError, match="offered_once"), transaction.atomic():
        ShiftSwap.objects.create(offered=mine, by=agent, to=ben)


@pytest.mark.parametrize("step", ["refused by the colleague", "withdrawn", "refused by a lead"])
def test_swap__refused_or_withdrawn__leaves_the_shifts_and_may_be_offered_again(
    agent: Staff, ben: Staff, lead: Staff, step: str
) -> None:
    mine = ahead(agent)
    swap = swaps.offer(shift=mine, to=ben, by=agent)
    if step == "refused by the colleague":
        swaps.answer(swap=swap, is_accepted=False, by=ben)
    elif step == "withdrawn":
        swaps.withdraw(swap=swap, by=agent)
    else:
        swaps.answer(swap=swap, is_accepted=True, by=ben)
        swaps.decide(swap=swap, is_approved=False, by=lead)
    for late in (
        partial(swaps.answer, swap=swap, is_accepted=True, by=ben),
        partial(swaps.withdraw, swap=swap, by=agent),
        partial(swaps.decide, swap=swap, is_approved=True, by=lead),
    ):
        with pytest.raises(SwapIsOver):
            late()
    assert of(agent) == [(mine.starts_at, mine.ends_at)]
    swaps.offer(shift=mine, to=ben, by=agent)


def test_swap__by_somebody_else__is_refused(agent: Staff, ben: Staff, lead: Staff) -> None:
    swap = swaps.offer(shift=ahead(agent), to=ben, by=agent)
    for wrong in (
        partial(swaps.answer, swap=swap, is_accepted=True, by=agent),
        partial(swaps.withdraw, swap=swap, by=ben),
        partial(swaps.decide, swap=swap, is_approved=True, by=ben),
    ):
        with pytest.raises(errors.Refused):
            wrong()
    own = accepted(ahead(lead), ben)
    with pytest.raises(OwnSwap):
        swaps.decide(swap=own, is_approved=True, by=lead)
    with pytest.raises(IntegrityError, match="by_a_third"), transaction.atomic():
        ShiftSwap.objects.filter(pk=own.pk).update(state="approved", decided_by=lead)


@pytest.mark.parametrize("why", ["another shift", "an absence"])
def test_decide__by_the_rules_for_planning_not_theirs_to_have__waits_on(
    agent: Staff, ben: Staff, lead: Staff, why: str
) -> None:
    mine = ahead(agent)
    swap = accepted(mine, ben)
    refusal: type[errors.Refused]
    if why == "another shift":
        in_the_way, refusal = ahead(ben, hours=2), ShiftOverlaps
        clear: Callable[[], object] = partial(shifts.cancel, shift=in_the_way, by=lead)
    else:
        away = Absence.objects.create(
            staff=ben, kind="sick", state="granted", starts_at=mine.starts_at, ends_at=mine.ends_at, time_zone="UTC",
            decided_by=lead, decided_at=now(),
        )  # fmt: skip
        refusal, clear = AwayThen, partial(Absence.objects.filter(pk=away.pk).update, state="withdrawn")
    with pytest.raises(refusal):
        swaps.decide(swap=swap, is_approved=True, by=lead)
    assert of(agent) == [(mine.starts_at, mine.ends_at)]
    swap.refresh_from_db()
    assert swap.state == "accepted"
    clear()
    swaps.decide(swap=swap, is_approved=True, by=lead)
    assert of(ben) == [(mine.starts_at, mine.ends_at)]


@pytest.mark.parametrize("why", ["began", "cancelled"])
def test_swap__of_a_shift_that_began_or_was_cancelled__is_over_by_itself(
    client: Client, agent: Staff, ben: Staff, lead: Staff, move_time: Any, why: str
) -> None:
    mine, theirs = ahead(agent), ahead(ben, days=2)
    swap = accepted(mine, ben, theirs)
    if why == "began":
        move_time(timedelta(days=1, minutes=1))
    else:
        shifts.cancel(shift=theirs, by=lead)
    with pytest.raises(SwapIsOver):
        swaps.decide(swap=swap, is_approved=True, by=lead)
    page = signed_in(client, lead).get(reverse(PAGE)).content.decode()
    assert "Over: a shift has begun or was cancelled" in page
    assert "Approve the swap" not in page


def test_decide__eight_at_once__changes_hands_once(
    clone_db: str, race: Any, agent: Staff, ben: Staff, lead: Staff
) -> None:
    mine, theirs = ahead(agent), ahead(ben, hours=2)
    swap = accepted(mine, ben, theirs)
    outcomes = race(*[partial(swaps.decide, swap=swap, is_approved=True, by=lead)] * 8)
    assert sum(isinstance(one, SwapIsOver) for one in outcomes) == 7
    assert of(agent) == [(theirs.starts_at, theirs.ends_at)]
    assert of(ben) == [(mine.starts_at, mine.ends_at)]
