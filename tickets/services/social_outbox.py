"""Owing somebody a message on a social channel: the row that is written in the same transaction as its cause."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from core.clock import from_now
from tickets import effects
from tickets.channels.social.registry import WITHOUT_FILES
from tickets.models import Message, SocialChat, SocialPost, SocialTemplate, SocialThread, Ticket
from tickets.models.channel import Channel
from tickets.services import errors


@dataclass(frozen=True, slots=True)
class Chosen:
    """An approved text, with the values of its variables."""

    template: SocialTemplate
    values: tuple[str, ...]


def check_way(ticket: Ticket, *, has_files: bool) -> None:
    """Refuse an answer that the person does not want or the vendor would not take.

    Raises WantsNoMessages, WindowOver, NoFilesThere.
    """
    if ticket.channel != Channel.SOCIAL or not ticket.pk:
        return
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat__account").first()
    if thread is None:
        return
    if thread.chat.stopped_at is not None:
        raise errors.WantsNoMessages
    if not thread.chat.is_answerable():
        raise errors.WindowOver
    if has_files and thread.chat.account.kind in WITHOUT_FILES:
        raise errors.NoFilesThere


def owe(*, ticket: Ticket, message: Message, chosen: Chosen | None = None) -> SocialPost | None:
    """Owe the conversation of `ticket` its `message`; None when it came by none. It leaves after the undo window.

    `chosen` is the approved text that it goes as.

    Inside the caller's transaction.
    """
    if ticket.channel != Channel.SOCIAL or not ticket.pk:
        return None
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat").first()
    if thread is None:
        return None
    delay_s = 0 if message.is_automatic else settings.UNDO_SEND_S
    post = SocialPost.objects.create(
        message=message,
        chat=thread.chat,
        next_attempt_at=from_now(timedelta(seconds=delay_s)),
        template=chosen.template if chosen else None,
        template_values=list(chosen.values) if chosen else [],
    )
    effects.post_queued(post, delay_s=delay_s)
    return post


def owe_words(*, chat: SocialChat, text: str) -> SocialPost:
    """Owe the conversation fixed words that belong to no ticket, at once; inside the caller's transaction."""
    post = SocialPost.objects.create(chat=chat, text=text)
    effects.post_queued(post, delay_s=0)
    return post
