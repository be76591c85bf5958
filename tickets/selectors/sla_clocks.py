"""The clocks of one case, as its side panel shows them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from core.clock import DatabaseNow
from tickets.models import SlaClock, Ticket
from tickets.models.sla_clock import OPEN
from tickets.reports.shapes import duration
from tickets.selectors import sla_terms
from tickets.sla import business_time
from tickets.sla.vocabulary import Metric

MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class ClockShown:
    """One promise: `state` is running, paused, met, late (met after it was missed), missed or ended."""

    metric: str
    state: str
    target: timedelta
    used: timedelta
    due_at: datetime | None
    warn_at: datetime | None
    now: datetime
    rounds: int

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state not in {"running", "paused"}

    @property
    def used_text(self) -> str:
        """Return how much of the promised time it took, both in business time; empty while it is not over."""
        if not self.is_over:
            return ""
        told = {"used": duration(self.used.total_seconds()), "target": duration(self.target.total_seconds())}
        return _("%(used)s of %(target)s") % told

    @property
    def tone(self) -> str:
        """Return how urgent it looks."""
        if self.state in {"missed", "late"} or (self.due_at and self.due_at <= self.now):
            return "tone-bad"
        if self.warn_at and self.warn_at <= self.now:
            return "tone-warn"
        return "tone-good" if self.state == "met" else ""


def of_ticket(ticket: Ticket) -> list[ClockShown]:
    """Return what is promised to a case now, and what came of the promises before; one statement."""
    told = OPEN | Q(met_at__isnull=False) | Q(breached_at__isnull=False)
    rows = SlaClock.objects.filter(told, ticket=ticket).order_by("-pk").annotate(now=DatabaseNow())
    return sorted((_shown(row) for row in rows[:MOST_LISTED]), key=lambda one: (one.is_over, one.due_at or one.now))


def next_update(ticket: Ticket) -> datetime | None:
    """Return by when an answer that is sent now promises the next one; None where its policy promises no updates.

    One statement, none for a ticket without a policy. The answer's own moment decides in the end.
    """
    if ticket.sla_version_id is None:
        return None
    now, promise = sla_terms.kept(ticket)
    every = promise.terms.targets.get(Metric.UPDATE_EVERY)
    return business_time.after(promise.terms.hours, now, every) if every else None


@dataclass(frozen=True, slots=True)
class ClockTold:
    """One promise as API v1 tells it; `state` as in `ClockShown`, and `overdue` for one that is open and was missed."""

    metric: str
    state: str
    target: timedelta
    due_at: datetime | None
    policy: str
    policy_name: str


def of_tickets(tickets: Sequence[Ticket]) -> dict[int, list[ClockTold]]:
    """Return by ticket's key what is promised, and what came of the latest promise of each kind; one statement."""
    rows = SlaClock.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).select_related("version__policy")
    found: dict[int, list[ClockTold]] = defaultdict(list)
    # The open one of a metric is its latest.
    for row in rows.order_by("ticket", "metric", "-pk").distinct("ticket", "metric"):
        is_overdue = row.breached_at is not None and row.met_at is None and row.ended_at is None
        policy = row.version.policy
        found[row.ticket_id].append(
            ClockTold(
                row.metric,
                "overdue" if is_overdue else _state(row),
                row.target,
                row.due_at,
                policy.public_id,
                policy.name,
            )
        )
    return found


def _shown(row: SlaClock) -> ClockShown:
    return ClockShown(
        metric=row.metric,
        state=_state(row),
        target=row.target,
        used=row.used,
        due_at=row.due_at,
        warn_at=row.warn_at,
        now=row.now,  # type: ignore[attr-defined]
        rounds=row.rounds,
    )


def _state(row: SlaClock) -> str:
    if row.met_at is not None:
        return "late" if row.breached_at is not None else "met"
    if row.ended_at is not None:
        return "missed" if row.breached_at is not None else "ended"
    return "paused" if row.runs_since is None else "running"
