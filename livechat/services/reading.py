"""How far each side has received and read, and who is writing right now."""

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from core import passing
from core.clock import DatabaseNow
from core.storable_text import storable
from livechat import effects
from livechat.models import Chat, Mark
from livechat.selectors.chats import TYPED
from security.redaction import redact

PREVIEW_S = 8


def move(*, chat: Chat, side: str, delivered: int, read: int) -> bool:
    """Move the mark of a Mark.Side on to these public numbers, never back and never past what is there.

    What is read has been received. The other side is told. False when nothing moved.
    """
    last = chat.ticket.last_public_seq
    read = min(read, last)
    delivered = min(max(delivered, read), last)
    behind = Q(delivered__lt=delivered) | Q(read__lt=read)
    moved = Mark.objects.filter(behind, chat=chat, side=side).update(
        delivered=Greatest(F("delivered"), Value(delivered)),
        read=Greatest(F("read"), Value(read)),
        moved_at=DatabaseNow(),
    )
    if moved and side == Mark.Side.VISITOR:
        effects.visitor_saw(chat)
    elif moved:
        effects.staff_saw(chat)
    return bool(moved)


def staff_writes(*, chat: Chat) -> None:
    """Tell the visitor that somebody of ours is writing; nothing is kept."""
    effects.staff_typed(chat)


def visitor_writes(*, ticket: str, words: str = "") -> None:
    """Tell whoever looks at the ticket (by public id) that the visitor is writing; nothing is kept.

    Where the inbox shows it, the words are there for seconds, masked; elsewhere they are dropped unread.
    """
    if words and Chat.objects.filter(ticket__public_id=ticket, visitor__inbox__shows_typing=True).exists():
        passing.say(scope=TYPED, who=ticket, words=redact(storable(words)).text, life_s=PREVIEW_S)
    effects.visitor_typed(ticket)


def visitor_said(*, chat: Chat) -> None:
    """What was being typed is said: it is shown as a message now."""
    if chat.visitor.inbox.shows_typing:
        passing.say(scope=TYPED, who=chat.ticket.public_id, words="", life_s=PREVIEW_S)
