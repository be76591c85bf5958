"""Notifications by the exchange's app: owed to proven visitors alone, once, when an answer has reached no page of theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff
from core.clock import from_now
from core.models import AuditEntry
from livechat.models import Chat, ChatInbox, Mark, Push
from livechat.services import pushes, reading, visitors
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ChatInboxFactory, said, started
from tests.support.race import race as race  # noqa: PLC0414 -- a fixture
from tests.support.small_exchange import SmallExchange
from tickets.models import Message
from tickets.services import replies
from tickets.services.senders import Sender

WAIT = timedelta(seconds=31)
WORDS = "Your deposit is on its way."
Move = Callable[[timedelta], None]


@pytest.fixture
def inbox(_any_database: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create(pushes_unread=True)
    return made


@pytest.fixture
def chat(inbox: ChatInbox) -> Chat:
    """The conversation of a visitor whom the exchange has proven."""
    session = open_portal(Client(), portal_customer())
    return said(started(inbox, session=session)[0]).chat


def answer(chat: Chat, agent: Staff, text: str = WORDS) -> Message:
    return replies.add(
        ticket=chat.ticket, sender=Sender.of_staff(agent), channel="chat", words=replies.Words(text=text)
    )


def saw(chat: Chat, delivered: int, read: int = 0) -> None:
    found = Chat.objects.select_related("ticket", "visitor").get(pk=chat.pk)
    assert reading.move(chat=found, side=Mark.Side.VISITOR, delivered=delivered, read=read)


def deliver_all() -> list[str]:
    """Deliver every row, due or not, and return their states by number."""
    for pk in Push.objects.order_by("public_seq").values_list("pk", flat=True):
        pushes.deliver(pk=pk)
    return list(Push.objects.order_by("public_seq").values_list("state", flat=True))


def told(exchange: SmallExchange) -> list[tuple[str, dict[str, Any]]]:
    return [(path, body) for method, path, body in exchange.asked if path.endswith("/notifications")]


@pytest.mark.django_db
def test_push__answer_reaches_no_page__the_exchange_is_told_that_and_no_word(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    answer(chat, agent)
    assert deliver_all() == ["owed"], "a page may still take it"
    move_time(WAIT)
    assert deliver_all() == ["sent"]
    assert deliver_all() == ["sent"]
    push = Push.objects.get()
    body = {"id": push.public_id, "kind": "chat.unread", "conversation": chat.public_id, "count": 1}
    assert told(exchange) == [("/accounts/acc-1/notifications", body)]
    assert WORDS not in str(exchange.asked)
    found = AuditEntry.objects.get(action="chat.pushed")
    assert (found.object_id, found.detail["outcome"]) == (chat.public_id, "sent")


@pytest.mark.django_db
def test_push__delivered_in_time__nobody_is_told(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    saw(chat, answer(chat, agent).public_seq or 0)
    move_time(WAIT)
    assert (deliver_all(), told(exchange)) == (["not_needed"], [])


@pytest.mark.django_db
def test_push__one_for_a_conversation_until_it_is_read(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    first, second = answer(chat, agent), answer(chat, agent, "And one more.")
    move_time(WAIT)
    assert deliver_all() == ["sent", "covered"]
    third = answer(chat, agent, "Still there?")
    move_time(WAIT)
    assert deliver_all() == ["sent", "covered", "covered"]
    assert [body["count"] for _path, body in told(exchange)] == [2]
    assert (first.public_seq, second.public_seq) == (2, 3)
    saw(chat, third.public_seq or 0, third.public_seq or 0)
    answer(chat, agent, "We found it.")
    move_time(WAIT)
    assert deliver_all()[-1] == "sent"
    assert [body["count"] for _path, body in told(exchange)] == [2, 1]


@pytest.mark.django_db
def test_push__inbox_does_not_want_it_or_visitor_is_unproven__owes_nothing(
    inbox: ChatInbox, chat: Chat, agent: Staff
) -> None:
    answer(said(started(inbox)[0]).chat, agent)
    ChatInbox.objects.update(pushes_unread=False)
    answer(chat, agent)
    assert not Push.objects.exists()


@pytest.mark.django_db
def test_push__signed_out_taken_back_or_switched_off_meanwhile__nobody_is_told(
    inbox: ChatInbox, chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    gone = answer(chat, agent)
    Message.objects.filter(pk=gone.pk).update(withdrawn_at=from_now(timedelta()), text="", html="", quoted_text="")
    answer(chat, agent)
    visitors.sign_out(visitor=chat.visitor)
    move_time(WAIT)
    assert (deliver_all(), told(exchange)) == (["not_needed", "not_needed"], [])


@pytest.mark.django_db
def test_push__exchange_away__is_asked_again_with_the_same_body_until_it_answers(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    exchange.notification_answers = [500, 503, 429]
    answer(chat, agent)
    move_time(WAIT)
    assert deliver_all() == ["sending"]
    answer(chat, agent, "Another one.")
    for _ in range(3):
        move_time(WAIT)
        pushes.deliver(pk=Push.objects.earliest("pk").pk)
    sent = told(exchange)
    assert (len(sent), len({str(one) for one in sent})) == (4, 1)
    assert deliver_all() == ["sent", "covered"]


@pytest.mark.django_db
def test_push__refused_or_old_news__is_given_up_and_recorded(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    exchange.notification_answers = [404, 503]
    answer(chat, agent)
    move_time(WAIT)
    assert deliver_all() == ["failed"]
    answer(chat, agent)
    move_time(timedelta(days=1, minutes=1))
    assert deliver_all() == ["failed", "failed"]
    assert AuditEntry.objects.filter(action="chat.pushed", detail__outcome="failed").count() == 2


@pytest.mark.django_db
def test_push__lease_of_a_dead_worker__ends_and_another_asks(
    chat: Chat, agent: Staff, exchange: SmallExchange, move_time: Move
) -> None:
    answer(chat, agent)
    move_time(WAIT)
    pk = Push.objects.get().pk
    assert Push.claim(pk, lease_s=15) is not None
    assert (pushes.ring_due(), deliver_all()) == (0, ["owed"])
    move_time(WAIT)
    assert deliver_all() == ["sent"]


def test_push__two_workers_and_two_answers_at_once__tell_once(
    clone_db: str, chat: Chat, agent: Staff, exchange: SmallExchange, race: Callable[..., list[Any]]
) -> None:
    answer(chat, agent)
    answer(chat, agent, "And one more.")
    Push.objects.update(next_attempt_at=from_now(timedelta(seconds=-1)))
    first, second = Push.objects.order_by("pk").values_list("pk", flat=True)
    race(*(lambda pk=pk: pushes.deliver(pk=pk) for pk in (first, second, first, second)))
    assert len(told(exchange)) == 1
    assert sorted(Push.objects.values_list("state", flat=True)) == ["covered", "sent"]
