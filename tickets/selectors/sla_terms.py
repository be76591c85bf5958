"""Which version of which SLA policy fits a case, and what it promises by which calendar."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from core import writes
from core.clock import DatabaseNow
from core.compiled import Rows, stand_in
from security.models import ExchangeSignal
from tickets.models import SlaCalendar, SlaPolicyVersion, Ticket
from tickets.sla.business_time import ALWAYS
from tickets.sla.case_clocks import Terms

CALENDAR_COLUMNS = ("id", "name", "time_zone", "is_always", "weekly", "country", "part", "dates", "feed_dates")


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds for one case: the version, the calendar that it goes by (None: around the clock), in plain terms."""

    version: SlaPolicyVersion
    calendar: SlaCalendar | None
    terms: Terms

    @classmethod
    def of(cls, version: SlaPolicyVersion, calendar: SlaCalendar | None, priority: str) -> Self:
        """Return what a version promises to a case of this priority."""
        terms = Terms(
            targets=version.targets_of(priority),
            hours=calendar.hours() if calendar else ALWAYS,
            warn_percent=version.warn_percent,
            pauses_in=frozenset(version.pauses_in),
            reopening=version.reopening,
        )
        return cls(version, calendar, terms)


@dataclass(frozen=True, slots=True)
class Held:
    """The database's time, and what holds for a case at it; None where no policy fits."""

    now: datetime
    promise: Promise | None


def fitting(ticket: Ticket, *, tags: Collection[str] = ()) -> Held | None:
    """Return the promise of the first policy that fits; None while no policy has ever held.

    One statement, one more where a policy asks for the customer's risk. Cases of a team that are opened within one
    `writes.together` share the first.
    """
    versions = writes.once(f"sla versions {ticket.team_id}", lambda: _in_force(ticket.team_id))
    if not versions:
        return None
    now: datetime = versions[0].now  # type: ignore[attr-defined]
    for version in versions:
        if version.is_active and _fits(version, ticket, tags):
            return Held(now, Promise.of(version, _calendar(version), ticket.priority))
    return Held(now, None)


def kept(ticket: Ticket) -> tuple[datetime, Promise]:
    """Return the database's time, and what the version promises that the case has; one statement."""
    (version,) = _kept(ticket.team_id or 0, ticket.sla_version_id or 0)
    return version.now, Promise.of(version, _calendar(version), ticket.priority)  # type: ignore[attr-defined]


def _kept(team: int, version: int) -> list[SlaPolicyVersion]:
    """Read a version; once where many cases are changed together."""

    def read() -> list[SlaPolicyVersion]:
        return list(_KEPT.run({stand_in(0): team, stand_in(1): version}))

    return writes.once(f"sla version {version} for {team}", read) if writes.are_updates_waiting() else read()


def _in_force(team: int | None) -> list[SlaPolicyVersion]:
    return sorted(_IN_FORCE.run({stand_in(0): team or 0}), key=lambda one: (one.position, one.policy_id))


def _with_calendar(versions: QuerySet[SlaPolicyVersion]) -> QuerySet[SlaPolicyVersion]:
    """Add the time, and the calendar: the version's own, else the team's, else the one where nothing else is said."""
    team = stand_in(0)
    own, of_team = Q(pk=OuterRef("calendar")), Q(teams__team=team)
    rank = Case(When(own, then=0), When(of_team, then=1), default=2, output_field=IntegerField())
    shown = JSONObject(**{name: name for name in CALENDAR_COLUMNS})
    found = SlaCalendar.objects.filter(own | of_team | Q(is_default=True)).annotate(rank=rank, shown=shown)
    return versions.annotate(now=DatabaseNow(), calendar_shown=Subquery(found.order_by("rank").values("shown")[:1]))


# Every case that is opened asks for these.
_IN_FORCE = Rows(lambda: _with_calendar(SlaPolicyVersion.objects.in_force()))
_KEPT = Rows(lambda: _with_calendar(SlaPolicyVersion.objects.filter(pk=stand_in(1))))


def _calendar(version: SlaPolicyVersion) -> SlaCalendar | None:
    shown = version.calendar_shown  # type: ignore[attr-defined]
    return SlaCalendar(**shown) if shown else None


def _fits(version: SlaPolicyVersion, ticket: Ticket, tags: Collection[str]) -> bool:
    return (
        (not version.channels or ticket.channel in version.channels)
        and (not version.priorities or ticket.priority in version.priorities)
        and (not version.languages or _speaks(ticket.language, version.languages))
        and (not version.teams or ticket.team_id in version.teams)
        and (not version.tags or not set(version.tags).isdisjoint(tags))
        and (not version.is_risk_raised or _is_risk_raised(ticket))
    )


def _speaks(language: str, wanted: Collection[str]) -> bool:
    """Whether a case's language is among those wanted; `zh` stands for either script."""
    return language in wanted or language.partition("-")[0] in wanted


def _is_risk_raised(ticket: Ticket) -> bool:
    return ExchangeSignal.objects.filter(customer=ticket.requester_id).raising().exists()
