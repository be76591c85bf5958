"""Satisfaction surveys as their customer, an agent and a lead see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Staff
from core.clock import DatabaseNow, from_now
from tickets.models import Survey, SurveyAnswer, Ticket
from tickets.models.survey import SATISFIED
from tickets.selectors.timeline import Segment, segments

LATELY = timedelta(days=30)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Where one survey stands: `is_open` takes an answer, or a change of the one that is there."""

    survey: Survey
    answer: SurveyAnswer | None
    is_open: bool

    @property
    def is_fixed(self) -> bool:
        """Whether it was answered and can no longer be changed."""
        return self.answer is not None and not self.is_open


@dataclass(frozen=True, slots=True)
class RatingShown:
    """One survey of a ticket in the side panel; `rating` is 0 while nobody has answered."""

    rating: int
    comment: tuple[Segment, ...]
    assignee: str
    at: datetime
    is_changed: bool
    is_skipped: bool


@dataclass(frozen=True, slots=True)
class Share:
    """How a group was rated: how many answers, and how many percent of them 4 or 5."""

    name: str
    answers: int
    satisfied_percent: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The ratings of the last 30 days, as far as somebody may see their tickets."""

    asked: int
    everything: Share
    agents: tuple[Share, ...]
    teams: tuple[Share, ...]


def standing(survey: Survey) -> Asked:
    """Return where a survey stands now, by the database's clock; one statement."""
    return _asked(_with_answers().get(pk=survey.pk))


def latest_of(ticket: Ticket) -> Asked | None:
    """Return the newest survey of a ticket; one statement."""
    row = _with_answers().filter(ticket=ticket).order_by("-pk").first()
    return _asked(row) if row else None


def _with_answers() -> QuerySet[Survey]:
    return Survey.objects.select_related("answer", "ticket", "customer").annotate(now=DatabaseNow())


def _asked(row: Survey) -> Asked:
    answer: SurveyAnswer | None = getattr(row, "answer", None)
    until = answer.changeable_until if answer else row.answer_until
    return Asked(row, answer, until > row.now)  # type: ignore[attr-defined]


def of_ticket(ticket: Ticket) -> list[RatingShown]:
    """Return what was asked about a ticket and what was answered, the newest first; one statement."""
    rows = Survey.objects.filter(ticket=ticket).select_related("answer", "assignee").order_by("-pk")
    return [_rating(row) for row in rows[:MOST_LISTED]]


def summary(person: Staff) -> Summary:
    """Return the ratings of the last 30 days on tickets that `person` may see; four statements."""
    seen = Survey.objects.filter(ticket__in=Ticket.objects.visible_to(person).values("pk"))
    lately = SurveyAnswer.objects.filter(answered_at__gt=from_now(-LATELY), survey__in=seen.values("pk"))
    total = lately.aggregate(answers=Count("pk"), satisfied=Count("pk", filter=Q(rating__gte=SATISFIED)))
    return Summary(
        asked=seen.filter(asked_at__gt=from_now(-LATELY)).count(),
        everything=_share("", total),
        agents=_shares(lately, "survey__assignee__name", "survey__assignee"),
        teams=_shares(lately, "survey__team__name", "survey__team"),
    )


def _shares(rows: QuerySet[SurveyAnswer], name: str, key: str) -> tuple[Share, ...]:
    counted = (
        rows.filter(**{f"{key}__isnull": False})
        .values(name, key)
        .annotate(answers=Count("pk"), satisfied=Count("pk", filter=Q(rating__gte=SATISFIED)))
        .order_by("-answers", name)
    )
    return tuple(_share(str(row[name]), row) for row in counted[:MOST_LISTED])


def _share(name: str, row: dict[str, Any]) -> Share:
    answers = int(row["answers"])
    return Share(name, answers, round(100 * int(row["satisfied"]) / answers) if answers else 0)


def _rating(row: Survey) -> RatingShown:
    answer: SurveyAnswer | None = getattr(row, "answer", None)
    return RatingShown(
        rating=answer.rating if answer else 0,
        comment=segments(answer.comment) if answer else (),
        assignee=row.assignee.name if row.assignee else "",
        at=answer.answered_at if answer else row.asked_at,
        is_changed=answer is not None and answer.changed_at is not None,
        is_skipped=answer is None and row.skipped_at is not None,
    )
