"""Out by Telegram: what is sent, and what its answers, its silence and its limits lead to. Nothing is lost."""

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.conftest import Hook, message, update
from tests.support.small_telegram import HANGS, HANGS_UP, SmallTelegram
from tickets.channels.social import calling
from tickets.channels.telegram import sending
from tickets.delivery import social
from tickets.models import Message, SentFingerprint, SocialAccount, SocialPost, Ticket
from tickets.selectors import timeline
from tickets.services import errors, replies, social_deliveries, social_polling
from tickets.services.senders import NewFile, Sender


@pytest.fixture
def ticket(hook: Hook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    hook.take(update(message=message()))
    return Ticket.objects.get()


def answer(ticket: Ticket, agent: Staff, text: str = "It is on its way.", *files: NewFile) -> SocialPost:
    said = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="social", words=replies.Words(text=text), attached=files
    )
    return SocialPost.objects.get(message=said)


def send(post: SocialPost) -> SocialPost:
    SocialPost.objects.filter(pk=post.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    social.deliver_post(post.pk)
    social_deliveries.record(post_pk=post.pk)
    post.refresh_from_db()
    return post


def test_reply__is_sent_as_plain_text_and_told(ticket: Ticket, agent: Staff, telegram: SmallTelegram) -> None:
    post = send(answer(ticket, agent, "*Not* <b>bold</b> [x](y)"))
    (said,) = telegram.of("sendMessage")
    assert said["chat_id"] == "1111"
    assert said["text"] == "*Not* <b>bold</b> [x](y)"
    assert "parse_mode" not in said
    assert (post.state, post.parts_sent, post.unanswered, len(post.external_ids)) == ("sent", 1, 0, 1)
    shown = next(one for one in timeline.latest(ticket).messages if one.direction == "out" and one.kind == "reply")
    assert shown.delivery is not None
    assert shown.delivery.state == "sent"
    assert SentFingerprint.objects.filter(message=post.message).exists()


def test_reply__by_mail_is_not_owed_beside_it(ticket: Ticket, agent: Staff) -> None:
    post = answer(ticket, agent)
    assert not hasattr(post.message, "outbound")


def test_reply__long_text__is_cut_at_the_limit_in_utf16_units(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram
) -> None:
    text = "😀" * 3000 + "\n" + "zzz " * 1000
    send(answer(ticket, agent, text))
    pieces = [said["text"] for said in telegram.of("sendMessage")]
    assert all(len(piece.encode("utf-16-le")) // 2 <= sending.LONGEST_TEXT for piece in pieces)
    assert "".join(pieces).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")


def test_reply__with_files__picture_and_document(ticket: Ticket, agent: Staff, telegram: SmallTelegram) -> None:
    picture = NewFile(name="a.png", content=b"\x89PNG\r\n\x1a\n" + b"\x00" * 20)
    paper = NewFile(name='x"\r\nb.txt', content=b"hello")
    post = send(answer(ticket, agent, "Two files", picture, paper))
    assert post.state == "sent"
    (photo,) = telegram.of("sendPhoto")
    assert photo["photo"] == ("a.png", picture.content)
    (document,) = telegram.of("sendDocument")
    assert document["document"][1] == b"hello"
    assert set(document) == {"chat_id", "document"}


def test_reply__too_many_requests__whole_account_waits_as_told(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram
) -> None:
    telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 35", retry_after=35)
    other = answer(ticket, agent, "Another")
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 0)
    other.refresh_from_db()
    for waiting in (other, post):
        assert (waiting.next_attempt_at - waiting.created_at).total_seconds() >= 34
    assert send(post).state == "sent"


@pytest.mark.parametrize("code", [500, 502, 503])
def test_reply__vendor_is_broken__is_sent_later(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram, code: int
) -> None:
    telegram.plan("sendMessage", (code, {}))
    telegram.refuse("sendMessage", code, "Internal Server Error")
    post = send(answer(ticket, agent))
    assert (post.state, post.attempts, post.unanswered) == ("queued", 1, 0)
    assert send(post).state == "queued"
    assert send(post).state == "sent"
    assert len(telegram.of("sendMessage")) == 3


@pytest.mark.parametrize("silence", [HANGS, HANGS_UP])
def test_reply__no_answer__is_sent_once_more_and_no_more(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.2)
    telegram.plan("sendMessage", silence, silence)
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 1)
    post = send(post)
    assert (post.state, post.unanswered) == ("failed", 2)
    assert "may have arrived" in post.detail
    assert len(telegram.of("sendMessage")) == 2


