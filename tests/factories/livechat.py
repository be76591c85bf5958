"""Chats for tests, opened through the services that the product itself uses."""

from collections.abc import Sequence
from typing import Any

from factory.django import DjangoModelFactory

from accounts.models import Staff
from core.ids import new_public_id
from livechat.models import ChatInbox, TopicForm, TopicQuestion, Visitor
from livechat.services import chats, uploads, visitors
from livechat.services.chats import Said
from security.models import CustomerSession
from tickets.models import Survey, Ticket, Topic
from tickets.services import properties, status

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


def form_of(inbox: ChatInbox, kind: str = "tx_hash", **more: Any) -> tuple[TopicForm, TopicQuestion]:
    """Return a form of one topic with one question of this kind."""
    heading = Topic.objects.create(name=new_public_id(), slug=new_public_id())
    topic = Topic.objects.create(parent=heading, name="Deposits", slug=new_public_id())
    form = TopicForm.objects.create(
        inbox=inbox, topic=topic, name="My deposit has not arrived", name_zh_hans="我的充值未到账"
    )
    labels = {"label": "Transaction hash", "label_zh_hans": "交易哈希"}
    return form, TopicQuestion.objects.create(form=form, position=1, kind=kind, **{**labels, **more})


def resolved(ticket: Ticket, by: Staff) -> Survey:
    """Return the survey that asks about the resolution of this chat's ticket, which `by` has in hand."""
    ticket = properties.assign(ticket=ticket, to=by, by=by)
    heading = Topic.objects.get_or_create(slug="rated", name="Rated")[0]
    topic = Topic.objects.get_or_create(slug="rated-one", name="One", parent=heading)[0]
    ticket = properties.set_topic(ticket=ticket, to=topic, by=by)
    status.move(ticket=ticket, to="resolved", by=by)
    return Survey.objects.select_related("ticket", "customer").filter(ticket=ticket).latest("pk")
