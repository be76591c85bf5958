"""Messenger, both ways: messages, files, corrections, receipts; what is sent and what Meta's answers lead to."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import CustomerAddress, Staff
from tests.integration.tickets.social.meta_samples import (
    PAGE,
    PERSON,
    MetaHook,
    answer,
    messaging,
    now_ms,
    page,
    said,
    send,
)
from tests.support.small_meta import SmallMeta
from tests.support.small_telegram import HANGS, HANGS_UP
from tickets.channels.meta import outcomes
from tickets.channels.social import calling
from tickets.channels.social.shapes import WINDOW_OVER
from tickets.models import Message, SocialAccount, SocialEvent, SocialPost, Ticket
from tickets.selectors import timeline
from tickets.services import errors, social_accounts, social_deliveries, social_intake
from tickets.services.senders import NewFile


@pytest.fixture
def ticket(messenger: MetaHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    messenger.take(said())
    return Ticket.objects.get()


def image(url: str, kind: str = "image", **payload: Any) -> bytes:
    return said("", attachments=[{"type": kind, "payload": {"url": url, **payload}}])


def test_message__opens_a_case_of_somebody_unproven(ticket: Ticket) -> None:
    assert (ticket.channel, ticket.is_requester_proven) == ("social", False)
    assert ticket.requester_address == f"messenger:{PERSON}"
    address = CustomerAddress.objects.get(customer=ticket.requester)
    assert (address.kind, address.proof) == ("handle", "claimed")
    chat = ticket.social_thread.chat
    assert (chat.external_id, chat.is_public) == (PERSON, False)


def test_image__at_metas_api__is_attached(messenger: MetaHook, meta: SmallMeta) -> None:
    meta.things["/cdn/photo"] = b"\xff\xd8\xff\xe0 jpeg"
    messenger.take(image(f"{meta.url}/cdn/photo"))
    (row,) = Message.objects.get(kind="reply").attachments.all()
    assert row.stored.name == "photo.jpg"
    assert "access_token" not in str(meta.asked)


@pytest.mark.attack("F1")
@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/x",
        "http://scontent.fbcdn.net/x",
        "https://fbcdn.net.evil.example/x",
        "https://evilfbcdn.net/x",
        "https://scontent.fbcdn.net@127.0.0.1/x",
        "https://scontent.fbcdn.net:8443/x",
        "https://[::1]/x",
        "file:///etc/passwd",
        "http://127.0.0.1:1/x",
        "https://scontent.fbcdn.net/a\r\nHost: x",
        "https://[",
    ],
)
def test_image__anywhere_else__is_not_fetched_and_the_message_comes(
    messenger: MetaHook, meta: SmallMeta, url: str
) -> None:
    messenger.take(image(url))
    assert not Message.objects.get(kind="reply").attachments.exists()
    assert Message.objects.get(event="files_left_out").event_data["names"] == "photo.jpg"
    assert [name for name, _said in meta.asked] == [PERSON]


@pytest.mark.attack("F1")
def test_image__a_host_of_metas_that_leads_inside__is_not_dialled(
    messenger: MetaHook, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [(2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_b: inside)
    picture = {"type": "image", "payload": {"url": "https://scontent.fbcdn.net/x"}}
    messenger.take(said("", mid="m_2", attachments=[picture]))
    assert Message.objects.filter(event="files_left_out").count() == 1


def test_image__meta_is_away__message_waits_and_is_not_lost(messenger: MetaHook, meta: SmallMeta) -> None:
    meta.things["/cdn/photo"] = b"\xff\xd8\xff\xe0 jpeg"
    meta.plan("photo", (503, {}))
    row = messenger.take(image(f"{meta.url}/cdn/photo"))
    assert (row.state, row.last_error) == ("stored", "VendorAway")
    SocialEvent.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    social_intake.accept(event_pk=row.pk)
    assert Message.objects.get(kind="reply").attachments.count() == 1


def test_edit__replaces_the_words_and_keeps_what_was_said(messenger: MetaHook, ticket: Ticket) -> None:
    edit = {"mid": "m_1457764197618", "text": "Where are my deposits?", "num_edit": 1}
    messenger.take(page(messaging(message_edit=edit)))
    assert ticket.messages.get(kind="reply").text == "Where are my deposits?"
    assert ticket.messages.get(event="message_corrected").text == "Where is my deposit?"


def test_deletion__staff_are_told_and_the_words_stay(messenger: MetaHook, ticket: Ticket) -> None:
    messenger.take(said("", is_deleted=True))
    assert ticket.messages.get(kind="reply").text == "Where is my deposit?"
    assert ticket.messages.get(event="message_taken_back").public_seq is None
    messenger.take(said("", mid="m_unknown", is_deleted=True))
    assert ticket.messages.filter(event="message_taken_back").count() == 1


def test_echo__of_our_own_words__is_nothing(messenger: MetaHook, ticket: Ticket) -> None:
    own = {"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": now_ms()}
    row = messenger.take(page({**own, "message": {"mid": "m_2", "text": "Hi", "is_echo": True, "app_id": 1}}))
    assert (row.state, row.reason, row.stream) == ("ignored", "echo", PERSON)


def test_reply__is_sent_with_the_token_in_the_header(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    post = send(answer(ticket, agent, "*Not* <b>bold</b>"))
    (sent,) = meta.of("messages")
    assert sent == {
        "path": f"/{PAGE}/messages",
        "recipient": {"id": PERSON},
        "messaging_type": "RESPONSE",
        "message": {"text": "*Not* <b>bold</b>"},
    }
    assert (post.state, post.parts_sent, post.external_ids) == ("sent", 1, ["m_sent-2"])


def test_reply__long_text__is_cut_at_2000(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    send(answer(ticket, agent, "zzz " * 1200))
    assert [len(sent["message"]["text"]) <= 2000 for sent in meta.of("messages")] == [True] * 3


def test_reply__with_a_file__goes_as_what_it_is(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    picture = NewFile(name="a.png", content=b"\x89PNG\r\n\x1a\n" + b"\x00" * 20)
    post = send(answer(ticket, agent, "See", picture, NewFile(name='x"\r\nb.txt', content=b"hello")))
    assert post.state == "sent"
    _, shown, paper = meta.of("messages")
    assert '"type": "image"' in shown["message"]
    assert shown["filedata"] == ("a.png", picture.content)
    assert '"type": "file"' in paper["message"]
    assert paper["filedata"][1] == b"hello"


@pytest.mark.parametrize("code", [4, 32, 613])
def test_reply__rate_limit__whole_account_waits(ticket: Ticket, agent: Staff, meta: SmallMeta, code: int) -> None:
    meta.refuse("messages", code, "Calls to this api have exceeded the rate limit.")
    other = answer(ticket, agent, "Another")
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 0)
    other.refresh_from_db()
    assert other.next_attempt_at > post.next_attempt_at - timedelta(seconds=1)
    assert (post.next_attempt_at - post.created_at).total_seconds() >= 59
    assert send(post).state == "sent"


@pytest.mark.parametrize(("status", "code"), [(500, 0), (503, 2), (400, 1), (429, 0)])
def test_reply__passing_trouble__is_sent_later(
    ticket: Ticket, agent: Staff, meta: SmallMeta, status: int, code: int
) -> None:
    meta.plan("messages", (status, {"error": {"code": code}} if code else {}))
    post = send(answer(ticket, agent))
    assert (post.state, post.attempts, post.unanswered) == ("queued", 1, 0)
    assert send(post).state == "sent"


@pytest.mark.parametrize("silence", [HANGS, HANGS_UP])
def test_reply__no_answer__is_sent_once_more_and_no_more(
    ticket: Ticket, agent: Staff, meta: SmallMeta, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.2)
    meta.plan("messages", silence, silence)
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 1)
    post = send(post)
    assert (post.state, post.unanswered) == ("failed", 2)
    assert "may have arrived" in post.detail


def test_reply__wrong_token__waits_and_names_no_token(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    SocialAccount.objects.update(token="EAAwrong")
    post = send(answer(ticket, agent))
    assert (post.state, post.last_error) == ("queued", outcomes.BAD_TOKEN)


@pytest.mark.parametrize(
    ("code", "more", "sentence"),
    [
        (551, {}, outcomes.NOT_REACHED),
        (100, {"error_subcode": 2018001}, outcomes.NOT_REACHED),
        (10, {"error_subcode": 2018278}, WINDOW_OVER),
        (100, {}, "Meta says 100: Invalid parameter"),
    ],
)
def test_reply__refused__failed_with_a_plain_sentence_and_can_be_tried_again(
    ticket: Ticket, agent: Staff, meta: SmallMeta, code: int, more: dict[str, int], sentence: str
) -> None:
    meta.refuse("messages", code, "Invalid parameter", **more)
    post = send(answer(ticket, agent))
    assert (post.state, post.detail) == ("failed", sentence)
    assert Message.objects.filter(event="post_failed").count() == 1
    social_deliveries.retry(post=post, by=agent)
    assert send(post).state == "sent"


def test_connection__is_tried_and_the_webhook_is_set(messenger: MetaHook, meta: SmallMeta, admin: Staff) -> None:
    meta.things["/me"] = {"id": PAGE, "name": "Pharos"}
    assert social_accounts.test_connection(account=messenger.account, by=admin) == "Pharos"
    SocialAccount.objects.update(app_key="77")
    messenger.account.refresh_from_db()
    social_accounts.set_webhook(account=messenger.account, by=admin)
    (subscription,) = meta.of("subscriptions")
    assert (subscription["object"], subscription["callback_url"]) == (
        "page",
        social_accounts.hook_url(messenger.account),
    )
    assert "message_edits" in meta.of("subscribed_apps")[0]["subscribed_fields"]
    with pytest.raises(errors.VendorSaysNo):
        social_accounts.delete_webhook(account=messenger.account, by=admin)


def test_connection__token_of_another_page__is_refused(messenger: MetaHook, meta: SmallMeta, admin: Staff) -> None:
    meta.things["/me"] = {"id": "1", "name": "Another"}
    with pytest.raises(errors.VendorSaysNo):
        social_accounts.test_connection(account=messenger.account, by=admin)


def shown_state(ticket: Ticket) -> str:
    shown = next(one for one in timeline.latest(ticket).messages if one.delivery is not None)
    assert shown.delivery is not None
    return shown.delivery.state


def test_receipts__delivered_then_read__are_shown_and_open_nothing(
    messenger: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = send(answer(ticket, agent))
    heard_at = ticket.social_thread.chat.heard_at
    messenger.take(page(messaging(delivery={"mids": post.external_ids, "watermark": now_ms()})))
    assert shown_state(ticket) == "delivered"
    messenger.take(page(messaging(read={"watermark": now_ms()})))
    assert shown_state(ticket) == "read"
    ticket.social_thread.chat.refresh_from_db()
    assert ticket.social_thread.chat.heard_at == heard_at
    assert Message.objects.filter(kind="reply").count() == 2


def test_receipts__out_of_order_and_from_before__take_nothing_back(
    messenger: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    early = now_ms() - 60_000
    post = send(answer(ticket, agent))
    messenger.take(page(messaging(read={"watermark": early})))
    post.refresh_from_db()
    assert (post.delivered_at, post.read_at) == (None, None)
    messenger.take(page(messaging(read={"watermark": now_ms() + 1})))
    post.refresh_from_db()
    read_at, delivered_at = post.read_at, post.delivered_at
    assert read_at is not None
    messenger.take(page(messaging(delivery={"mids": post.external_ids, "watermark": now_ms() + 5})))
    post.refresh_from_db()
    assert (post.read_at, post.delivered_at) == (read_at, delivered_at)


def test_receipt__while_the_message_is_being_sent__waits(
    messenger: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = answer(ticket, agent)
    token = SocialPost.claim(post.pk, lease_s=50)
    assert token is not None
    row = messenger.take(page(messaging(delivery={"mids": ["m_sent-2"], "watermark": now_ms()})))
    assert (row.state, row.last_error) == ("stored", "NotSettled")
    SocialPost.settle(post.pk, token, state="queued")
    send(post)
    SocialEvent.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    social_intake.accept_waiting()
    assert shown_state(ticket) == "delivered"
