"""Comments below a page's posts: a public thread, answered where it stands; who else writes there is no party."""

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.meta_samples import COMMENT, PAGE, POST, MetaHook, answer, comment, said, send
from tests.support.small_meta import SmallMeta
from tickets.channels.messenger import sending
from tickets.channels.social.shapes import PRIVATE_FILE, OutgoingFile
from tickets.models import Message, SocialAccount, SocialChat, SocialEvent, Ticket

DEEPER = "1353269864728879_901"


@pytest.fixture
def ticket(messenger: MetaHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    messenger.take(comment())
    return Ticket.objects.get()


def test_comment__opens_a_public_case_of_its_own(messenger: MetaHook, ticket: Ticket) -> None:
    chat = SocialChat.objects.get()
    assert (chat.external_id, chat.is_public) == (COMMENT, True)
    assert (ticket.requester_address, ticket.is_requester_proven) == ("messenger:7002", False)
    messenger.take(said(person="7002"))
    assert Ticket.objects.count() == 2


def test_comment__deeper_by_its_writer__joins_the_thread(messenger: MetaHook, ticket: Ticket) -> None:
    messenger.take(comment(number=DEEPER, parent=COMMENT, message="Hello?"))
    assert [one.sender_role for one in ticket.messages.filter(kind="reply").order_by("seq")] == ["requester"] * 2


def test_comment__deeper_by_somebody_else__is_no_party(messenger: MetaHook, ticket: Ticket) -> None:
    messenger.take(comment(number=DEEPER, parent=COMMENT, message="Give me your card", who="8003"))
    first, second = Message.objects.filter(kind="reply").order_by("seq")
    assert (second.ticket, second.sender_role, second.public_seq) == (ticket, "third_party", None)
    assert second.customer != first.customer


def test_comment__of_the_page_itself__is_nothing(messenger: MetaHook) -> None:
    row = messenger.take(comment(who=PAGE))
    assert (row.state, row.reason) == ("ignored", "echo")


@pytest.mark.parametrize(("item", "verb"), [("reaction", "add"), ("post", "add"), ("comment", "hide")])
def test_change__that_is_no_comment__is_nothing(messenger: MetaHook, item: str, verb: str) -> None:
    assert messenger.take(comment(verb, item=item)).reason == "not_wanted"


def test_comment__edited_twice_and_removed__is_on_the_timeline(messenger: MetaHook, ticket: Ticket) -> None:
    messenger.take(comment("edited", message="Is it back?"))
    messenger.take(comment("edited", message="Is the card back?!"))
    messenger.take(comment("remove", message=""))
    assert ticket.messages.get(kind="reply").text == "Is the card back?!"
    assert ticket.messages.filter(event="message_corrected").count() == 2
    assert ticket.messages.filter(event="message_taken_back").count() == 1


def test_comment__same_change_again__is_one_event(messenger: MetaHook) -> None:
    raw = comment()
    messenger.take(raw)
    messenger.take(raw)
    assert SocialEvent.objects.count() == 1


def test_reply__stands_below_the_comment(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    post = send(answer(ticket, agent, "Please write to us in private."))
    assert meta.of("comments") == [{"path": f"/{COMMENT}/comments", "message": "Please write to us in private."}]
    assert post.external_ids == ["111_1"]


def test_file__below_a_comment__is_never_sent(ticket: Ticket, meta: SmallMeta) -> None:
    picture = OutgoingFile("a.png", "image/png", b"\x89PNG")
    sent = sending.send_file(SocialAccount.objects.get(), COMMENT, picture, hand_over=lambda: True)
    assert (sent.fate, sent.detail) == ("failed", PRIVATE_FILE)
    assert meta.of("comments") == []


def test_comment__thread_of_a_post__is_the_comment_itself(messenger: MetaHook) -> None:
    messenger.take(comment(parent=POST))
    assert SocialChat.objects.get().external_id == COMMENT
