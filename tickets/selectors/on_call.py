"""Who is on call now and next, who stands in, and what waits for somebody's word."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Staff
from accounts.permissions import Permission
from core.clock import now
from tickets.escalation import rotation
from tickets.escalation.rotation import StandIn
from tickets.models import OnCallOverride, OnCallSchedule

AHEAD = timedelta(days=14)
STANDING = OnCallOverride.State.STANDING


@dataclass(frozen=True, slots=True)
class TurnShown:
    """One turn; `stands_in` where it is another's by the rotation."""

    name: str
    starts_at: datetime
    ends_at: datetime
    is_now: bool
    is_mine: bool
    stands_in: bool


@dataclass(frozen=True, slots=True)
class StandInShown:
    """One who stands in, or is asked to; `may_answer` and `may_cancel` are those of whoever looks."""

    public_id: str
    name: str
    asked_by: str
    starts_at: datetime
    ends_at: datetime
    is_asked: bool
    is_swap: bool
    may_answer: bool
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class ScheduleShown:
    """One schedule: who is on call, and the turns of two weeks."""

    public_id: str
    name: str
    time_zone: str
    now: str
    turns: tuple[TurnShown, ...]
    stand_ins: tuple[StandInShown, ...]
    people: tuple[Staff, ...]
    is_mine: bool


def who(schedule: OnCallSchedule, at: datetime) -> Staff | None:
    """Return who is on call at a moment; None where nobody is, or may sign in."""
    found = rotation.on_call(schedule.rotation(), _stand_ins(schedule, at, at), at)
    return Staff.objects.filter(pk=found, is_active=True).first() if found else None


def schedule(pk: int) -> OnCallSchedule | None:
    """Return a schedule with its people."""
    found: OnCallSchedule | None = _schedules().filter(pk=pk).first()
    return found


def of_id(public_id: str) -> OnCallSchedule | None:
    """Return a schedule by its public id, with its people."""
    found: OnCallSchedule | None = _schedules().filter(public_id=public_id).first()
    return found


def override_of_id(public_id: str) -> OnCallOverride | None:
    """Return one that stands or is asked for."""
    open_ = OnCallOverride.objects.filter(state__in=["asked", "standing"])
    return open_.select_related("schedule", "staff", "asks", "asked_by").filter(public_id=public_id).first()


def may_plan(person: Staff) -> bool:
    """Whether they say for others who is on call."""
    return person.has(Permission.CHAT_LEAD)


def page(person: Staff) -> dict[str, Any]:
    """Return the schedules with the turns of the next two weeks, and one's own quiet hours."""
    at = now()
    found = list(_schedules())
    overrides = _open(found, at)
    return {
        "schedules": [_shown(one, overrides[one.pk], person, at) for one in found],
        "may_plan": may_plan(person),
        "people": answering(),
        "quiet_from": person.quiet_from,
        "quiet_until": person.quiet_until,
        "time_zone": person.time_zone,
    }


def answering() -> list[Staff]:
    """Return who may be on call: whoever sees tickets."""
    return [one for one in Staff.objects.filter(is_active=True).order_by("name") if one.has(Permission.TICKET_VIEW)]


def _schedules() -> Any:  # noqa: ANN401 -- a queryset with a prefetch, which the stubs cannot name
    return OnCallSchedule.objects.prefetch_related("participants__staff")


def _stand_ins(schedule: OnCallSchedule, start: datetime, end: datetime) -> list[StandIn]:
    """Return who stands in at some time of a span, in the order in which it was agreed."""
    rows = schedule.overrides.standing().filter(starts_at__lte=end, ends_at__gt=start)
    return [row.stand_in() for row in rows.order_by("settled_at", "pk")]


def _open(schedules: Iterable[OnCallSchedule], at: datetime) -> dict[int, list[OnCallOverride]]:
    """Return by schedule who stands in, or is asked to, from a moment on, in the order in which it was agreed."""
    kept: dict[int, list[OnCallOverride]] = {one.pk: [] for one in schedules}
    rows = OnCallOverride.objects.filter(schedule__in=kept, state__in=["asked", "standing"], ends_at__gt=at)
    for row in rows.select_related("staff", "asked_by").order_by("settled_at", "pk"):
        kept[row.schedule_id].append(row)
    return kept


def _shown(schedule: OnCallSchedule, overrides: list[OnCallOverride], person: Staff, at: datetime) -> ScheduleShown:
    until = at + AHEAD
    standing = [one.stand_in() for one in overrides if one.state == STANDING and one.starts_at <= until]
    found = rotation.turns(schedule.rotation(), standing, at, until)
    taking_turns = [one.staff for one in schedule.participants.all()]
    names = {one.pk: one.name for one in (*taking_turns, *(row.staff for row in overrides))}
    shown = tuple(
        TurnShown(
            names.get(one.person, ""), one.starts_at, one.ends_at, one.starts_at <= at < one.ends_at,
            one.person == person.pk, one.stands_in,
        )
        for one in found
    )  # fmt: skip
    people = tuple(one for one in taking_turns if one.is_active)
    return ScheduleShown(
        public_id=schedule.public_id,
        name=schedule.name,
        time_zone=schedule.time_zone,
        now=next((one.name for one in shown if one.is_now), ""),
        turns=shown,
        stand_ins=_stand_ins_shown(overrides, person),
        people=people,
        is_mine=any(one.pk == person.pk for one in people),
    )


def _stand_ins_shown(overrides: Iterable[OnCallOverride], person: Staff) -> tuple[StandInShown, ...]:
    return tuple(
        StandInShown(
            public_id=row.public_id,
            name=row.staff.name,
            asked_by=row.asked_by.name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_asked=row.state == OnCallOverride.State.ASKED,
            is_swap=bool(row.pair),
            may_answer=row.state == OnCallOverride.State.ASKED and row.asks_id == person.pk,
            may_cancel=row.asked_by_id == person.pk or may_plan(person),
        )
        for row in sorted(overrides, key=lambda one: (one.starts_at, one.pk))
    )
