"""Satisfaction surveys: asked once for each resolution, answered by the customer from wherever they are asked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from core import audit, writes
from core.clock import DatabaseNow, from_now
from core.storable_text import storable
from security.redaction import redact
from tickets.models import Message, Survey, SurveyAnswer, Ticket
from tickets.models.channel import Channel
from tickets.models.survey import BEST, MAX_COMMENT, WORST
from tickets.services import errors, timeline

# Where somebody is there to be asked in place.
ASKED_IN_PLACE = frozenset({Channel.CHAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a customer answers: a rating from 1 to 5, and words if they like; None keeps those of before."""

    rating: int
    comment: str | None = None


def ask(*, ticket: Ticket, resolution: Message) -> Survey | None:
    """Ask the requester of the locked `ticket` about the event that has just resolved it; inside the caller's
    transaction. Where nobody is there to be asked in place a mail asks later, if the mailbox wants that: a proven
    requester alone, once in the mailbox's days. None where nobody is asked, as about spam.
    """
    is_in_place = ticket.channel in ASKED_IN_PLACE
    delay = None if is_in_place else _mail_delay(ticket)
    if ticket.is_spam or (not is_in_place and delay is None):
        return None
    # The database looks at the event itself.
    writes.write_now()
    try:
        with transaction.atomic():
            survey = Survey.objects.create(
                ticket=ticket,
                resolution=resolution,
                customer_id=ticket.requester_id,
                assignee_id=ticket.assignee_id,
                team_id=ticket.team_id,
                mail_due_at=from_now(delay) if delay is not None else None,
            )
    except IntegrityError as error:
        # Another ticket of theirs asks by mail, since a moment ago.
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == "tickets_survey_mailed_seldom":
            return None
        raise
    audit.record(
        "survey.asked", actor=audit.SYSTEM, obj=("survey", survey.public_id), detail={"ticket": ticket.public_id}
    )
    return survey


def _mail_delay(ticket: Ticket) -> timedelta | None:
    """Return after how long a mail asks; None where none does."""
    box = ticket.mailbox
    if ticket.channel != Channel.EMAIL or box is None or box.survey_after_h is None or not ticket.is_requester_proven:
        return None
    recently = from_now(-timedelta(days=box.survey_every_days))
    asked = Survey.objects.filter(customer=ticket.requester_id, mail_due_at__isnull=False, asked_at__gt=recently)
    return None if asked.exists() else timedelta(hours=box.survey_after_h)


def answer(*, survey: Survey, given: Given, is_by_link: bool = False) -> SurveyAnswer:
    """Keep the customer's answer, masked, or change the one they gave; the same answer again changes nothing.

    Taken for 14 days from the asking, changed for 24 hours from the first answer, by the database's clock.
    `is_by_link` says that the holder of a mailed link answered, who has not signed in. Raises RatingUnknown,
    CommentTooLong, SurveyIsOver, AnswerIsFixed.
    """
    if not WORST <= given.rating <= BEST:
        raise errors.RatingUnknown
    words = redact(storable(given.comment or "").strip())
    if len(words.text) > MAX_COMMENT:
        raise errors.CommentTooLong
    values: dict[str, Any] = {"rating": given.rating}
    if given.comment is not None:
        values |= {"comment": words.text, "redactions": sorted({finding.kind for finding in words.findings})}
    with transaction.atomic():
        # Lock order: ticket, then survey; two answers at once are one, and a change of it.
        ticket = timeline.lock(survey.ticket)
        now = Survey.objects.select_for_update(of=("self",), no_key=True).annotate(now=DatabaseNow()).get(pk=survey.pk)
        moment = now.now
        known = SurveyAnswer.objects.filter(survey=now).first()
        if known is None:
            if now.answer_until <= moment:
                raise errors.SurveyIsOver
            found = SurveyAnswer.objects.create(survey=now, **values)
        elif all(getattr(known, name) == value for name, value in values.items()):
            return known
        elif known.changeable_until <= moment:
            raise errors.AnswerIsFixed
        else:
            SurveyAnswer.objects.filter(pk=known.pk).update(changed_at=DatabaseNow(), **values)
            found = SurveyAnswer.objects.get(pk=known.pk)
        _tell(ticket, now, found, before=known, is_by_link=is_by_link)
    return found


def skip(*, survey: Survey) -> None:
    """Ask no more in place about this resolution, at the customer's wish; a mailed link still takes an answer."""
    with transaction.atomic():
        skipped = Survey.objects.filter(pk=survey.pk, skipped_at__isnull=True, answer__isnull=True)
        if skipped.update(skipped_at=DatabaseNow()):
            audit.record(
                "survey.skipped",
                actor=survey.customer.actor,
                obj=("survey", survey.public_id),
                detail={"ticket": survey.ticket.public_id},
            )


def _tell(
    ticket: Ticket, survey: Survey, given: SurveyAnswer, *, before: SurveyAnswer | None, is_by_link: bool
) -> None:
    """Put it on the timeline, for staff alone, and into the audit log: the rating, never the words."""
    data: dict[str, str | int | None] = {"rating": given.rating}
    if before is not None:
        data["before"] = before.rating
    timeline.append_event(ticket, "survey_answered" if before is None else "survey_changed", data)
    actor = survey.customer.actor
    detail: dict[str, audit.Detail] = {"rating": given.rating, "by": "link" if is_by_link else "session"}
    action = "survey.answered" if before is None else "survey.changed"
    audit.record(action, actor=actor, obj=("survey", survey.public_id), detail=detail)
    audit.record(f"ticket.{action.replace('.', '_')}", actor=actor, obj=("ticket", ticket.public_id), detail=detail)
