"""Chats for tests, opened through the services that the product itself uses."""

from collections.abc import Sequence

from factory.django import DjangoModelFactory

from livechat.models import ChatInbox, Visitor
from livechat.services import chats, uploads, visitors
from livechat.services.chats import Said
from security.models import CustomerSession

ORIGIN = "https://exchange.example"


class ChatInboxFactory(DjangoModelFactory[ChatInbox]):
    class Meta:
        model = ChatInbox
        django_get_or_create = ("slug",)

    slug = "site"
    name = "Chat with Pharos"
    allowed_origins = [ORIGIN]


def started(
    inbox: ChatInbox | None = None, *, session: CustomerSession | None = None, origin: str = ORIGIN
) -> tuple[Visitor, str]:
    """Return a new visitor and their token."""
    found = visitors.start(inbox=inbox or ChatInboxFactory.create(), origin=origin, locale="en", session=session)
    return found.visitor, found.token


def said(
    visitor: Visitor, text: str = "Where is my deposit?", client_id: str = "one", files: Sequence[str] = ()
) -> Said:
    """Return what this visitor has just said."""
    return chats.say(visitor=visitor, text=text, client_id=client_id, files=files)


def sent(visitor: Visitor, client_id: str, content: bytes, name: str = "proof.txt") -> None:
    """Have this visitor send a whole file, for a message that is still to come."""
    uploads.begin(visitor=visitor, client_id=client_id, name=name, size=len(content))
    uploads.add_part(visitor=visitor, client_id=client_id, start=0, content=content)