def test_reply__second_part_gets_no_answer__first_is_not_sent_again(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram
) -> None:
    telegram.plan("sendDocument", HANGS_UP)
    post = send(answer(ticket, agent, "One", NewFile(name="a.bin", content=b"\x00\x01")))
    assert (post.state, post.parts_sent) == ("queued", 1)
    assert send(post).state == "sent"
    assert (len(telegram.of("sendMessage")), len(telegram.of("sendDocument"))) == (1, 2)


def test_reply__vendor_cannot_be_reached__is_not_counted_as_sent(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram, settings: Settings
) -> None:
    settings.TELEGRAM_API_URL = "http://127.0.0.1:9"
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 0)
    settings.TELEGRAM_API_URL = telegram.url
    assert send(post).state == "sent"


def test_reply__blocked_by_the_customer__failed_on_the_timeline_and_can_be_tried_again(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram
) -> None:
    telegram.refuse("sendMessage", 403, "Forbidden: bot was blocked by the user")
    post = send(answer(ticket, agent))
    assert (post.state, post.detail) == ("failed", sending.BLOCKED)
    assert Message.objects.filter(event="post_failed").count() == 1
    social_deliveries.retry(post=post, by=agent)
    assert send(post).state == "sent"
    with pytest.raises(errors.Refused):
        social_deliveries.retry(post=post, by=agent)


def test_reply__wrong_token__waits_and_names_no_token(ticket: Ticket, agent: Staff, telegram: SmallTelegram) -> None:
    SocialAccount.objects.update(token="1:wrong")
    post = send(answer(ticket, agent))
    assert (post.state, post.last_error) == ("queued", sending.BAD_TOKEN)


def test_reply__clear_text_to_another_machine__is_never_used(ticket: Ticket, agent: Staff, settings: Settings) -> None:
    settings.TELEGRAM_API_URL = "http://api.example.com"
    post = send(answer(ticket, agent))
    assert post.state == "queued"
    assert "ImproperlyConfigured" in post.last_error


def test_reply__taken_back_in_time__never_leaves(
    ticket: Ticket, agent: Staff, telegram: SmallTelegram, settings: Settings
) -> None:
    settings.UNDO_SEND_S = 60
    post = answer(ticket, agent)
    assert post.message is not None
    replies.withdraw(message=post.message, by=agent)
    assert send(post).state == "cancelled"
    assert telegram.of("sendMessage") == []


def test_reply__two_workers__one_sends(ticket: Ticket, agent: Staff, telegram: SmallTelegram) -> None:
    post = answer(ticket, agent)
    assert SocialPost.claim(post.pk, lease_s=50) is not None
    social.deliver_post(post.pk)
    assert telegram.of("sendMessage") == []


def test_command__its_answer_is_sent_and_recorded(hook: Hook, telegram: SmallTelegram) -> None:
    hook.take(update(message=message("/start")))
    assert send(SocialPost.objects.get()).state == "sent"
    assert len(telegram.of("sendMessage")) == 1


def test_polling__keeps_each_update_once(account: SocialAccount, telegram: SmallTelegram) -> None:
    SocialAccount.objects.filter(pk=account.pk).update(inbound="polling")
    telegram.updates = [{"update_id": 70 + place, "message": message(number=place + 1)} for place in range(3)]
    assert social_polling.poll_all() == 3
    assert social_polling.poll_all() == 0
    account.refresh_from_db()
    assert account.poll_offset == 73
    telegram.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    assert social_polling.poll_all() == 0
    account.refresh_from_db()
    assert "409" in account.last_error
