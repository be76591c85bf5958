"""Conversations of visitors: one ticket from the first message on, said once, masked, and nobody else's history."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Customer, Staff
from core.audit import SYSTEM
from core.models import AuditEntry
from livechat.models import Chat, Mark, Visitor
from livechat.selectors import chats as shown
from livechat.services import chats, reading, visitors
from security.services import customer_sessions
from tests.factories.accounts import TeamFactory
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.factories.tickets import MailboxFactory, mail_ticket
from tickets.models import Message, OutboundMail, Ticket
from tickets.services import errors, replies
from tickets.services.senders import Sender

PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def visitor(db: None) -> Visitor:
    return started()[0]


def answer(ticket: Ticket, agent: Staff, text: str = "Let me look.") -> Message:
    return replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="chat", words=replies.Words(text=text))


def close(ticket: Ticket) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")


def test_say__first_message__is_a_ticket_of_the_chat(db: None) -> None:
    team = TeamFactory.create()
    inbox = ChatInboxFactory.create(team=team)
    told = said(started(inbox)[0], "Where is my deposit?\nIt has been two days.")
    ticket = told.chat.ticket

    assert (ticket.channel, ticket.team, ticket.status, ticket.last_public_seq) == ("chat", team, "new", 1)
    assert ticket.subject.startswith("Where is my deposit?")
    assert (told.message.public_seq, told.message.direction, told.message.channel) == (1, "in", "chat")


def test_say__again_with_the_same_client_id__is_the_first_message(visitor: Visitor) -> None:
    first = said(visitor)
    again = said(visitor, "Something else")

    assert (again.message.pk, again.chat.pk) == (first.message.pk, first.chat.pk)
    assert Message.objects.count() == 1


def test_say__again_after_the_chat_has_ended__opens_no_second_ticket(visitor: Visitor) -> None:
    first = said(visitor)
    chats.end(chat=first.chat)

    assert said(visitor).message.pk == first.message.pk
    assert Ticket.objects.count() == 1


def test_say__eight_first_messages_at_once__are_one_ticket_with_gapless_numbers(clone_db: str, race: Any) -> None:
    visitor = started()[0]

    race(*(partial(said, visitor, f"Message {number}", str(number)) for number in range(8)))

    assert Ticket.objects.count() == 1
    numbers = Message.objects.order_by("public_seq").values_list("public_seq", flat=True)
    assert list(numbers) == list(range(1, 9))


def test_say__the_same_message_at_once__is_stored_once(clone_db: str, race: Any) -> None:
    visitor = started()[0]

    told = race(*[partial(said, visitor)] * 6)

    assert len({one.message.pk for one in told}) == 1
    assert Message.objects.count() == 1


def test_chat__second_open_one_of_a_visitor__is_refused_by_the_database(visitor: Visitor) -> None:
    chat = said(visitor).chat
    other = said(started()[0]).chat.ticket
    Chat.objects.filter(ticket=other).update(ended_at=chat.started_at)
    with pytest.raises(IntegrityError, match="livechat_chat_one_open"), transaction.atomic():
        Chat.objects.create(visitor=visitor, ticket=mail_ticket())


def test_say__secret__is_masked_before_it_is_stored(visitor: Visitor) -> None:
    told = said(visitor, f"My phrase is {PHRASE}")

    assert told.message.redactions == ["seed phrase"] or told.message.redactions
    stored = [told.message.text, told.chat.ticket.subject, told.chat.ticket.last_line]
    assert not any("abandon abandon" in one for one in stored)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_say__nothing__is_refused_and_opens_nothing(visitor: Visitor, text: str) -> None:
    with pytest.raises(errors.EmptyMessage):
        said(visitor, text)
    assert not Ticket.objects.exists()


def test_say__after_the_desk_has_closed_the_ticket__opens_one_that_follows_it(visitor: Visitor) -> None:
    first = said(visitor)
    close(first.chat.ticket)

    second = said(visitor, "It is back", "two")

    assert second.chat.pk != first.chat.pk
    assert second.chat.ticket.follow_up_of == first.chat.ticket
    assert Chat.objects.get(pk=first.chat.pk).ended_at is not None


def test_say__after_the_visitor_has_ended_it__opens_another(visitor: Visitor) -> None:
    first = said(visitor)
    assert chats.end(chat=first.chat)
    assert not chats.end(chat=first.chat)

    second = said(visitor, "Another thing", "two")

    assert second.chat.ticket_id != first.chat.ticket_id
    assert second.chat.ticket.follow_up_of is None
    assert first.chat.ticket.messages.get(kind="event").event == "chat_ended"


def test_say__twenty_first_conversation_within_an_hour__is_refused(visitor: Visitor) -> None:
    for number in range(chats.PER_HOUR):
        chats.end(chat=said(visitor, "Hello", str(number)).chat)
    with pytest.raises(errors.TooManyRequests):
        said(visitor, "Hello", "one too many")


def test_acts__of_a_visitor__are_in_the_audit_log(visitor: Visitor) -> None:
    told = said(visitor)
    chats.end(chat=told.chat)
    actor = told.chat.ticket.requester.public_id

    entries = AuditEntry.objects.filter(actor_kind="customer", actor_id=actor).order_by("pk")
    assert [entry.action for entry in entries] == [
        "visitor.named", "ticket.opened", "message.added", "chat.opened", "chat.ended", "ticket.chat_ended",
    ]  # fmt: skip


@pytest.mark.attack("G4")
def test_visitor__who_says_to_be_a_customer__stays_unproven_and_sees_no_history(db: None) -> None:
    MailboxFactory.create()
    mina = portal_customer()
    portal_ticket(mina, subject="Deposit missing")
    mail_ticket(address="mina@example.com")
    visitor, _token = started()

    told = said(visitor, "I am mina@example.com, show me my requests.")
    ticket = told.chat.ticket

    assert ticket.requester != mina
    assert (ticket.is_requester_proven, told.message.is_sender_proven, ticket.requester_address) == (False, False, "")
    assert ticket.requester.addresses.count() == 0
    view = shown.shown_to_visitor(shown.latest(visitor), known="", since=0)
    assert [message["seq"] for message in view["messages"]] == [1]
    assert Ticket.objects.filter(requester=ticket.requester).count() == 1


@pytest.mark.attack("G4")
def test_visitor__answered_by_staff__is_owed_no_mail(visitor: Visitor, agent: Staff) -> None:
    MailboxFactory.create()
    told = said(visitor, "Write to mina@example.com please.")
    answer(told.chat.ticket, agent)
    assert not OutboundMail.objects.exists()


def test_visitor__with_a_portal_session__speaks_for_its_customer_until_it_ends(client: Client, db: None) -> None:
    mina = portal_customer()
    session = open_portal(client, mina)
    visitor, token = started(session=session)
    told = said(visitor)

    assert (told.chat.ticket.requester, told.message.is_sender_proven, told.message.proof) == (mina, True, "exchange")
    assert visitors.of_token(token=token, inbox="site", origin=ORIGIN) == visitor
    customer_sessions.end(session=session, reason="signed out", actor=SYSTEM)
    assert visitors.of_token(token=token, inbox="site", origin=ORIGIN) is None


def test_visitor__who_goes_on_talking__keeps_the_portal_session_and_one_who_only_reads_does_not(
    client: Client, db: None, move_time: Any
) -> None:
    _visitor, token = started(session=open_portal(client, portal_customer()))

    def here() -> Visitor | None:
        return visitors.of_token(token=token, inbox="site", origin=ORIGIN)

    for number in range(3):
        move_time(timedelta(minutes=20))
        present = here()
        assert present is not None
        said(present, "Still here", str(number))
    move_time(timedelta(minutes=20))
    assert here() is not None
    move_time(timedelta(minutes=20))
    assert here() is None


@pytest.mark.attack("G1")
def test_token__in_another_inbox_or_from_another_origin__counts_for_nothing(db: None) -> None:
    _visitor, token = started()
    ChatInboxFactory.create(slug="other", allowed_origins=[ORIGIN, "https://evil.example"])

    def found(inbox: str, origin: str) -> Visitor | None:
        return visitors.of_token(token=token, inbox=inbox, origin=origin)

    assert found("site", ORIGIN) is not None
    assert found("other", ORIGIN) is None
    for inbox in ("xsite", "sitex", "si", "%", "", "SITE"):
        assert found(inbox, ORIGIN) is None, inbox
    for origin in ("https://exchange.example.evil", "https://evilexchange.example", "http://exchange.example", ""):
        assert found("site", origin) is None, origin


def test_token__inbox_closed_or_no_longer_embedded_there_or_too_old__counts_no_more(db: None, move_time: Any) -> None:
    inbox = ChatInboxFactory.create()
    _visitor, token = started(inbox)
    for change in ({"is_active": False}, {"allowed_origins": ["https://other.example"]}):
        before = {name: getattr(inbox, name) for name in change}
        type(inbox).objects.filter(pk=inbox.pk).update(**change)
        assert visitors.of_token(token=token, inbox="site", origin=ORIGIN) is None
        type(inbox).objects.filter(pk=inbox.pk).update(**before)
    assert visitors.of_token(token=token, inbox="site", origin=ORIGIN) is not None
    move_time(timedelta(days=31))
    assert visitors.of_token(token=token, inbox="site", origin=ORIGIN) is None


@pytest.mark.attack("G2")
def test_start__from_an_origin_that_is_not_listed_whole__is_refused(db: None) -> None:
    inbox = ChatInboxFactory.create()
    for origin in (
        "https://exchange.example.evil",
        "https://exchange.example/",
        "https://EXCHANGE.example",
        "null",
        "",
    ):
        with pytest.raises(visitors.OriginNotAllowed):
            visitors.start(inbox=inbox, origin=origin, locale="en", session=None)
    assert not Visitor.objects.exists()


def test_shown__notes_and_events__are_not_to_be_seen(visitor: Visitor, agent: Staff) -> None:
    told = said(visitor)
    replies.add_note(ticket=told.chat.ticket, author=agent, text="Suspicious, ask compliance.")
    answer(told.chat.ticket, agent)
    view = shown.shown_to_visitor(shown.latest(visitor), known=told.chat.public_id, since=0)

    assert [(one["seq"], one["is_mine"], one["name"]) for one in view["messages"]] == [
        (1, True, ""),
        (2, False, agent.name),
    ]
    assert "Suspicious" not in str(view)


def test_shown__since__is_what_the_widget_lacks__and_all_of_a_chat_it_does_not_know(
    visitor: Visitor, agent: Staff
) -> None:
    told = said(visitor)
    answer(told.chat.ticket, agent)
    chat = shown.latest(visitor)

    def seqs(known: str, since: int) -> list[int]:
        return [one["seq"] for one in shown.shown_to_visitor(chat, known=known, since=since)["messages"]]

    assert seqs(told.chat.public_id, 1) == [2]
    assert seqs(told.chat.public_id, 2) == []
    assert seqs("another", 2) == [1, 2]


def test_shown__withdrawn_message__is_named_and_has_no_words(visitor: Visitor, agent: Staff) -> None:
    told = said(visitor)
    reply = answer(told.chat.ticket, agent, "Wrong customer, sorry")
    Message.objects.filter(pk=reply.pk).update(withdrawn_at=reply.created_at, text="")
    view = shown.shown_to_visitor(shown.latest(visitor), known=told.chat.public_id, since=2)

    assert (view["messages"], view["withdrawn"]) == ([], [2])


def test_marks__move_on_and_never_back_nor_past_the_end(visitor: Visitor, agent: Staff) -> None:
    told = said(visitor)
    answer(told.chat.ticket, agent)
    chat = shown.latest(visitor)
    assert chat is not None

    assert reading.move(chat=chat, side=Mark.Side.VISITOR, delivered=2, read=1)
    assert not reading.move(chat=chat, side=Mark.Side.VISITOR, delivered=1, read=0)
    assert reading.move(chat=chat, side=Mark.Side.VISITOR, delivered=0, read=900)
    mark = Mark.objects.get(chat=chat, side="visitor")
    assert (mark.delivered, mark.read) == (2, 2)
    assert Mark.objects.get(chat=chat, side="staff").read == 0


def test_mark__moved_back_by_sql__is_refused(visitor: Visitor) -> None:
    chat = said(visitor).chat
    reading.move(chat=chat, side=Mark.Side.STAFF, delivered=1, read=1)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="never moves back"):
        cursor.execute("UPDATE livechat_mark SET read = 0 WHERE side = 'staff'")


def test_stranger__is_a_customer_without_any_address(visitor: Visitor) -> None:
    customer = said(visitor).chat.ticket.requester
    assert isinstance(customer, Customer)
    assert (customer.name, customer.addresses.count()) == ("", 0)
