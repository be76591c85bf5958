"""Simulation: what a draft of an SLA policy would have come to on the cases of the last weeks; nothing is written."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Q

from core import clock
from core.clock import from_now
from tickets.models import Message, SlaCalendar, SlaPolicyVersion, SlaTeamCalendar, Ticket
from tickets.models.ticket import Priority
from tickets.selectors.sla_terms import Promise
from tickets.sla.case_clocks import Terms
from tickets.sla.clock import Clock
from tickets.sla.replay import Past, replay
from tickets.sla.vocabulary import Metric

DAYS = 30
# The newest of them: enough to tell, and read within seconds.
MOST_TICKETS = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would have become of one promise: how often it was kept, missed, is still open, and what it took."""

    metric: str
    priority: str
    kept: int
    missed: int
    open: int
    median_minutes: int | None

    @property
    def kept_percent(self) -> int | None:
        """Return how many percent of those that were decided were kept."""
        decided = self.kept + self.missed
        return round(100 * self.kept / decided) if decided else None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The cases that a version would have fitted, and what would have become of its promises."""

    tickets: int
    outcomes: tuple[Outcome, ...]
    is_cut: bool


class _Said(NamedTuple):
    ticket: int
    at: Any
    kind: str
    event: str
    data: dict[str, Any]
    role: str
    is_automatic: bool


def of(version: SlaPolicyVersion) -> Simulation:
    """Tell the past of the cases that would have fitted to the version's clocks; five statements.

    Conditions are read from the case as it is now; the risk that a customer had then is not known, and not asked.
    """
    now = clock.now()
    found = list(_fitting(version)[: MOST_TICKETS + 1])
    tickets = found[:MOST_TICKETS]
    past = past_of([ticket.pk for ticket in tickets])
    calendars = {row.team_id: row.calendar for row in SlaTeamCalendar.objects.select_related("calendar")}
    default = SlaCalendar.objects.filter(is_default=True).first()
    clocks: list[tuple[str, Clock]] = []
    for ticket in tickets:
        calendar = version.calendar or calendars.get(ticket.team_id or 0) or default
        steps = past[ticket.pk]

        def terms_of(priority: str, calendar: SlaCalendar | None = calendar) -> Terms:
            return Promise.of(version, calendar, priority).terms

        began = next((step.before for step in steps if step.what == "priority"), ticket.priority)
        is_asked = bool(steps) and steps[0].what == "asked"
        made = replay(terms_of, priority=began, is_asked=is_asked, past=steps, until=now)
        clocks += [(ticket.priority, one) for one in made]
    return Simulation(len(tickets), tuple(_outcomes(clocks)), is_cut=len(found) > MOST_TICKETS)


def _fitting(version: SlaPolicyVersion) -> Any:  # noqa: ANN401 -- a queryset of tickets, narrowed step by step
    found = Ticket.objects.filter(created_at__gt=from_now(-timedelta(days=DAYS)), is_spam=False)
    for column, values in (
        ("channel", version.channels),
        ("priority", version.priorities),
        ("language", version.languages),
        ("team", version.teams),
    ):
        if values:
            found = found.filter(**{f"{column}__in": values})
    if version.tags:
        found = found.filter(tags__name__in=version.tags).distinct()
    return found.order_by("-pk")


def past_of(tickets: list[int]) -> dict[int, list[Past]]:
    """Return what happened on these tickets (by pk) that clocks go by, in its order; one statement."""
    told = Q(kind=Message.Kind.REPLY, withdrawn_at__isnull=True) | Q(event__in=["status_changed", "priority_changed"])
    rows = Message.objects.filter(told, ticket__in=tickets).order_by("ticket", "seq")
    found: dict[int, list[Past]] = defaultdict(list)
    columns = ("ticket_id", "created_at", "kind", "event", "event_data", "sender_role", "is_automatic")
    for values in rows.values_list(*columns).iterator():
        said = _Said._make(values)
        step = _step(said)
        if step is not None:
            found[said.ticket].append(step)
    return found


def _step(said: _Said) -> Past | None:
    if said.event:
        what = "moved" if said.event == "status_changed" else "priority"
        return Past(said.at, what, str(said.data.get("from")), str(said.data.get("to")))
    if said.is_automatic or said.role in {Message.SenderRole.BOT, Message.SenderRole.THIRD_PARTY}:
        return None
    return Past(said.at, "answered" if said.role == Message.SenderRole.STAFF else "asked")


def _outcomes(clocks: Iterable[tuple[str, Clock]]) -> Iterable[Outcome]:
    groups: dict[tuple[str, str], list[Clock]] = defaultdict(list)
    for priority, one in clocks:
        groups[one.metric, priority].append(one)
    for metric in Metric.values:
        for priority in reversed(Priority.values):
            if found := groups.get((metric, priority)):
                yield _outcome(metric, priority, found)


def _outcome(metric: str, priority: str, clocks: list[Clock]) -> Outcome:
    kept = [one for one in clocks if one.met_at is not None and one.breached_at is None]
    minutes = [one.used / timedelta(minutes=1) for one in clocks if one.met_at is not None]
    return Outcome(
        metric=metric,
        priority=priority,
        # Updates in time are rounds of one clock.
        kept=len(kept) + sum(one.rounds for one in clocks),
        missed=sum(one.breached_at is not None for one in clocks),
        open=sum(not one.is_over and one.breached_at is None for one in clocks),
        median_minutes=round(median(minutes)) if minutes else None,
    )
