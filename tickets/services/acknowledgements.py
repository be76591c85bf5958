"""The automatic "we have your message": fixed words, to proven senders only, one a day to each."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from core.clock import DatabaseNow
from tickets.models import Message, OutboundMail, Ticket
from tickets.models.channel import Channel
from tickets.services import outbox, timeline


def owe(*, ticket: Ticket) -> bool:
    """Owe the requester of a new case its acknowledgement, in the transaction that has just opened and locked it.

    Nothing of what anybody wrote is in it, so that it cannot carry a stranger's words to a victim;
    the limits per address end any loop with a machine that hides being one, and the one for
    all keeps a flood of cases from becoming a flood of mail. Returns whether it will go.
    """
    if not ticket.is_requester_proven or ticket.is_spam:
        return False
    mailbox = outbox.mailbox_of(ticket)
    if mailbox is None or _is_too_much(ticket.requester_address.lower()):
        return False
    event = Message(
        kind=Message.Kind.EVENT,
        direction=Message.Direction.OUT,
        channel=Channel.EMAIL,
        sender_role=Message.SenderRole.SYSTEM,
        event="acknowledged",
        event_data={},
        is_automatic=True,
    )
    event.message_id_header = outbox.message_id(mailbox, ticket, event)
    timeline.append(ticket, event, is_public=False)
    outbox.owe(ticket=ticket, message=event, mailbox=mailbox)
    return True


def _is_too_much(address: str) -> bool:
    """Whether one more automatic mail would break a limit.

    Who asks waits for the others that are about to write one: first for those to the same address, then for all. Both
    locks end with the transaction, so that what was counted is still true when the row is there.
    """
    minute, everybody = timedelta(minutes=1), OutboundMail.objects.filter(is_automatic=True)
    if _has_reached(everybody, minute, settings.AUTOMATIC_MAILS_PER_MIN):
        return True  # in a flood nobody waits for anybody
    _wait_for(f"automatic mail to {address}")
    theirs = everybody.annotate(address=Lower("to_address")).filter(address=address)
    if _has_reached(theirs, timedelta(hours=1), settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H):
        return True
    if _has_reached(theirs, timedelta(days=1), settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY):
        return True
    _wait_for("automatic mail")
    return _has_reached(everybody, minute, settings.AUTOMATIC_MAILS_PER_MIN)


def _has_reached(mails: QuerySet[OutboundMail], span: timedelta, limit: int) -> bool:
    return mails.filter(created_at__gt=DatabaseNow() - span)[:limit].count() >= limit


def _wait_for(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
