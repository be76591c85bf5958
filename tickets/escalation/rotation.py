"""Who is on call: a rotation by the wall clock of its zone, and those who stand in for others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's time, from handover to handover; `stands_in` where it is another's by the rotation."""

    person: int
    starts_at: datetime
    ends_at: datetime
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who takes over from `starts_at` until `ends_at`; of several the one that was agreed last counts."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """People in order, the first from `begins` on; handed over every `days` days when the wall clock shows `at`.

    A handover that the wall clock skips is when it goes on; one that it shows twice is the first of the two.
    """

    people: tuple[int, ...]
    begins: date
    at: time
    days: int
    zone: ZoneInfo

    def turn(self, moment: datetime) -> Turn | None:
        """Return whose turn `moment` lies in; None before the first, and with nobody in the rotation."""
        if not self.people or moment < self.handover(0):
            return None
        number = (moment.astimezone(self.zone).date() - self.begins).days // self.days
        while self.handover(number) > moment:
            number -= 1
        while self.handover(number + 1) <= moment:
            number += 1
        return self.turn_of(number)

    def turn_of(self, number: int) -> Turn:
        """Return the turn of a number, 0 being the first."""
        person = self.people[number % len(self.people)]
        return Turn(person, self.handover(number), self.handover(number + 1))

    def handover(self, number: int) -> datetime:
        """Return the instant at which the turn of a number begins, in UTC."""
        day = self.begins + timedelta(days=number * self.days)
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)


def on_call(rotation: Rotation, stand_ins: Sequence[StandIn], moment: datetime) -> int | None:
    """Return who is on call at a moment; `stand_ins` are in the order in which they were agreed."""
    for one in reversed(stand_ins):
        if one.starts_at <= moment < one.ends_at:
            return one.person
    turn = rotation.turn(moment)
    return turn.person if turn else None


def turns(rotation: Rotation, stand_ins: Sequence[StandIn], start: datetime, end: datetime) -> list[Turn]:
    """Return who is on call from `start` until `end`, cut at every change; nobody's time is left out."""
    edges = {start, end}
    for one in stand_ins:
        edges |= {edge for edge in (one.starts_at, one.ends_at) if start < edge < end}
    turn = rotation.turn(max(start, rotation.handover(0))) if rotation.people else None
    while turn is not None and turn.starts_at < end:
        edges |= {edge for edge in (turn.starts_at, turn.ends_at) if start < edge < end}
        turn = rotation.turn(turn.ends_at)
    found: list[Turn] = []
    for begins, ends in pairwise(sorted(edges)):
        planned, person = rotation.turn(begins), on_call(rotation, stand_ins, begins)
        if person is None:
            continue
        stands_in = planned is None or planned.person != person
        last = found[-1] if found else None
        is_same = last is not None and (last.person, last.stands_in, last.ends_at) == (person, stands_in, begins)
        # A handover is one even from a person to themselves.
        if last is not None and is_same and (stands_in or planned is None or planned.starts_at != begins):
            found[-1] = Turn(person, last.starts_at, ends, stands_in)
        else:
            found.append(Turn(person, begins, ends, stands_in))
    return found
