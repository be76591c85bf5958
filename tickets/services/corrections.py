"""What customers do with their own words of the last minutes, in a chat: correct them, or take them back."""

from collections.abc import Callable

from django.db import transaction

from accounts.models import Customer
from core import audit
from core.clock import DatabaseNow, from_now
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.models import Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.selectors.timeline import CORRECTABLE
from tickets.services import errors, timeline

CORRECTED, TAKEN_BACK = "message_corrected", "message_taken_back"
# What upper floors do about words that say something else now: called in the transaction that writes them.
chat_corrected: list[Callable[[Message], object]] = []


def correct(*, message: Message, by: Customer, text: str) -> Message:
    """Let the message say `text`; what it said before stays on the timeline, for staff alone.

    Masked like everything said. The same text again changes nothing. Raises TooLateToCorrect, EmptyMessage.
    """
    words = redact(storable(text))
    with transaction.atomic():
        locked, mine = _own(message, by)
        if not words.text.strip() and not mine.attachments.exists():
            raise errors.EmptyMessage
        if words.text == mine.text:
            return mine
        before = timeline.event_row(CORRECTED, {"seq": mine.seq})
        before.text = mine.text
        mine.text = words.text
        mine.redactions = sorted({finding.kind for finding in words.findings})
        Message.objects.filter(pk=mine.pk).update(text=mine.text, html="", redactions=mine.redactions)
        timeline.append(locked, before, is_public=False)
        timeline.retell_last(locked)
        _record("message.corrected", locked, mine, by)
        for heard in chat_corrected:
            heard(mine)
    return mine


def take_back(*, message: Message, by: Customer) -> None:
    """Take the message back: its words and what they were before go, its place stays. Raises TooLateToCorrect."""
    with transaction.atomic():
        locked, mine = _own(message, by)
        Message.objects.filter(pk=mine.pk).update(withdrawn_at=DatabaseNow(), text="", html="", quoted_text="")
        Message.objects.filter(ticket=locked, event=CORRECTED, event_data__seq=mine.seq).update(text="")
        timeline.retell_last(locked)
        timeline.append_event(locked, TAKEN_BACK, {"seq": mine.seq})
        _record("message.withdrawn", locked, mine, by)


def _own(message: Message, by: Customer) -> tuple[Ticket, Message]:
    """Return the locked ticket and the message as it stands, if it is still theirs to change."""
    locked = timeline.lock(message.ticket)
    said = Message.objects.filter(pk=message.pk, customer=by, kind=Message.Kind.REPLY, direction=Message.Direction.IN)
    standing = said.filter(
        channel=Channel.CHAT, withdrawn_at__isnull=True, created_at__gt=from_now(-CORRECTABLE)
    ).first()
    if standing is None or locked.status == Status.CLOSED:
        raise errors.TooLateToCorrect
    return locked, standing


def _record(action: str, ticket: Ticket, message: Message, by: Customer) -> None:
    audit.record(action, actor=by.actor, obj=("ticket", ticket.public_id), detail={"seq": message.seq})
    effects.message_changed(ticket, message)
