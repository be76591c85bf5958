"""Answers that follow a visitor by mail: owed with the answer, sent by a sweeper once the visitor has been gone.

PostgreSQL keeps what is owed (`Chat.mail_owed_since`); the sweeper only looks. What was read in the chat, or has
followed before, does not follow again.
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.utils import InterfaceError, OperationalError

from core import audit
from core.clock import DatabaseNow, from_now
from livechat.models import Chat, Mark
from livechat.selectors import by_mail
from tickets.models import Message, Ticket
from tickets.services import correspondence, timeline

# So long after an answer: what is said in one breath leaves in one mail.
SETTLES = timedelta(minutes=1)
# Mails of one chat within a day; what is said after them waits.
PER_DAY = 10
LATER = timedelta(hours=1)
BATCH = 100

log = structlog.get_logger(__name__)


def owe(ticket: Ticket) -> None:
    """Note that an answer of ours may have to follow; in the transaction that writes it."""
    Chat.objects.filter(ticket=ticket, mail_owed_since__isnull=True).update(mail_owed_since=DatabaseNow())


def sweep() -> int:
    """Send what is due, each chat in a transaction of its own; returns how many mails are owed now.

    Any number of sweepers may run: whoever holds the chat's row decides, and looks again behind the lock. A chat whose
    mail cannot be written is tried again in an hour: it keeps no other from its turn.
    """
    sent = 0
    for chat_pk, ticket_pk in _due().order_by("mail_owed_since").values_list("pk", "ticket_id")[:BATCH]:
        try:
            sent += _look(chat_pk, ticket_pk)
        except Exception as error:
            if isinstance(error, OperationalError | InterfaceError):
                raise
            log.exception("mail_of_chat_failed", chat=chat_pk)
            Chat.objects.filter(pk=chat_pk).update(mail_owed_since=from_now(LATER))
    return sent


def _look(chat_pk: int, ticket_pk: int) -> bool:
    with transaction.atomic():
        # Lock order: ticket, chat.
        ticket = timeline.lock(Ticket(pk=ticket_pk))
        found = _due().filter(pk=chat_pk).select_related("visitor")
        chat = found.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        return chat is not None and _settle(chat, ticket)


def _due() -> QuerySet[Chat]:
    """Chats with an answer that has settled, whose visitor has been gone for as long as the inbox says."""
    wait = ExpressionWrapper(
        F("visitor__inbox__mail_after_min") * Value(timedelta(minutes=1)), output_field=DurationField()
    )
    here = Coalesce("visitor__here_at", "visitor__seen_at")
    found = Chat.objects.filter(mail_owed_since__lt=from_now(-SETTLES), visitor__inbox__mail_after_min__gt=0)
    return found.annotate(gone_since=here + wait).filter(gone_since__lt=DatabaseNow())


def _settle(chat: Chat, ticket: Ticket) -> bool:
    """Owe one mail for what is unread, or find that nothing is owed; the ticket and the chat are locked."""
    unread = _unread(chat, ticket)
    address = by_mail.address_of(chat, ticket) if unread and not ticket.is_spam else ""
    mailbox = correspondence.mailbox_of(ticket) if address else None
    if mailbox is None or correspondence.has_bounced(ticket, address):
        # Until the next answer, or until the visitor confirms an address.
        Chat.objects.filter(pk=chat.pk).update(mail_owed_since=None)
        return False
    if correspondence.mailed_within_a_day(ticket, "chat_mailed") >= PER_DAY:
        Chat.objects.filter(pk=chat.pk).update(mail_owed_since=from_now(LATER))
        return False
    after, upto = unread[0] - 1, unread[-1]
    correspondence.continue_by_mail(ticket=ticket, mailbox=mailbox, address=address, after=after, upto=upto)
    Chat.objects.filter(pk=chat.pk).update(mailed=upto, mail_owed_since=None)
    about: dict[str, audit.Detail] = {"ticket": ticket.public_id, "after": after, "upto": upto}
    audit.record("chat.mailed", actor=audit.SYSTEM, obj=("chat", chat.public_id), detail=about)
    audit.record("ticket.chat_mailed", actor=audit.SYSTEM, obj=("ticket", ticket.public_id))
    return True


def _unread(chat: Chat, ticket: Ticket) -> list[int]:
    """Return the public numbers of answers that still stand, were not read in the chat and have not followed before."""
    mark = Mark.objects.filter(chat=chat, side=Mark.Side.VISITOR).first()
    known = max(mark.read if mark else 0, chat.mailed)
    answers = Q(direction=Message.Direction.OUT, kind=Message.Kind.REPLY, withdrawn_at__isnull=True)
    found = ticket.messages.filter(answers, public_seq__gt=known).order_by("public_seq")
    return [seq for seq in found.values_list("public_seq", flat=True) if seq is not None]
