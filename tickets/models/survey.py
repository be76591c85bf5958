"""Satisfaction surveys (CSAT): one asking for each resolution of a ticket, and the customer's one answer to it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Customer, Team
from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.message import Message
from tickets.models.ticket import Ticket

MAX_COMMENT = 2_000
WORST, BEST = 1, 5
# From here on a customer is satisfied, as the field counts.
SATISFIED = 4

# How long answers are taken, and how long one may be changed, is the database's: nobody supplies these times.
_OF_A_RESOLUTION = """
    PERFORM FROM tickets_message AS event JOIN tickets_ticket AS ticket ON ticket.id = event.ticket_id
      WHERE event.id = NEW.resolution_id AND event.ticket_id = NEW.ticket_id AND event.event = 'status_changed'
        AND event.event_data ->> 'to' IN ('resolved', 'closed')
        AND event.event_data ->> 'from' NOT IN ('resolved', 'closed')
        AND ticket.requester_id = NEW.customer_id AND NOT ticket.is_spam;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a survey asks the requester of a resolved ticket about that resolution';
    END IF;
    NEW.asked_at := core.clock();
    NEW.answer_until := core.clock() + interval '14 days';
    RETURN NEW;
"""
# Two tickets of a customer resolved at once ask by one mail.
_MAILED_SELDOM = """
    PERFORM pg_advisory_xact_lock(hashtextextended('survey mail to customer ' || NEW.customer_id, 0));
    PERFORM FROM tickets_ticket AS ticket JOIN tickets_mailbox AS mailbox ON mailbox.id = ticket.mailbox_id
      WHERE ticket.id = NEW.ticket_id AND mailbox.survey_after_h IS NOT NULL AND ticket.is_requester_proven
        AND NOT EXISTS (
          SELECT FROM tickets_survey AS other
           WHERE other.customer_id = NEW.customer_id AND other.mail_due_at IS NOT NULL
             AND other.asked_at > core.clock() - mailbox.survey_every_days * interval '1 day');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this customer is not to be mailed a survey about this ticket'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_survey_mailed_seldom';
    END IF;
    RETURN NEW;
"""
_IN_TIME = """
    PERFORM FROM tickets_survey WHERE id = NEW.survey_id AND answer_until > core.clock();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the time for an answer is over';
    END IF;
    NEW.answered_at := core.clock();
    NEW.changeable_until := core.clock() + interval '1 day';
    RETURN NEW;
"""


class Survey(models.Model):
    """One asking: about one resolution of one ticket, and about who had it then; nobody changes whom it asks what."""

    public_id = public_id_field()
    # Found by `tickets_survey_of_ticket`.
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="surveys", db_index=False)
    # The event on the timeline that resolved it.
    resolution = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="survey")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(db_default=DatabaseNow())
    answer_until = models.DateTimeField(db_default=DatabaseNow())
    # The customer would rather not; a link still takes their answer.
    skipped_at = models.DateTimeField(null=True)
    # When a mail asks, where one does; and when it was owed. Reopened or answered before, nobody is mailed.
    mail_due_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_survey_has_an_end", condition=Q(answer_until__gt=F("asked_at"))),
        ]
        # side panel and widget: a ticket's surveys, the newest first
        indexes = [
            models.Index(fields=["ticket", "-id"], name="tickets_survey_of_ticket"),
            # leads' page: how many were asked lately
            models.Index(fields=["asked_at"], name="tickets_survey_asked"),
            # the round: mails that are due
            models.Index(fields=["mail_due_at"], name="tickets_survey_due", condition=Q(mailed_at__isnull=True)),
            # the cap: what a customer was asked by mail
            models.Index(
                fields=["customer", "-asked_at"], name="tickets_survey_by_mail", condition=Q(mail_due_at__isnull=False)
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_survey_of_a_resolution",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_OF_A_RESOLUTION,
            ),
            pgtrigger.Trigger(
                name="tickets_survey_mailed_seldom",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.mail_due_at IS NOT NULL"),
                func=_MAILED_SELDOM,
            ),
        ]

    def __str__(self) -> str:
        return f"survey {self.public_id}"


class SurveyAnswer(models.Model):
    """A customer's answer to one survey, from 1 to 5, with words if they like; theirs to change for a day."""

    survey = models.OneToOneField(Survey, on_delete=models.PROTECT, related_name="answer")
    rating = models.PositiveSmallIntegerField()
    # Masked like everything said.
    comment = models.TextField(blank=True)
    redactions = models.JSONField(default=list)
    answered_at = models.DateTimeField(db_default=DatabaseNow())
    changed_at = models.DateTimeField(null=True)
    changeable_until = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tickets_surveyanswer_one_to_five", condition=Q(rating__gte=WORST, rating__lte=BEST)
            ),
        ]
        # leads' page: the answers of the last 30 days
        indexes = [models.Index(fields=["answered_at"], name="tickets_surveyanswer_lately")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_surveyanswer_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_IN_TIME,
            ),
            pgtrigger.Trigger(
                name="tickets_surveyanswer_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.changeable_until <= core.clock()"),
                func="RAISE EXCEPTION 'an answer is changed for a day and then stays';",
            ),
        ]

    def __str__(self) -> str:
        return f"answer to {self.survey_id}"
