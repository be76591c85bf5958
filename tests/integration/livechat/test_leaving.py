"""Questions left while nobody is there: answered by mail, to an address that stays a claim."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import CustomerAddress, Staff
from livechat.models import ChatHours, Visitor
from livechat.selectors import hours
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.factories.tickets import MailboxFactory
from tickets.models import Mailbox, Message, OutboundMail, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture(autouse=True)
def _mailbox(db: None) -> None:
    MailboxFactory.create()


def frame(token: str = "") -> Client:
    known = {"authorization": f"Bearer {token}"} if token else {}
    return Client(headers={"origin": settings.SITE_URL, "x-chat-origin": ORIGIN, **known})


def leave(client: Client, address: str = "mina@example.com", text: str = "Where is it?", number: int = 1) -> Any:
    body = {"client_id": f"left-{number:04}", "text": text, "address": address}
    return client.post("/chat/site/leave/", json.dumps(body), content_type="application/json")


@pytest.mark.attack("G4")
def test_leave__customers_own_address__is_somebody_else_without_history_or_mail(agent: Staff) -> None:
    mina = portal_customer(email="mina@example.com")
    hers = portal_ticket(mina)
    visitor, token = started()
    answer = leave(frame(token))
    assert answer.status_code == 201
    ticket = Ticket.objects.get(number=answer.json()["number"])

    assert ticket.requester != mina
    assert (ticket.is_requester_proven, ticket.requester_address, ticket.channel) == (False, "mina@example.com", "web")
    assert ticket.messages.get(seq=1).is_sender_proven is False
    assert not CustomerAddress.objects.filter(customer=ticket.requester).exists()
    assert not OutboundMail.objects.exists(), "nobody is mailed because a stranger typed their address"
    visitor.refresh_from_db()
    assert visitor.customer == ticket.requester
    assert frame(token).get("/chat/site/messages/").json()["messages"] == []
    # A person's answer goes there, without anything that was said before.
    words = replies.Words(text="On its way.")
    message = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=words)
    owed = OutboundMail.objects.get(message=message)
    assert (owed.to_address, owed.includes_history) == ("mina@example.com", False)
    assert hers.messages.count() == 1


@pytest.mark.attack("G4")
def test_leave__signed_in__is_told_to_write_in_the_chat() -> None:
    mina = portal_customer()
    ChatInboxFactory.create()
    client = frame()
    open_portal(client, mina)
    begun = client.post("/chat/site/start/", json.dumps({"origin": ORIGIN}), content_type="application/json").json()
    answer = leave(frame(begun["token"]), "other@example.com")
    assert (answer.status_code, "You are signed in" in answer.json()["detail"]) == (422, True)
    assert not Ticket.objects.exists()
    assert Visitor.objects.get().customer == mina


def test_leave__sent_twice__is_one_ticket_and_secrets_are_masked() -> None:
    client = frame(started()[1])
    first, second = leave(client, text=SEED), leave(client, text=SEED)
    assert first.json() == second.json()
    assert "abandon" not in Message.objects.get().text


@pytest.mark.parametrize(
    ("address", "text", "status"),
    [("mina", "Hi", 422), ("a@b\nBcc: c@d.example", "Hi", 422), ("a@b.example", " ", 422)],
)
def test_leave__what_cannot_be_answered__is_refused_in_words(address: str, text: str, status: int) -> None:
    answer = leave(frame(started()[1]), address, text)
    assert (answer.status_code, bool(answer.json()["detail"])) == (status, True)
    assert not Ticket.objects.exists()


@pytest.mark.attack("G3")
def test_leave__sixth_within_the_hour__is_429() -> None:
    client = frame(started()[1])
    codes = [leave(client, number=number).status_code for number in range(6)]
    assert codes == [201] * 5 + [429]


def test_leave__without_a_mailbox__says_so(db: None) -> None:
    Mailbox.objects.update(is_active=False)
    assert "Write in the chat instead" in leave(frame(started()[1])).json()["detail"]


def test_hours__closed__frame_tells_when_somebody_is_back_and_chatting_goes_on() -> None:
    inbox = ChatInboxFactory.create()
    assert hours.shown(inbox) == {"is_open": True, "changes": []}
    days = [(datetime.now(UTC) + timedelta(days=number)).date().isoformat() for number in (2, 3)]
    ChatHours.objects.create(inbox=inbox, weekly="", dates="\n".join(f"{day} 09:00-10:00" for day in days))
    told = hours.shown(inbox)
    assert told["is_open"] is False
    # A page that stays open for days turns at each of them.
    assert told["changes"] == [f"{day}T{hour}:00:00+00:00" for day in days for hour in ("09", "10")]
    assert "&quot;is_open&quot;: false" in Client().get("/chat/site/frame/").content.decode()
    assert said(started(inbox)[0]).message.pk
    ChatHours.objects.update(is_active=False)
    assert hours.shown(inbox)["is_open"] is True
