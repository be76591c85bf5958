"""Whether somebody may be written to: who says STOP gets nothing more until they say START."""

from django.db.models.functions import Coalesce

from core import audit
from core.clock import DatabaseNow
from tickets.channels.social.shapes import ASKS_FOR_HELP, OPTS_IN, OPTS_OUT
from tickets.models import SocialChat, SocialThread
from tickets.models.ticket import Status
from tickets.services import timeline

COMMANDS = (OPTS_OUT, OPTS_IN, ASKS_FOR_HELP)
STOPPED, RESUMED = "messages_stopped", "messages_resumed"


def take(*, chat: SocialChat, command: str) -> None:
    """Keep what the person of a locked conversation wants, inside the caller's transaction; the same again is nothing.

    Their open ticket says so, for staff.
    """
    if command == OPTS_OUT:
        stop(chat=chat)
    elif command == OPTS_IN:
        _change(chat, RESUMED, SocialChat.objects.filter(pk=chat.pk, stopped_at__isnull=False).update(stopped_at=None))


def stop(*, chat: SocialChat) -> None:
    """Keep that the person gets nothing more: they said so, or the vendor says that they did."""
    asked = SocialChat.objects.filter(pk=chat.pk, stopped_at__isnull=True)
    _change(chat, STOPPED, asked.update(stopped_at=Coalesce("stopped_at", DatabaseNow())))


def _change(chat: SocialChat, event: str, changed: int) -> None:
    if not changed:
        return
    obj = ("customer", chat.customer.public_id)
    audit.record(f"social.{event}", actor=audit.SYSTEM, obj=obj)
    thread = SocialThread.objects.filter(chat=chat).select_related("ticket").order_by("-ticket_id").first()
    ticket = timeline.lock(thread.ticket) if thread is not None else None
    if ticket is not None and ticket.status != Status.CLOSED:
        timeline.append_event(ticket, event, {})
