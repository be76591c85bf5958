"""Answers that follow by mail whom they did not reach in the chat, to addresses that are proven or confirmed alone."""

import email
import email.policy
import json
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from core.models import AuditEntry, Notice
from livechat.models import Chat, ChatAddress, ChatInbox, Mark, Visitor
from livechat.selectors import by_mail
from livechat.services import chat_addresses, continuing, reading, visitors
from livechat.services.chat_addresses import Outcome
from livechat.services.chats import Said
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.integration.tickets.email.conftest import Mail, mail, mailbox
from tests.support.letters import letter
from tickets.delivery import sending
from tickets.models import Mailbox, Message, OutboundMail
from tickets.services import errors, replies
from tickets.services.senders import Sender

__all__ = ["mail", "mailbox"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]
MINA = "mina@example.com"
GONE = timedelta(minutes=6)
Move = Callable[[timedelta], None]


@pytest.fixture(autouse=True)
def postbox(settings: Settings, tmp_path: Path) -> Path:
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR = True, tmp_path / "postbox"
    return tmp_path / "postbox"


def frame(token: str, origin: str = ORIGIN) -> Client:
    known = {"authorization": f"Bearer {token}", "x-chat-origin": origin}
    return Client(headers={"origin": settings.SITE_URL, **known})


def post(client: Client, door: str, **body: str) -> Any:
    return client.post(f"/chat/site/{door}", json.dumps(body), content_type="application/json")


def answer(told: Said, agent: Staff, text: str) -> Message:
    words = replies.Words(text=text)
    return replies.add(ticket=told.chat.ticket, sender=Sender.of_staff(agent), channel="chat", words=words)


def read(visitor: Visitor, upto: int) -> None:
    chat = Chat.objects.select_related("ticket", "visitor").get(visitor=visitor)
    assert reading.move(chat=chat, side=Mark.Side.VISITOR, delivered=upto, read=upto)


def confirmed(visitor: Visitor, address: str = MINA) -> ChatAddress:
    """The visitor's address, asked for and confirmed as people do it."""
    chat_addresses.ask(visitor=visitor, address=address)
    row = ChatAddress.objects.get(visitor=visitor, ended_at=None)
    assert chat_addresses.confirm(token=mailed_token(address), number=row.number) == Outcome.CONFIRMED
    return row


def mailed_token(address: str = MINA) -> str:
    body = Notice.objects.filter(to_address=address).latest("pk").body or ""
    found = re.search(r"/chat/mail/([\w-]+)/confirm/", body)
    assert found is not None
    return found[1]


