"""Where a manual review is: derived from its decisions, its action's execution and the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from security.models import Decision, Execution, ManualReview

REVIEWERS = 2
# As the rule has it: an execution comes within a day of the end of the waiting time.
TIMELY = timedelta(hours=24)


class Stage(models.TextChoices):
    """What a review waits for, or how it ended."""

    WAITING = "waiting", _("Waiting time: refusing is possible, confirming is not yet")
    DECIDING = "deciding", _("To be decided now")
    CONFIRMED = "confirmed", _("Confirmed by two reviewers")
    REFUSED = "refused", _("Refused")
    CARRIED_OUT = "carried_out", _("Carried out")
    LAPSED = "lapsed", _("Lapsed: not decided in time")


OPEN = frozenset({Stage.WAITING, Stage.DECIDING})


@dataclass(frozen=True, slots=True)
class State:
    """The stage; when confirming begins and ends; since when nothing more happens."""

    stage: Stage
    opens_at: datetime
    lapses_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether somebody may still decide."""
        return self.stage in OPEN


def of(review: ManualReview) -> State:
    """Return the state by the database's clock."""
    opens_at = review.action_created_at + timedelta(seconds=review.cooling_off_s)
    lapses_at = opens_at + TIMELY
    stage, ended_at = _stage(review, opens_at, lapses_at)
    return State(stage, opens_at, lapses_at, ended_at)


def _stage(review: ManualReview, opens_at: datetime, lapses_at: datetime) -> tuple[Stage, datetime | None]:
    decisions = list(review.decisions.order_by("place"))
    if decisions and decisions[-1].decision == Decision.REFUSED:
        return Stage.REFUSED, decisions[-1].decided_at
    executed = Execution.objects.filter(action=review.action_id).first()
    if executed is not None:
        return Stage.CARRIED_OUT, executed.executed_at
    now = clock.now()
    if now > lapses_at:
        return Stage.LAPSED, lapses_at
    if len(decisions) == REVIEWERS:
        return Stage.CONFIRMED, decisions[-1].decided_at
    return (Stage.WAITING if now < opens_at else Stage.DECIDING), None
