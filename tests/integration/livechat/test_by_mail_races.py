"""What follows by mail when several sweepers look at once, one of them dies, and a link is used twice at once."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from accounts.models import Staff
from core.clock import from_now
from livechat.models import Chat, ChatAddress, Mark, Visitor, VisitorKey
from livechat.services import chat_addresses, coming_back, continuing, reading
from tests.factories.livechat import said, started
from tests.factories.tickets import MailboxFactory
from tests.integration.livechat.test_by_mail import answer, mailed_token
from tests.integration.livechat.test_routing import dies_after
from tickets import chat_links
from tickets.models import Message, OutboundMail

CHATS = 3


@pytest.fixture
def owed(clone_db: str, agent: Staff) -> list[Chat]:
    """Chats whose visitors have left before they read two answers."""
    MailboxFactory.create()
    for number in range(CHATS):
        visitor, _token = started()
        told = said(visitor)
        address = f"mina{number}@example.com"
        chat_addresses.ask(visitor=visitor, address=address)
        row = ChatAddress.objects.get(visitor=visitor)
        chat_addresses.confirm(token=mailed_token(address), number=row.number)
        answer(told, agent, "Which one?")
        answer(told, agent, "We found it.")
    ago = from_now(-timedelta(minutes=10))
    Visitor.objects.update(here_at=ago)
    Chat.objects.update(mail_owed_since=ago)
    return list(Chat.objects.select_related("ticket", "visitor"))


def test_sweep__eight_sweepers_at_once__owe_one_mail_for_each_chat(owed: list[Chat], race: Any) -> None:
    outcomes = race(*[continuing.sweep] * 8)
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    assert sum(outcomes) == OutboundMail.objects.count() == CHATS
    assert set(Chat.objects.values_list("mailed", "mail_owed_since")) == {(3, None)}


def test_sweep__visitor_reads_at_the_same_moment__all_or_nothing(owed: list[Chat], race: Any) -> None:
    reads = [partial(reading.move, chat=chat, side=Mark.Side.VISITOR, delivered=3, read=3) for chat in owed]
    race(*reads, continuing.sweep, continuing.sweep)
    assert Message.objects.filter(event="chat_mailed").count() == OutboundMail.objects.count() <= CHATS
    assert continuing.sweep() == 0


def test_sweep__dies_at_any_statement__is_made_up_for_once(owed: list[Chat]) -> None:
    statements = 0
    while not dies_after(statements, continuing.sweep):
        statements += 1
        assert OutboundMail.objects.count() == Message.objects.filter(event="chat_mailed").count()
    assert statements > CHATS
    assert OutboundMail.objects.count() == CHATS


def test_come_back__twice_at_once__one_browser_is_let_in(owed: list[Chat], race: Any) -> None:
    continuing.sweep()
    event = Message.objects.select_related("ticket").filter(event="chat_mailed").earliest("pk")
    link = chat_links.address_for(event, event.ticket).partition("#")[2]
    outcomes = race(*[partial(coming_back.open_link, link=link)] * 4)
    refused = [one for one in outcomes if isinstance(one, coming_back.LinkIsOver)]
    assert (len(refused), VisitorKey.objects.count()) == (3, 1)


def test_confirm__right_and_wrong_at_once__never_more_than_three_guesses(clone_db: str, race: Any) -> None:
    MailboxFactory.create()
    visitor, _token = started()
    said(visitor)
    chat_addresses.ask(visitor=visitor, address="mina@example.com")
    row = ChatAddress.objects.get()
    wrong = f"{(int(row.number) + 1) % 10_000:04}"
    race(*[partial(chat_addresses.confirm, token=mailed_token(), number=wrong)] * 12)
    row.refresh_from_db()
    assert row.misses == ChatAddress.MOST_MISSES
