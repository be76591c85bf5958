"""Absences: asked for, granted or entered; once at a time; whoever is away is on no shift and is given nothing."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Absence, Presence, Shift, Staff, Team
from core.clock import now
from core.models import AuditEntry
from livechat.services import presence
from tests.cast import signed_in
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tests.integration.tickets.assignment.test_shifts import on_shift
from tickets.models import Decision, Ticket
from tickets.selectors import shifts as shown
from tickets.services import absences, assignment, errors, handing_on, shifts
from tickets.services.absences import AbsenceIsOver, AbsenceOverlaps, AbsenceTooLong, Away
from tickets.services.shifts import AwayThen

WEEK = Away(kind="holiday", first=date(2030, 3, 4), last=date(2030, 3, 8))


def absent(person: Staff, by: Staff, *, hours: int = 4, begins: timedelta = -timedelta(hours=1)) -> Absence:
    """Let an absence that holds begin so long from now, or an hour ago."""
    starts_at = now() + begins
    return Absence.objects.create(
        staff=person, kind="sick", state="granted", starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours),
        time_zone="UTC", decided_by=by, decided_at=starts_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("away", "begins", "hours"),
    [
        (WEEK, datetime(2030, 3, 3, 23, tzinfo=UTC), 5 * 24),
        (Away(kind="sick", first=date(2030, 3, 31), last=date(2030, 3, 31)), datetime(2030, 3, 30, 23, tzinfo=UTC), 23),
        (
            Away(kind="other", first=date(2030, 3, 4), last=date(2030, 3, 4), starts=time(13), ends=time(15)),
            datetime(2030, 3, 4, 12, tzinfo=UTC),
            2,
        ),
    ],
    ids=["a week", "the day on which the clock goes on", "two hours"],
)
def test_enter__by_the_wall_clock_of_the_person__is_exact_in_instants(
    agent: Staff, lead: Staff, away: Away, begins: datetime, hours: int
) -> None:
    Staff.objects.filter(pk=agent.pk).update(time_zone="Europe/Berlin")
    agent.refresh_from_db()
    row = absences.enter(staff=agent, away=away, by=lead)
    row.refresh_from_db()
    assert (row.starts_at, row.ends_at - row.starts_at, row.state) == (begins, timedelta(hours=hours), "granted")
    entry = AuditEntry.objects.get(action="absence.granted")
    assert (entry.actor_id, entry.detail) == (lead.public_id, {"staff": agent.public_id})


def test_request__granted_by_a_lead__holds_and_its_kind_is_for_the_person_and_leads(
    client: Client, agent: Staff, lead: Staff, vendor: Staff
) -> None:
    data = {"kind": "sick", "first": "2030-03-04", "last": "2030-03-08", "starts": "", "ends": ""}
    assert signed_in(client, agent).post(reverse("desk:absence_new"), data).status_code == 302
    row = Absence.objects.get()
    assert (row.staff, row.state) == (agent, "requested")
    page = reverse("desk:shifts")
    assert "Requested" in client.get(page).content.decode()
    # Nobody else sees what was only asked for, and nobody but a lead decides.
    assert "Ada Agent" not in signed_in(client, vendor).get(page).content.decode()
    path = reverse("desk:absence_decide", args=[row.public_id])
    assert client.post(path, {"decision": "grant"}).status_code == 403
    assert signed_in(client, lead).post(path, {"decision": "perhaps"}).status_code == 400
    assert client.post(path, {"decision": "grant"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("granted", lead)
    assert "· Sick" in client.get(page).content.decode()
    seen = signed_in(client, vendor).get(page).content.decode()
    assert "Ada Agent" in seen
    assert "· Sick" not in seen
    with pytest.raises(AbsenceIsOver):
        absences.decide(absence=row, is_granted=False, by=lead)
    # For somebody else only leads ask.
    assert client.post(reverse("desk:absence_new"), {**data, "staff": lead.public_id}).status_code == 403
    assert client.post(reverse("desk:absence_withdraw", args=[row.public_id])).status_code == 403


def test_request__overlapping_too_long_or_of_nobody_who_answers__is_refused(
    agent: Staff, lead: Staff, auditor: Staff
) -> None:
    first = absences.request(away=WEEK, by=agent)
    with pytest.raises(AbsenceOverlaps):
        absences.enter(staff=agent, away=WEEK, by=lead)
    with pytest.raises(AbsenceTooLong):
        absences.request(away=Away(kind="other", first=date(2031, 1, 2), last=date(2031, 1, 1)), by=agent)
    with pytest.raises(AbsenceTooLong):
        absences.request(away=Away(kind="other", first=date(2031, 1, 1), last=date(2032, 1, 2)), by=agent)
    for wrong in (
        partial(absences.request, away=WEEK, by=auditor),
        partial(absences.enter, staff=lead, away=WEEK, by=agent),
    ):
        with pytest.raises(errors.Refused):
            wrong()
    with pytest.raises(IntegrityError, match="once_at_a_time"), transaction.atomic():
        Absence.objects.create(
            staff=agent, kind="sick", starts_at=first.starts_at, ends_at=first.ends_at, time_zone="UTC"
        )
    # What was refused or withdrawn is in nobody's way, nor is what begins when another ends.
    absences.decide(absence=first, is_granted=False, by=lead)
    absences.withdraw(absence=absences.request(away=WEEK, by=agent), by=agent)
    absences.request(away=WEEK, by=agent)
    absences.request(away=Away(kind="holiday", first=date(2030, 3, 9), last=date(2030, 3, 9)), by=agent)
    with pytest.raises(AbsenceIsOver):
        absences.withdraw(absence=first, by=agent)


def test_request__eight_at_once__is_one_absence(clone_db: str, race: Any, at_work: AtWork) -> None:
    ada = at_work("Ada")
    outcomes = race(*[partial(absences.request, away=WEEK, by=ada)] * 8)
    assert Absence.objects.count() == 1
    assert sum(isinstance(one, AbsenceOverlaps) for one in outcomes) == 7


def test_assign_waiting__absent_though_online__is_passed_over_until_they_are_back(
    at_work: AtWork, waits: Waits, lead: Staff
) -> None:
    ada = at_work("Ada")
    row = absent(ada, lead)
    waits()
    assert assignment.assign_waiting() == 0
    assert not Presence.objects.reachable().exists()
    ben = at_work("Ben")
    assert assignment.assign_waiting() == 1
    codes = {one["staff"]: one["why"] for one in Decision.objects.get().candidates}
    assert codes == {ada.public_id: "absent", ben.public_id: "chosen"}
    presence.say(person=ben, state="away")
    absences.withdraw(absence=row, by=ada)
    row.refresh_from_db()
    assert (row.state, row.ends_at <= now()) == ("granted", True)
    waits()
    assert assignment.assign_waiting() == 1


def test_page__shift_of_somebody_absent__is_a_gap_and_nobody_is_on(
    client: Client, at_work: AtWork, lead: Staff
) -> None:
    ada = at_work("Ada", languages=["en"])
    shift = on_shift(ada)
    cover = {one.language: one for one in shown.page(lead, None)["cover"]}
    before = cover["English"]
    assert before.on_now == ("Ada",)
    row = absent(ada, lead, hours=2)
    cover = {one.language: one for one in shown.page(lead, None)["cover"]}
    assert cover["English"].on_now == ()
    assert not Shift.objects.now().exists()
    # What was covered until then is a gap now.
    at = now()
    assert not any(first <= at < last for first, last in before.gaps)
    assert any(first <= at < last for first, last in cover["English"].gaps)
    assert "Absent" in signed_in(client, lead).get(reverse("desk:shifts")).content.decode()
    assert shift.ends_at > row.ends_at


def test_plan__within_an_absence__is_refused(agent: Staff, lead: Staff) -> None:
    row = absences.request(away=WEEK, by=agent)
    plan = partial(shifts.plan, staff=agent, starts=time(9), ends=time(17), by=lead)
    plan(day=date(2030, 3, 5))
    absences.decide(absence=row, is_granted=True, by=lead)
    with pytest.raises(AwayThen):
        plan(day=date(2030, 3, 6))


def test_give_back__absence_that_begins__returns_what_nobody_answered(
    client: Client, team: Team, at_work: AtWork, waits: Waits, lead: Staff, move_time: Any
) -> None:
    Team.objects.update(gives_back=True)
    ada = at_work("Ada")
    on_shift(ada, hours=8)
    ticket = waits()
    assignment.assign_waiting()
    assert Ticket.objects.get(pk=ticket.pk).assignee == ada
    absence = absent(ada, lead, begins=timedelta(minutes=1))
    move_time(timedelta(minutes=2))
    assert handing_on.give_back() == 0
    move_time(timedelta(minutes=2))
    assert (handing_on.give_back(), handing_on.give_back()) == (1, 0)
    assert Ticket.objects.get(pk=ticket.pk).assignee is None
    absence.refresh_from_db()
    assert absence.given_back_at is not None
    # Leads read until when, and so does whoever is absent, in the menu of their presence.
    assert "Absent until" in signed_in(client, lead).get(reverse("chat:team")).content.decode()
    assert "Absent until" in signed_in(client, ada).get(reverse("chat:console")).content.decode()