def leave_letter(postbox: Path) -> EmailMessage:
    """Send what is owed, and return the mail that left last."""
    for pk in OutboundMail.objects.filter(state="queued").values_list("pk", flat=True):
        sending.deliver_email(pk)
    newest = max(postbox.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    found = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def words_of(found: EmailMessage) -> str:
    body = found.get_body(("plain",))
    return str(body.get_content()) if body else ""


def link_of(found: EmailMessage) -> str:
    place = re.search(r"/chat/back/#(\S+)", words_of(found))
    assert place is not None
    return place[1]


def come_back(link: str) -> Any:
    client = Client(headers={"origin": settings.SITE_URL})
    return client.post("/chat/back/open/", json.dumps({"link": link}), content_type="application/json")


# Following


def test_sweep__visitor_gone__mails_unread_answers_once_and_together(
    agent: Staff, move_time: Move, postbox: Path
) -> None:
    visitor, _token = started()
    told = said(visitor, "Where is my deposit?")
    confirmed(visitor)
    answer(told, agent, "Which one?")
    read(visitor, 2)
    answer(told, agent, "We found it.")
    replies.add_note(ticket=told.chat.ticket, author=agent, text="A note of ours")
    answer(told, agent, "It is on its way.")
    assert continuing.sweep() == 0, "the visitor may still be there"
    move_time(GONE)
    assert continuing.sweep() == 1
    move_time(GONE)
    assert continuing.sweep() == 0
    owed = OutboundMail.objects.get()
    assert (owed.to_address, owed.includes_history, owed.cc_addresses) == (MINA, False, [])
    sent = words_of(leave_letter(postbox))
    assert sent.index("We found it.") < sent.index("It is on its way.")
    for never in ("Which one?", "Where is my deposit?", "A note of ours"):
        assert never not in sent
    told.chat.refresh_from_db()
    assert (told.chat.mailed, told.chat.mail_owed_since) == (4, None)
    assert told.chat.ticket.messages.get(event="chat_mailed").public_seq is None
    assert AuditEntry.objects.filter(action="chat.mailed", object_id=told.chat.public_id).count() == 1


def test_sweep__visitor_still_there__waits_and_what_is_read_meanwhile_is_never_mailed(
    agent: Staff, move_time: Move
) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    answer(told, agent, "Which one?")
    move_time(GONE)
    visitors.heard_from([visitor.pk])
    assert continuing.sweep() == 0
    read(visitor, 2)
    move_time(GONE)
    assert continuing.sweep() == 0
    assert Chat.objects.get().mail_owed_since is None
    assert not OutboundMail.objects.exists()


def test_sweep__inbox_that_never_mails__owes_nothing(agent: Staff, move_time: Move) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    ChatInbox.objects.update(mail_after_min=0)
    answer(told, agent, "Here.")
    move_time(timedelta(days=1))
    assert continuing.sweep() == 0


@pytest.mark.attack("G4")
def test_sweep__nobody_proven_or_confirmed__mails_nobody_until_then(agent: Staff, move_time: Move) -> None:
    portal_customer(email=MINA)
    visitor, _token = started()
    told = said(visitor)
    answer(told, agent, "Here.")
    chat_addresses.ask(visitor=visitor, address=MINA)
    move_time(GONE)
    assert continuing.sweep() == 0
    row = ChatAddress.objects.get()
    assert chat_addresses.confirm(token=mailed_token(), number=row.number) == Outcome.CONFIRMED
    move_time(GONE)
    assert continuing.sweep() == 1
    assert told.chat.ticket.requester.addresses.count() == 0, "confirming makes nobody known"
    told.chat.ticket.refresh_from_db()
    assert told.chat.ticket.is_requester_proven is False


def test_sweep__proven_customer__goes_to_what_is_proven_and_leads_to_the_portal(
    agent: Staff, move_time: Move, postbox: Path
) -> None:
    mina = portal_customer(email=MINA)
    visitor, _token = started(session=open_portal(Client(), mina))
    told = said(visitor)
    answer(told, agent, "Here.")
    move_time(GONE)
    assert continuing.sweep() == 1
    sent = leave_letter(postbox)
    assert sent["To"] == MINA
    assert f"{settings.SITE_URL}/portal/requests/{told.chat.ticket.public_id}/" in words_of(sent)
    assert "/chat/back/" not in words_of(sent)


def test_sweep__taken_back_before_the_mail_leaves__leaves_without(agent: Staff, move_time: Move) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    message = answer(told, agent, "Here.")
    move_time(GONE)
    assert continuing.sweep() == 1
    Message.objects.filter(pk=message.pk).update(withdrawn_at=message.created_at, text="")
    sending.deliver_email(OutboundMail.objects.get().pk)
    assert OutboundMail.objects.get().state == "failed"


def test_sweep__mail_that_cannot_be_written__is_tried_again_in_an_hour(
    agent: Staff, move_time: Move, mailbox: Mailbox
) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    answer(told, agent, "Here.")
    Mailbox.objects.filter(pk=mailbox.pk).update(address="support@no_domain")
    move_time(GONE)
    assert continuing.sweep() == 0, "it keeps no other from its turn"
    Mailbox.objects.filter(pk=mailbox.pk).update(address="support@pharos.test")
    move_time(GONE)
    assert continuing.sweep() == 0
    move_time(timedelta(hours=1))
    assert continuing.sweep() == 1


@pytest.mark.attack("A7")
def test_sweep__more_than_ten_a_day__wait_for_the_next(agent: Staff, move_time: Move) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    sent = 0
    for number in range(12):
        answer(told, agent, f"Answer {number}")
        move_time(GONE)
        sent += continuing.sweep()
    assert sent == continuing.PER_DAY
    move_time(timedelta(days=1))
    assert continuing.sweep() == 1


def test_answer__by_mail__joins_the_ticket_and_reaches_the_chat(
    agent: Staff, move_time: Move, postbox: Path, mail: Mail
) -> None:
    visitor, token = started()
    told = said(visitor)
    confirmed(visitor)
    answer(told, agent, "Which one?")
    move_time(GONE)
    continuing.sweep()
    sent = leave_letter(postbox)
    raw = letter(sender=f"Mina <{MINA}>", to=str(sent["Reply-To"]), text="The one of Monday.")
    assert mail.take(raw, to=str(sent["Reply-To"])).ticket == told.chat.ticket
    shown = frame(token).get("/chat/site/messages/").json()["messages"]
    last = shown[-1]
    assert (last["is_mine"], last["parts"][0]["text"].strip()) == (True, "The one of Monday.")
    assert last["correctable_s"] == 0, "what was mailed stays said"
    changed = {"chat": told.chat.public_id, "seq": 3}
    refused = frame(token).post("/chat/site/take-back/", json.dumps(changed), content_type="application/json")
    assert refused.status_code == 404
    joined = told.chat.ticket.messages.get(public_seq=3)
    assert (joined.sender_role, joined.channel) == ("requester", "email")


@pytest.mark.attack("A4")
def test_answer__by_mail_from_elsewhere__is_a_third_party(
    agent: Staff, move_time: Move, postbox: Path, mail: Mail
) -> None:
    visitor, token = started()
    told = said(visitor)
    confirmed(visitor)
    answer(told, agent, "Which one?")
    move_time(GONE)
    continuing.sweep()
    sent = leave_letter(postbox)
    mail.take(letter(sender="Eve <eve@evil.example>", to=str(sent["Reply-To"]), text="Mine."), to=str(sent["Reply-To"]))
    assert len(frame(token).get("/chat/site/messages/").json()["messages"]) == 2
    assert told.chat.ticket.messages.get(text="Mine.").sender_role == "third_party"


# Addresses


@pytest.mark.attack("A7")
def test_ask__address_of_anybody__gets_fixed_words_twice_a_day_and_nobody_is_told(agent: Staff) -> None:
    for number in range(4):
        visitor, token = started()
        said(visitor, f"BUY NOW at evil.example {number}")
        given = post(frame(token), "mail/address/", address="victim@example.com")
        assert (given.status_code, "victim@example.com" in given.content.decode()) == (200, True)
    sent = Notice.objects.filter(to_address="victim@example.com")
    assert sent.count() == chat_addresses.PER_ADDRESS_PER_DAY
    assert not any("BUY" in (one.body or "") + one.subject or "evil" in (one.body or "") for one in sent)


def test_ask__fourth_within_the_hour__is_refused() -> None:
    visitor, _token = started()
    said(visitor)
    for number in range(chat_addresses.PER_VISITOR_PER_H):
        chat_addresses.ask(visitor=visitor, address=f"mina{number}@example.com")
    with pytest.raises(errors.TooManyRequests):
        chat_addresses.ask(visitor=visitor, address=MINA)
    assert ChatAddress.objects.open().count() == 1, "a former address counts no more"


@pytest.mark.parametrize(("address", "words"), [("mina", "not an email address"), ("a@b\nBcc: c@d.example", "not an")])
def test_ask__what_is_no_address__is_refused_in_words(address: str, words: str) -> None:
    visitor, token = started()
    said(visitor)
    given = post(frame(token), "mail/address/", address=address)
    assert (given.status_code, words in given.content.decode()) == (422, True)
    assert not Notice.objects.exists()


def test_ask__without_a_conversation_or_signed_in__is_refused() -> None:
    _visitor, token = started()
    assert post(frame(token), "mail/address/", address=MINA).status_code == 422
    visitor, token = started(session=open_portal(Client(), portal_customer()))
    said(visitor)
    assert post(frame(token), "mail/address/", address="other@example.com").status_code == 422
    assert not ChatAddress.objects.exists()
    assert "m***@e***" in frame(token).get("/chat/site/mail/").content.decode()


@pytest.mark.attack("G4")
def test_confirm__link_without_the_chats_number__never_confirms() -> None:
    visitor, _token = started()
    said(visitor)
    chat_addresses.ask(visitor=visitor, address=MINA)
    row, path = ChatAddress.objects.get(), f"/chat/mail/{mailed_token()}/confirm/"
    client = Client()
    assert client.get(path).status_code == 200
    assert row.number not in client.get(path).content.decode()
    wrong = f"{(int(row.number) + 1) % 10_000:04}"
    assert [client.post(path, {"number": wrong}).status_code for _turn in range(3)] == [422] * 3
    assert client.post(path, {"number": row.number}).status_code == 410, "three wrong numbers are the end of it"
    assert by_mail.confirmed(visitor) == ""


def test_confirm__link_and_number__confirms_once_for_a_day(move_time: Move) -> None:
    visitor, token = started()
    said(visitor)
    chat_addresses.ask(visitor=visitor, address=MINA)
    row, path = ChatAddress.objects.get(), f"/chat/mail/{mailed_token()}/confirm/"
    assert row.number in frame(token).get("/chat/site/mail/").content.decode()
    done = Client().post(path, {"number": row.number})
    assert (done.status_code, "Answers will follow you by mail" in done.content.decode()) == (200, True)
    assert Client().get(path).status_code == 410
    assert "m***@e***" in frame(token).get("/chat/site/mail/").content.decode()
    assert post(frame(token), "mail/stop/").status_code == 200
    assert by_mail.confirmed(visitor) == ""
    chat_addresses.ask(visitor=visitor, address=MINA)
    move_time(timedelta(hours=25))
    assert chat_addresses.of_token(mailed_token()) is None
    move_time(timedelta(hours=25))
    assert chat_addresses.tidy() == 1


# Coming back


@pytest.fixture
def mailed(agent: Staff, move_time: Move, postbox: Path) -> tuple[Visitor, str]:
    """A visitor with a mailed answer, and the secret of its link."""
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    answer(told, agent, "Which one?")
    move_time(GONE)
    continuing.sweep()
    return visitor, link_of(leave_letter(postbox))


def test_come_back__by_the_link__opens_the_conversation_once(mailed: tuple[Visitor, str]) -> None:
    visitor, link = mailed
    assert Client().get("/chat/back/").status_code == 200
    opened = come_back(link)
    assert (opened.status_code, opened.json()["inbox"]) == (201, "site")
    here = frame(opened.json()["token"], settings.SITE_URL)
    shown = here.get("/chat/site/messages/").json()
    assert [one["parts"][0]["text"] for one in shown["messages"]] == ["Where is my deposit?", "Which one?"]
    said_there = post(here, "say/", client_id="from-the-mail", text="The one of Monday.")
    assert said_there.json()["chat"] == Chat.objects.get(visitor=visitor).public_id
    assert come_back(link).status_code == 410


@pytest.mark.attack("G1")
def test_come_back__key__counts_in_its_inbox_and_on_our_page_alone_for_a_day(
    mailed: tuple[Visitor, str], move_time: Move
) -> None:
    visitor, link = mailed
    token = come_back(link).json()["token"]
    ChatInboxFactory.create(slug="other")
    address = "/chat/{}/messages/"
    assert frame(token).get(address.format("site")).status_code == 401
    assert frame(token, settings.SITE_URL).get(address.format("other")).status_code == 401
    assert frame(token, settings.SITE_URL).get(address.format("site")).status_code == 200
    move_time(timedelta(hours=25))
    assert frame(token, settings.SITE_URL).get(address.format("site")).status_code == 401
    assert visitor.ended_at is None


@pytest.mark.attack("G4")
@pytest.mark.parametrize("to", ["", "other@example.com"])
def test_come_back__mail_went_where_answers_follow_no_more__is_gone(mailed: tuple[Visitor, str], to: str) -> None:
    visitor, link = mailed
    if to:
        confirmed(visitor, to)
    else:
        chat_addresses.stop(visitor=visitor)
    assert come_back(link).status_code == 410


@pytest.mark.parametrize("how", ["forged", "old", "left", "foreign page"])
def test_come_back__link_that_does_not_count__is_gone(mailed: tuple[Visitor, str], move_time: Move, how: str) -> None:
    visitor, link = mailed
    if how == "forged":
        link = f"{link.partition(':')[0]}:{'A' * 43}"
    elif how == "old":
        move_time(timedelta(hours=73))
    elif how == "left":
        visitors.sign_out(visitor=visitor)
    if how == "foreign page":
        client = Client(headers={"origin": "https://evil.example"})
        body = json.dumps({"link": link})
        assert client.post("/chat/back/open/", body, content_type="application/json").status_code == 403
        return
    assert come_back(link).status_code == 410


def test_come_back__visitor_signs_out__key_ends_with_them(mailed: tuple[Visitor, str]) -> None:
    visitor, link = mailed
    token = come_back(link).json()["token"]
    visitors.sign_out(visitor=visitor)
    assert frame(token, settings.SITE_URL).get("/chat/site/messages/").status_code == 401
