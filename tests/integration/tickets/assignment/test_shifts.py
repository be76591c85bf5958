"""Shifts: planned once at a time on the wall clock of their person; who is on, when nobody is, and what was left."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Presence, Shift, Staff, Team
from core.clock import from_now, now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tickets.models import Decision, Ticket
from tickets.selectors import shifts as shown
from tickets.services import assignment, errors, handing_on, shifts
from tickets.services.shifts import NotYourShift, ShiftOverlaps, ShiftTooLong

DAY, NINE, FIVE = date(2026, 3, 2), time(9), time(17)


def on_shift(person: Staff, *, hours: int = 4) -> Shift:
    """Begin a shift an hour ago."""
    return Shift.objects.create(
        staff=person,
        starts_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=hours - 1),
        time_zone="UTC",
    )


@pytest.mark.parametrize(
    ("zone", "day", "starts", "ends", "begins", "hours"),
    [
        ("UTC", DAY, NINE, FIVE, datetime(2026, 3, 2, 9, tzinfo=UTC), 8),
        ("Asia/Singapore", DAY, NINE, FIVE, datetime(2026, 3, 2, 1, tzinfo=UTC), 8),
        ("Europe/Berlin", date(2026, 3, 28), time(22), time(6), datetime(2026, 3, 28, 21, tzinfo=UTC), 7),
        ("Europe/Berlin", date(2026, 10, 24), time(22), time(6), datetime(2026, 10, 24, 20, tzinfo=UTC), 9),
    ],
    ids=["utc", "elsewhere", "a night in which the clock goes on", "a night in which it goes back"],
)
def test_plan__by_the_wall_clock_of_the_person__is_exact_in_instants(
    agent: Staff, lead: Staff, zone: str, day: date, starts: time, ends: time, begins: datetime, hours: int
) -> None:
    agent.time_zone = zone
    agent.save(update_fields=["time_zone"])
    shift = shifts.plan(staff=agent, day=day, starts=starts, ends=ends, by=lead)
    shift.refresh_from_db()
    assert (shift.starts_at, shift.ends_at - shift.starts_at) == (begins, timedelta(hours=hours))
    assert AuditEntry.objects.get(action="shift.planned").actor_id == lead.public_id


def test_plan__too_long_overlapping_or_by_somebody_else__is_refused(agent: Staff, lead: Staff, auditor: Staff) -> None:
    first = shifts.plan(staff=agent, day=DAY, starts=NINE, ends=FIVE, by=lead)
    for refusal, more in (
        (ShiftTooLong, {"day": date(2026, 3, 5), "starts": time(6), "ends": time(23)}),
        (ShiftOverlaps, {"starts": time(16)}),
        (errors.Refused, {"day": date(2026, 3, 6), "by": agent}),
        (errors.Refused, {"day": date(2026, 3, 6), "staff": auditor}),
    ):
        wish: dict[str, Any] = {"staff": agent, "day": DAY, "starts": NINE, "ends": FIVE, "by": lead} | more
        with pytest.raises(refusal):
            shifts.plan(**wish)
    with pytest.raises(IntegrityError, match="has a shift at that time"), transaction.atomic():
        Shift.objects.create(staff=agent, starts_at=first.starts_at, ends_at=first.ends_at, time_zone="UTC")
    assert shifts.cancel(shift=first, by=lead)
    assert not shifts.cancel(shift=first, by=lead)
    shifts.plan(staff=agent, day=DAY, starts=time(16), ends=time(20), by=lead)


def test_plan__eight_at_once_for_one_person__is_one_shift(
    clone_db: str, race: Any, at_work: AtWork, lead: Staff
) -> None:
    ada = at_work("Ada")
    outcomes = race(*[partial(shifts.plan, staff=ada, day=DAY, starts=NINE, ends=FIVE, by=lead)] * 8)
    assert Shift.objects.count() == 1
    assert sum(isinstance(one, ShiftOverlaps) for one in outcomes) == 7


def test_note__by_its_person__is_masked_and_shown_to_the_next(client: Client, agent: Staff, lead: Staff) -> None:
    shift = on_shift(agent)
    with pytest.raises(NotYourShift):
        shifts.note(shift=shift, text="Mine?", by=lead)
    signed_in(client, agent)
    said = {"note": "Tron is slow. Card 4111 1111 1111 1111 came up."}
    assert client.post(reverse("desk:shift_note", args=[shift.public_id]), said).status_code == 302
    page = signed_in(client, lead).get(reverse("desk:shifts")).content.decode()
    assert "Tron is slow." in page
    assert "4111 1111" not in page


def test_gaps__of_a_day__are_what_no_span_covers() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    at = [start + timedelta(hours=hour) for hour in range(25)]
    within = (at[0], at[24])
    assert shown.gaps([], within) == [within]
    assert shown.gaps([(at[0], at[24])], within) == []
    assert shown.gaps([(at[8], at[16]), (at[6], at[10]), (at[20], at[24])], within) == [
        (at[0], at[6]),
        (at[16], at[20]),
    ]
    # The slow and obviously right way: hour by hour.
    for spans in ([(2, 5), (4, 9), (9, 12)], [(0, 1), (23, 24)], [(5, 6), (5, 8), (1, 2)]):
        covered = {hour for first, last in spans for hour in range(first, last)}
        open_ = {hour for first, last in shown.gaps([(at[a], at[b]) for a, b in spans], within) for hour in range(
            int((first - start).total_seconds() // 3600), int((last - start).total_seconds() // 3600))}  # fmt: skip
        assert open_ == set(range(24)) - covered


def test_page__of_a_week__names_who_is_on_and_when_nobody_is(client: Client, at_work: AtWork, lead: Staff) -> None:
    on_shift(at_work("Ada", languages=["en"]))
    signed_in(client, lead)
    page = client.get(reverse("desk:shifts")).content.decode()
    assert "On now: Ada" in page
    assert "Nobody is planned:" in page
    assert client.get(reverse("desk:shifts"), {"week": "2026-03-04"}).status_code == 200
    for week in ("soon", "9999-12-31", "0001-01-01"):
        assert client.get(reverse("desk:shifts"), {"week": week}).status_code == 400


def test_doors__of_planning__are_the_leads_alone(client: Client, agent: Staff, lead: Staff) -> None:
    data = {"staff": agent.public_id, "day": "2030-01-07", "starts": "09:00", "ends": "17:00"}
    assert signed_in(client, agent).post(reverse("desk:shift_plan"), data).status_code == 403
    assert signed_in(client, lead).post(reverse("desk:shift_plan"), data).status_code == 302
    for wrong in ({}, data | {"day": "9999-12-31", "ends": "08:00"}):
        assert client.post(reverse("desk:shift_plan"), wrong).status_code == 302
    shift = Shift.objects.get()
    path = reverse("desk:shift_cancel", args=[shift.public_id])
    assert signed_in(client, agent).post(path).status_code == 403
    assert signed_in(client, lead).post(path).status_code == 302
    assert not Shift.objects.standing().exists()
    assert client.post(path).status_code == 404


def test_assign_waiting__team_that_gives_to_whose_shift_goes_on__passes_over_others(
    team: Team, at_work: AtWork, waits: Waits
) -> None:
    Team.objects.update(only_on_shift=True)
    ada, ben = at_work("Ada"), at_work("Ben")
    waits()
    assert assignment.assign_waiting() == 0
    on_shift(ben)
    assert assignment.assign_waiting() == 1
    codes = {one["staff"]: one["why"] for one in Decision.objects.get().candidates}
    assert codes == {ada.public_id: "off_shift", ben.public_id: "chosen"}


def test_give_back__end_of_a_shift__returns_what_nobody_answered(
    team: Team, at_work: AtWork, waits: Waits, move_time: Any
) -> None:
    Team.objects.update(only_on_shift=True, gives_back=True)
    on_shift(at_work("Ada"), hours=2)
    ticket = waits()
    assignment.assign_waiting()
    move_time(timedelta(minutes=59))
    assert handing_on.give_back() == 0
    move_time(timedelta(minutes=4))
    Presence.objects.update(seen_at=from_now(timedelta(0)), active_at=from_now(timedelta(0)))
    assert handing_on.give_back() == 1
    assert handing_on.give_back() == 0
    assert Ticket.objects.get(pk=ticket.pk).assignee is None
    assert assignment.assign_waiting() == 0
