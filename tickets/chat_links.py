"""Signed links in mails of a chat: one leads back into the conversation, for three days after its mail was owed."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from core import clock
from tickets.models import Message, Ticket

SALT = "pharos.chat-back"
LIFE_S = 72 * 3600
ROUTE = "chat:back"
EVENTS = ("chat_mailed", "chat_transcript")


def address_for(message: Message, ticket: Ticket) -> str:
    """Return the link in the mail of this event; the same for the same mail.

    Who is proven has the conversation at the portal, behind their sign-in: their link opens nothing by itself. Anybody
    else's carries its secret behind `#`, which browsers send to no server, so that no log has it.
    """
    if ticket.is_requester_proven:
        return settings.SITE_URL + reverse("portal:request", args=[ticket.public_id])
    return f"{settings.SITE_URL}{reverse(ROUTE)}#{signing.Signer(salt=SALT).sign(message.public_id)}"


def message_of(token: str) -> Message | None:
    """Return the event whose mail carried this link; None when it is forged or older than three days."""
    try:
        public_id = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    found = Message.objects.select_related("ticket").filter(public_id=public_id, event__in=EVENTS).first()
    if found is None or (clock.now() - found.created_at).total_seconds() > LIFE_S:
        return None
    return found
