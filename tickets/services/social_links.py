"""Joining a private conversation to a customer: asked for in the conversation, confirmed at the portal, signed in.

The way is always from the conversation to the portal: who writes there gets a link, and whoever opens it has proven to
the exchange who they are and reads whose conversation it is before they say yes. What comes in afterwards is the
customer's; cases that were opened before stay what they were. No fund-related action rests on a link.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Customer
from core import audit
from core.clock import DatabaseNow, from_now, now
from security import digests
from tickets.models import SocialChat, SocialLink, SocialThread
from tickets.models.social_link import LINK_LIFE
from tickets.models.ticket import DONE
from tickets.services import social_outbox, timeline
from tickets.services.errors import Refused

# A link that nobody opened is of no use to who finds it later.
OPENS_FOR = timedelta(minutes=30)
LINKED, UNLINKED = "conversation_linked", "conversation_unlinked"


class LinkIsOver(Refused):
    """The link was used, replaced by a newer one, or is older than half an hour."""


def issue(*, chat: SocialChat) -> str:
    """Return an address that joins the locked private `chat` to who opens it signed in; former ones open nothing."""
    secret = secrets.token_urlsafe(32)
    fresh = {"secret_hash": digests.of_token(secret), "opens_until": from_now(OPENS_FOR)}
    if not SocialLink.objects.filter(pk=chat.pk).update(**fresh):
        SocialLink.objects.create(chat=chat, **fresh)
    audit.record("social.link_issued", actor=audit.SYSTEM, obj=("customer", chat.customer.public_id))
    return f"{settings.SITE_URL}{reverse('portal:conversation_link', args=[secret])}"


def opened_by(secret: str) -> SocialLink:
    """Return the link behind a secret that still opens one. Raises LinkIsOver."""
    whole = SocialLink.objects.select_related("chat__account", "chat__customer")
    found = whole.filter(secret_hash=digests.of_token(secret), opens_until__gt=DatabaseNow()).first()
    if found is None:
        raise LinkIsOver
    return found


def join(*, secret: str, customer: Customer) -> SocialLink:
    """Join the conversation behind a secret to `customer`, who has confirmed it signed in. Raises LinkIsOver."""
    with transaction.atomic():
        link = opened_by(secret)
        chat = SocialChat.objects.select_for_update(of=("self",), no_key=True).get(pk=link.chat_id)
        used = SocialLink.objects.filter(pk=link.pk, secret_hash=digests.of_token(secret))
        if not used.update(secret_hash="", opens_until=None, customer=customer, linked_at=DatabaseNow()):
            raise LinkIsOver
        _tell(chat, LINKED)
        with translation.override(customer.language):
            social_outbox.owe_words(chat=chat, text=_words_of_joining())
        audit.record("social.linked", actor=customer.actor, obj=("customer", customer.public_id))
    return link


def part(*, public_id: str, customer: Customer) -> bool:
    """End a link of `customer`'s; what comes in afterwards is again of somebody unproven. False when it is none."""
    with transaction.atomic():
        found = (
            SocialLink.objects.select_for_update(of=("self",), no_key=True)
            .filter(public_id=public_id, customer=customer)
            .first()
        )
        if found is None:
            return False
        SocialLink.objects.filter(pk=found.pk).update(customer=None, linked_at=None)
        _tell(SocialChat.objects.get(pk=found.chat_id), UNLINKED)
        audit.record("social.unlinked", actor=customer.actor, obj=("customer", customer.public_id))
    return True


def customer_of(chat: SocialChat) -> Customer | None:
    """Return whose the conversation is by a living link; None for what merely claims to be somebody's."""
    link = getattr(chat, "link", None)
    if chat.is_public or link is None or link.linked_at is None or link.linked_at + LINK_LIFE <= now():
        return None
    customer: Customer | None = link.customer
    return customer


def _tell(chat: SocialChat, event: str) -> None:
    """Write it on the timeline of the case that the conversation has open, if one is."""
    thread = SocialThread.objects.filter(chat=chat).select_related("ticket").order_by("-ticket_id").first()
    if thread is not None and thread.ticket.status not in DONE:
        timeline.append_event(timeline.lock(thread.ticket), event, {})


def _words_of_joining() -> str:
    portal = f"{settings.SITE_URL}{reverse('portal:conversations')}"
    return _(
        "This conversation is now linked to an account at the exchange, by its holder, signed in. If that was not you, "
        "end the link: %(portal)s"
    ) % {"portal": portal}
