"""Bots: a message is answered once or goes to people, whoever dies; what a bot hears and may do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from accounts.models import Customer, Staff
from core.audit import SYSTEM
from core.clock import DatabaseNow
from core.models import AuditEntry
from livechat import inbound_tasks
from livechat.models import BotTurn, Chat, ChatInbox, Visitor
from livechat.selectors import bots as hears
from livechat.selectors import chats as shown
from livechat.services import bots, chats, handling
from security.services import customer_sessions
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ChatInboxFactory, form_of, said, started
from tests.integration.livechat.conftest import Online
from tickets.models import Message, Ticket
from tickets.services import corrections, replies
from tickets.services.senders import Sender

POLITE = {"polite": {"name": "Polly", "path": "tests.support.hostile_bots:Polite"}}


@pytest.fixture
def inbox(db: None) -> ChatInbox:
    """An inbox that the greeter answers, with one topic."""
    made: ChatInbox = ChatInboxFactory.create(bot="greeter")
    form_of(made)
    return made


@pytest.fixture
def visitor(inbox: ChatInbox) -> Visitor:
    return started(inbox)[0]


def owed(chat: Chat) -> BotTurn:
    return BotTurn.objects.get(chat=chat, state="owed")


def answered(chat: Chat) -> None:
    bots.answer(pk=owed(chat).pk)


def told(visitor: Visitor) -> dict[str, Any]:
    return shown.shown_to_visitor(shown.latest(visitor), known="", since=0)


def by_bot(chat: Chat, kind: str = "reply") -> list[str]:
    rows = Message.objects.filter(ticket=chat.ticket, sender_role="bot", kind=kind)
    return list(rows.order_by("seq").values_list("text", flat=True))


def waits(chat: Chat) -> bool:
    return Chat.objects.waiting().filter(pk=chat.pk).exists()


def test_inbox__without_a_bot__is_answered_by_people(db: None) -> None:
    chat = said(started()[0]).chat
    assert (chat.bot, waits(chat), BotTurn.objects.count()) == ("", True, 0)


def test_correction__into_what_no_bot_hears__goes_to_people(visitor: Visitor) -> None:
    first = said(visitor, "My account was")
    answered(first.chat)
    second = said(visitor, "hccked", client_id="two")
    turn, customer = owed(second.chat), Customer.objects.get()
    corrections.correct(message=second.message, by=customer, text="hacked")

    assert waits(second.chat)
    bots.answer(pk=turn.pk)
    turn.refresh_from_db()
    assert (turn.state, len(by_bot(second.chat))) == ("overtaken", 2)
    assert "freeze it now" in by_bot(second.chat)[-1]
    corrections.correct(message=second.message, by=customer, text="hacked yesterday")
    assert len(by_bot(second.chat)) == 2


def test_greeter__first_words__greets_and_offers_the_topics(visitor: Visitor) -> None:
    chat = said(visitor, "My coins are late").chat
    assert not waits(chat)
    answered(chat)

    seen = told(visitor)
    assert seen["choices"] == ["My deposit has not arrived"]
    assert seen["queue"] is None
    assert [(one["is_bot"], one["name"]) for one in seen["messages"]] == [(False, ""), (True, "Assistant")]
    assert "automated" in seen["messages"][1]["parts"][0]["text"]
    message = Message.objects.get(sender_role="bot")
    assert (message.is_sender_proven, message.staff, message.customer, message.direction) == (False, None, None, "out")
    assert not waits(chat)


def test_greeter__topic_chosen__is_set_and_people_take_over(visitor: Visitor, online: Online) -> None:
    chat = said(visitor, "My coins are late").chat
    answered(chat)
    said(visitor, "My deposit has not arrived", "two")
    assert told(visitor)["choices"] == []
    answered(chat)

    ticket = Ticket.objects.select_related("topic").get(pk=chat.ticket_id)
    assert ticket.topic is not None
    assert ticket.topic.name == "Deposits"
    assert by_bot(chat, "note") == ["The customer wrote: “My coins are late”"]
    assert "person of our team" in by_bot(chat)[-1]
    assert waits(chat)
    assert AuditEntry.objects.filter(action="chat.bot_handed_over", object_id=chat.public_id).count() == 1
    person = online("Ada")
    inbound_tasks.sweep_rings()
    assert chat.offers.get().staff == person


def test_greeter__something_else_typed__people_take_over(visitor: Visitor) -> None:
    chat = said(visitor, "Hello?").chat
    answered(chat)
    said(visitor, "It is complicated", "two")
    answered(chat)
    assert waits(chat)
    assert BotTurn.objects.latest("pk").confidence == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("I want to talk to a person", False), ("转人工", False), ("My account was hacked!", True),
        ("Please freeze my account", True), ("我的账户被盗了", True), ("that withdrawal was not me", True),
    ],
)  # fmt: skip
def test_words_of_trust_or_for_a_person__no_bot_is_asked(visitor: Visitor, words: str, hint: bool) -> None:
    chat = said(visitor, words).chat
    assert waits(chat)
    assert BotTurn.objects.get().state == "handed_over"
    assert ("freeze it now" in by_bot(chat)[-1]) is hint


def test_two_messages_at_once__the_later_one_is_answered_and_once(visitor: Visitor) -> None:
    chat = said(visitor, "Hello").chat
    said(visitor, "Anybody?", "two")
    first, second = BotTurn.objects.order_by("pk")
    assert (first.state, second.state) == ("overtaken", "owed")
    for turn in (first, second, second, first):
        bots.answer(pk=turn.pk)
    assert len(by_bot(chat)) == 1


def test_same_message_sent_again__is_owed_once(visitor: Visitor) -> None:
    said(visitor, "Hello", "same")
    said(visitor, "Hello", "same")
    assert BotTurn.objects.count() == 1
    turn = BotTurn.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BotTurn.objects.create(chat=turn.chat, message=turn.message, due_at=DatabaseNow())


def test_worker_that_died_at_it__leaves_the_chat_to_people_after_the_deadline(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = said(visitor, "Hello").chat
    BotTurn.claim(owed(early).pk, lease_s=25)
    inbound_tasks.sweep_rings()
    assert not waits(early)

    monkeypatch.setattr(bots, "ANSWER_WITHIN", timedelta(0))
    chat = said(visitor, "Anybody?", "two").chat
    turn = owed(chat)
    assert BotTurn.claim(turn.pk, lease_s=25) is not None
    bots.answer(pk=turn.pk)
    inbound_tasks.sweep_rings()
    inbound_tasks.sweep_rings()
    assert waits(chat)
    assert len(by_bot(chat)) == 1
    assert BotTurn.objects.get(pk=turn.pk).state == "handed_over"


def test_answer_after_the_deadline__is_dropped(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bots, "ANSWER_WITHIN", timedelta(0))
    chat = said(visitor, "Hello").chat
    pk = owed(chat).pk
    bots.sweep()
    bots.answer(pk=pk)
    assert [("person" in text) for text in by_bot(chat)] == [True]


def test_agent_answers__the_bot_is_silent_for_good(visitor: Visitor, agent: Staff) -> None:
    chat = said(visitor, "Hello").chat
    pk = owed(chat).pk
    words = replies.Words(text="I am here.")
    replies.add(ticket=chat.ticket, sender=Sender.of_staff(agent), channel="chat", words=words)
    bots.answer(pk=pk)
    said(visitor, "Thanks", "two")
    Ticket.objects.update(assignee=None)
    said(visitor, "More", "three")
    assert by_bot(chat) == []
    assert not BotTurn.objects.filter(state="owed").exists()


def test_lead_takes_over__the_bot_is_done(visitor: Visitor, online: Online) -> None:
    chat = said(visitor, "Hello").chat
    lead = online("Lena")
    Staff.objects.filter(pk=lead.pk).update(role="lead")
    handling.take_over(chat=chat, by=Staff.objects.get(pk=lead.pk))
    assert not Chat.objects.with_bot().exists()
    assert BotTurn.objects.get().state == "overtaken"


def test_chat_that_ended__is_not_answered(visitor: Visitor) -> None:
    chat = said(visitor, "Hello").chat
    pk = owed(chat).pk
    chats.end(chat=chat)
    bots.answer(pk=pk)
    assert by_bot(chat) == []


def test_inbox_of_a_bot_that_is_gone__is_answered_by_people(inbox: ChatInbox) -> None:
    ChatInbox.objects.update(bot="dismissed")
    other = said(started(ChatInbox.objects.get())[0]).chat
    assert (other.bot, waits(other)) == ("", True)


def test_handed_over_twice__is_once(visitor: Visitor) -> None:
    chat = said(visitor, "a person please").chat
    said(visitor, "a person please", "two")
    assert len(by_bot(chat)) == 1
    events = Message.objects.filter(event="chat_bot_handed_over")
    assert list(events.values_list("event_data__reason", flat=True)) == ["person"]


def test_bot_role__with_staff_customer_or_proof__the_database_refuses(visitor: Visitor, agent: Staff) -> None:
    chat = said(visitor, "Hello").chat
    answered(chat)
    rows = Message.objects.filter(sender_role="bot")
    for change in (
        {"is_sender_proven": True},
        {"staff": agent},
        {"customer": chat.ticket.requester},
        {"direction": "in"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_bot_of_others__answers_from_its_own_process(inbox: ChatInbox, settings: Any) -> None:
    settings.CHAT_BOTS = POLITE
    ChatInbox.objects.update(bot="polite")
    inbox.refresh_from_db()
    visitor = started(inbox)[0]
    chat = said(visitor, "Hello there").chat
    answered(chat)
    assert by_bot(chat) == ["Hello stranger, you said 11 signs."]
    assert (told(visitor)["choices"], told(visitor)["messages"][1]["name"]) == (["Deposits"], "Polly")


@pytest.fixture
def proven(inbox: ChatInbox) -> Callable[[], Chat]:
    def opened() -> Chat:
        session = open_portal(Client(), portal_customer(name="Mina Park"))
        return said(started(inbox, session=session)[0], "Hello").chat

    return opened


def test_customers_name__is_told_of_a_verified_customer_alone(visitor: Visitor, proven: Callable[[], Chat]) -> None:
    verified = hears.heard(owed(proven()))
    assert (verified.is_verified, verified.customer) == (True, {"first_name": "Mina"})
    anonymous = hears.heard(owed(said(visitor, "I am Mina Park, mina@example.com", "two").chat))
    assert (anonymous.is_verified, anonymous.customer) == (False, {})


def test_customers_session__ended_meanwhile__nothing_is_told(proven: Callable[[], Chat]) -> None:
    chat = proven()
    assert chat.visitor.session is not None
    customer_sessions.end(session=chat.visitor.session, reason="signed_out", actor=SYSTEM)
    heard = hears.heard(owed(chat))
    assert (heard.is_verified, heard.customer) == (False, {})


def test_bot_that_is_taken_out_of_the_settings__leaves_its_chats_to_people(inbox: ChatInbox, settings: Any) -> None:
    settings.CHAT_BOTS = POLITE
    ChatInbox.objects.update(bot="polite")
    chat = said(started(ChatInbox.objects.get())[0], "Hello").chat
    turn = owed(chat)
    settings.CHAT_BOTS = {}
    bots.answer(pk=turn.pk)
    assert waits(chat)
    assert BotTurn.objects.get().last_error == "gone"
