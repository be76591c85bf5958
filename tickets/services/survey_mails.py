"""Mails that ask for a rating: owed when their time has come, if asking still makes sense."""

from django.db import transaction

from core import audit
from core.clock import DatabaseNow
from tickets.models import Message, Survey, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import DONE
from tickets.services import outbox, timeline
from tickets.services.acknowledgements import Room

BATCH = 200


def mail_due() -> int:
    """Owe the mails that are due; returns how many. Each is a transaction of its own, and one worker's."""
    due = Survey.objects.filter(
        mail_due_at__lte=DatabaseNow(), mailed_at__isnull=True, answer_until__gt=DatabaseNow()
    ).order_by("mail_due_at")
    return sum(_mail(survey) for survey in due.select_related("ticket")[:BATCH])


def _mail(survey: Survey) -> bool:
    """Owe one; a ticket that was reopened, put aside, or rated already is asked about by no mail any more."""
    with transaction.atomic():
        # Lock order: ticket, then survey.
        ticket = timeline.lock(survey.ticket)
        waiting = Survey.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        now = waiting.filter(pk=survey.pk, mailed_at__isnull=True, mail_due_at__isnull=False).first()
        if now is None:
            return False
        if not _makes_sense(ticket, now):
            Survey.objects.filter(pk=now.pk).update(mail_due_at=None)
            _record("survey.not_mailed", ticket, now)
            return False
        # The limits of automatic mail hold for these, too: what has no room waits for the next round.
        if not Room().is_taken(ticket.requester_address.lower()):
            return False
        _owe(ticket, now)
    return True


def _makes_sense(ticket: Ticket, survey: Survey) -> bool:
    is_latest = not Survey.objects.filter(ticket=ticket, pk__gt=survey.pk).exists()
    is_asked = ticket.status in DONE and not ticket.is_spam and ticket.is_requester_proven
    is_asked = is_asked and ticket.merged_into_id is None
    is_rated = Survey.objects.filter(pk=survey.pk, answer__isnull=False).exists()
    return is_asked and is_latest and not is_rated and outbox.mailbox_of(ticket) is not None


def _owe(ticket: Ticket, survey: Survey) -> None:
    mailbox = outbox.mailbox_of(ticket)
    if mailbox is None:
        return
    event: Message = timeline.event_row("survey_mailed", {"survey": survey.public_id})
    event.channel = Channel.EMAIL
    event.is_automatic = True
    event.message_id_header = outbox.message_id(mailbox, ticket, event)
    timeline.append(ticket, event, is_public=False)
    outbox.owe(ticket=ticket, message=event, mailbox=mailbox)
    Survey.objects.filter(pk=survey.pk).update(mailed_at=DatabaseNow())
    _record("survey.mailed", ticket, survey)


def _record(action: str, ticket: Ticket, survey: Survey) -> None:
    """Each names what changed: the survey, and the ticket that has a new event and owes a mail."""
    audit.record(action, actor=audit.SYSTEM, obj=("survey", survey.public_id), detail={"ticket": ticket.public_id})
    audit.record(f"ticket.{action.replace('.', '_')}", actor=audit.SYSTEM, obj=("ticket", ticket.public_id))
