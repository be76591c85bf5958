"""Coming back into a conversation by the link of a mail: once, in one browser, for a day."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from core import audit
from core.clock import from_now
from livechat.models import Chat, Visitor, VisitorKey
from livechat.selectors import by_mail
from livechat.services.visitors import TOKEN_BYTES
from security import digests
from tickets import chat_links
from tickets.models import OutboundMail

LIFE = timedelta(days=1)
BATCH = 1_000


class LinkIsOver(Exception):
    """The link is forged, too old or used, went where answers follow no more, or its visitor has left for good."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A way back: which inbox's frame shows the conversation, and the token for it."""

    inbox: str
    token: str


def open_link(*, link: str) -> Opened:
    """Use a link, and return a token of the same visitor, which opens no more than theirs. Raises LinkIsOver."""
    message = chat_links.message_of(link)
    if message is None:
        raise LinkIsOver
    with transaction.atomic():
        chat = (
            Chat.objects.filter(ticket=message.ticket_id).select_related("visitor__inbox", "visitor__customer").first()
        )
        # Who is proven comes back by their sign-in.
        mine = Visitor.objects.living().filter(session__isnull=True)
        if chat is None or not mine.filter(pk=chat.visitor_id).exists():
            raise LinkIsOver
        # Who reads mail where answers followed once, and follow no more, is not who talks here.
        if not OutboundMail.objects.filter(message=message, to_address=by_mail.confirmed(chat.visitor)).exists():
            raise LinkIsOver
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = VisitorKey(
            visitor=chat.visitor,
            link=message.public_id,
            token_digest=digests.of_token(token),
            origin=settings.SITE_URL,
            expires_at=from_now(LIFE),
        )
        # Of two at once, one wins.
        VisitorKey.objects.bulk_create([row], ignore_conflicts=True)
        if not VisitorKey.objects.filter(link=message.public_id, token_digest=row.token_digest).exists():
            raise LinkIsOver
        actor = chat.visitor.customer.actor if chat.visitor.customer else audit.ANONYMOUS
        audit.record(
            "visitor.came_back",
            actor=actor,
            obj=("visitor", chat.visitor.public_id),
            detail={"chat": chat.public_id},
        )
    return Opened(chat.visitor.inbox.slug, token)


def tidy() -> int:
    """Delete what has opened nothing for a month: until then its link counts as used."""
    old = VisitorKey.objects.filter(expires_at__lt=from_now(-timedelta(days=30)))
    gone = 0
    while count := old.filter(pk__in=old.order_by("pk").values("pk")[:BATCH]).delete()[0]:
        gone += count
    if gone:
        audit.record("visitor_keys.deleted", actor=audit.SYSTEM, detail={"count": gone})
    return gone
