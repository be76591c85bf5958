"""The rota: who is on now, the shifts of a week, and the hours in which nobody has a language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Presence, Shift, ShiftFeed, Staff
from accounts.permissions import ROLE_PERMISSIONS, Permission
from accounts.spoken import SPOKEN
from core.clock import from_now, now
from tickets.selectors import absences, hand_overs, swaps
from tickets.selectors.languages import language_name

WEEK = timedelta(days=7)
NOTES_FOR = timedelta(hours=24)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class ShiftShown:
    """One shift; times are in the time zone of whoever looks."""

    public_id: str
    name: str
    languages: str
    starts_at: datetime
    ends_at: datetime
    note: str
    is_mine: bool
    is_now: bool
    # Its person has an absence that holds within it.
    is_absent: bool
    # Its person may offer it to a colleague.
    may_swap: bool


@dataclass(frozen=True, slots=True)
class DayShown:
    """One day of the week with the shifts that begin on it."""

    day: date
    shifts: tuple[ShiftShown, ...]


@dataclass(frozen=True, slots=True)
class CoverShown:
    """One language: who has it and is on now, and when in the week nobody has."""

    language: str
    on_now: tuple[str, ...]
    gaps: tuple[Span, ...]


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def page(person: Staff, week: date | None) -> dict[str, Any]:
    """Return the rota of a week, that of today when None is named, in the time zone of now."""
    at, zone = now(), timezone.get_current_timezone()
    monday = monday_of(week or at.astimezone(zone).date())
    days = [monday + timedelta(days=number) for number in range(8)]
    bounds = [datetime.combine(day, time(), zone) for day in days]
    rows = list(
        Shift.objects.standing()
        .filter(ends_at__gt=bounds[0], starts_at__lt=bounds[7])
        .select_related("staff")
        .order_by("starts_at", "pk")
    )
    spoken = dict(Presence.objects.values_list("staff", "languages"))
    away = absences.spans((bounds[0], bounds[7]))
    shown = [_shown(row, spoken.get(row.staff_id, []), person, at, away.get(row.staff_id, [])) for row in rows]
    # Whoever is absent covers nothing of their shift; what is past needs nobody any more.
    there = [
        (row.staff_id, span) for row in rows for span in gaps(away.get(row.staff_id, []), (row.starts_at, row.ends_at))
    ]
    ahead = (max(bounds[0], min(at, bounds[7])), bounds[7])
    return {
        "days": [_day(day, shown, bounds[number], bounds[number + 1]) for number, day in enumerate(days[:7])],
        "cover": [_cover(code, there, spoken, ahead) for code in _covered(spoken)],
        "notes": _notes(),
        **absences.page(person),
        **swaps.page(person),
        "has_feed": ShiftFeed.objects.filter(staff=person).exists(),
        "handed": hand_overs.left_for(person),
        "monday": monday,
        "before": monday - WEEK,
        "after": monday + WEEK,
        "may_plan": person.has(Permission.CHAT_LEAD),
        "people": _people() if person.has(Permission.CHAT_LEAD) else [],
    }


def gaps(spans: Iterable[Span], within: Span) -> list[Span]:
    """Return what of `within` none of the spans covers, in order."""
    found: list[Span] = []
    reached, end = within
    for starts, ends in sorted(spans):
        if starts > reached:
            found.append((reached, min(starts, end)))
        reached = max(reached, ends)
        if reached >= end:
            return found
    return [*found, (reached, end)]


def of_id(public_id: str) -> Shift | None:
    """Return a shift by its public id."""
    return Shift.objects.standing().select_related("staff").filter(public_id=public_id).first()


def _day(day: date, shown: list[ShiftShown], start: datetime, end: datetime) -> DayShown:
    return DayShown(day, tuple(one for one in shown if max(one.starts_at, start) < min(one.ends_at, end)))


def _covered(spoken: dict[int, list[str]]) -> list[str]:
    """Return the languages of our pages, and every other that somebody speaks."""
    known = {code for code, _name in settings.LANGUAGES}.union(*spoken.values())
    return [code for code in SPOKEN if code in known]


def _cover(code: str, there: list[tuple[int, Span]], spoken: dict[int, list[str]], ahead: Span) -> CoverShown:
    having = [span for person, span in there if code in spoken.get(person, [])]
    on_now = Shift.objects.now().filter(staff__presence__languages__contains=[code]).order_by("staff__name")
    names = tuple(on_now.values_list("staff__name", flat=True))
    return CoverShown(language_name(code), names, tuple(gaps(having, ahead) if ahead[0] < ahead[1] else []))


def _notes() -> list[Shift]:
    """Return what was left for the next ones within a day, the newest first."""
    rows = Shift.objects.standing().exclude(note="").filter(noted_at__gt=from_now(-NOTES_FOR))
    return list(rows.select_related("staff").order_by("-noted_at")[:20])


def _people() -> list[Staff]:
    roles = [role for role, rights in ROLE_PERMISSIONS.items() if Permission.TICKET_REPLY in rights]
    return list(Staff.objects.filter(is_active=True, role__in=roles).order_by("name"))


def _shown(row: Shift, languages: list[str], person: Staff, at: datetime, away: list[Span]) -> ShiftShown:
    is_away_now = any(starts <= at < ends for starts, ends in away)
    return ShiftShown(
        public_id=row.public_id,
        name=row.staff.name,
        languages=", ".join(language_name(code) for code in languages),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
        is_mine=row.staff_id == person.pk,
        is_now=row.starts_at <= at < row.ends_at and not is_away_now,
        may_swap=row.staff_id == person.pk and row.starts_at > at,
        is_absent=any(starts < row.ends_at and ends > row.starts_at for starts, ends in away),
    )
