"""Out by X: direct messages and posts below a customer's; its limits, its refusals, its silence. Nothing is lost."""

import time

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.test_delivery import answer, send
from tests.support.pictures import png
from tests.support.small_telegram import HANGS, HANGS_UP
from tests.support.small_x import MESSAGE, POST, UPLOAD, US, SmallX
from tests.support.x_events import THEM, XHook, direct, mentioned, post, told
from tickets.channels import x
from tickets.channels.social import calling
from tickets.channels.social.shapes import VendorRefused
from tickets.channels.x import sending
from tickets.channels.x.counting import weight
from tickets.models import Message, SocialAccount, Ticket
from tickets.services.senders import NewFile

LONG = " ".join(f"{word} word of a long answer" for word in range(40))


@pytest.fixture
def ticket(x_hook: XHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    x_hook.take(told(direct()))
    return Ticket.objects.get()


@pytest.fixture
def public(x_hook: XHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    x_hook.take(mentioned(post()))
    return Ticket.objects.get()


def test_direct_message__is_sent_signed_and_named(ticket: Ticket, agent: Staff, small_x: SmallX) -> None:
    row = send(answer(ticket, agent, "*Not* <b>bold</b>"))
    assert [path for _verb, path, _said in small_x.asked] == [f"/2/dm_conversations/with/{THEM}/messages"]
    assert small_x.of(MESSAGE) == [{"text": "*Not* <b>bold</b>"}]
    assert (row.state, row.parts_sent, len(row.external_ids)) == ("sent", 1, 1)


def test_direct_message__with_a_picture__is_uploaded_then_sent(ticket: Ticket, agent: Staff, small_x: SmallX) -> None:
    row = send(answer(ticket, agent, "See", NewFile(name="a.png", content=png(40, 30))))
    assert row.state == "sent"
    (uploaded,) = small_x.of(UPLOAD)
    assert (uploaded["media_category"], uploaded["media"]) == ("dm_image", ("a.png", png(40, 30)))
    assert [list(said) for said in small_x.of(MESSAGE)] == [["text"], ["attachments"]]


def test_direct_message__with_another_file__says_what_x_takes(ticket: Ticket, agent: Staff, small_x: SmallX) -> None:
    row = send(answer(ticket, agent, "See", NewFile(name="a.txt", content=b"hello")))
    assert (row.state, row.parts_sent, row.detail) == ("failed", 1, sending.NO_PICTURE)


def test_public_answer__stands_below_the_customers_last_post(
    x_hook: XHook, public: Ticket, agent: Staff, small_x: SmallX
) -> None:
    x_hook.take(mentioned(post("@PharosHelp hello?", number="1050118621198921729")))
    first, second = Ticket.objects.order_by("pk")
    send(answer(first, agent, "We are on it."))
    send(answer(second, agent, "Here, too."))
    assert [said["reply"]["in_reply_to_tweet_id"] for said in small_x.of(POST)] == [
        "1050118621198921728",
        "1050118621198921729",
    ]


def test_public_answer__long_one__is_a_numbered_thread(public: Ticket, agent: Staff, small_x: SmallX) -> None:
    row = send(answer(public, agent, LONG[:900]))
    said = small_x.of(POST)
    assert row.state == "sent"
    assert [one["text"].rpartition(" ")[2] for one in said] == [f"({n}/{len(said)})" for n in range(1, len(said) + 1)]
    assert all(weight(one["text"]) <= 280 for one in said)
    below = [one["reply"]["in_reply_to_tweet_id"] for one in said]
    assert below == ["1050118621198921728", *row.external_ids[:-1]]


def test_public_answer__second_part_gets_no_answer__goes_on_below_the_first(
    public: Ticket, agent: Staff, small_x: SmallX
) -> None:
    small_x.plan(POST, (201, {"data": {"id": "50"}}), HANGS_UP)
    row = send(answer(public, agent, LONG[:400]))
    assert (row.state, row.parts_sent, row.external_ids) == ("queued", 1, ["50"])
    assert send(row).state == "sent"
    assert [one["reply"]["in_reply_to_tweet_id"] for one in small_x.of(POST)][1:] == ["50", "50"]


@pytest.mark.parametrize("is_public", [False, True])
def test_answer__too_many_requests__waits_until_the_moment_that_x_names(
    x_hook: XHook, agent: Staff, small_x: SmallX, settings: Settings, is_public: bool
) -> None:
    settings.UNDO_SEND_S = 0
    x_hook.take(mentioned(post()) if is_public else told(direct()))
    small_x.refuse(POST if is_public else MESSAGE, 429, "Too Many", x_rate_limit_reset=str(int(time.time()) + 300))
    row = send(answer(Ticket.objects.get(), agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    assert 290 < (row.next_attempt_at - row.created_at).total_seconds() < 310
    assert send(row).state == "sent"


def test_answer__too_many_requests_without_a_moment__waits_a_window(
    ticket: Ticket, agent: Staff, small_x: SmallX
) -> None:
    small_x.refuse(MESSAGE, 429, "Too Many Requests", x_rate_limit_reset="soon")
    row = send(answer(ticket, agent))
    assert (row.next_attempt_at - row.created_at).total_seconds() > 890


@pytest.mark.parametrize("status", [500, 503])
def test_answer__x_is_broken__is_sent_later(ticket: Ticket, agent: Staff, small_x: SmallX, status: int) -> None:
    small_x.plan(MESSAGE, (status, b"<html>"))
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    assert send(row).state == "sent"


@pytest.mark.parametrize("silence", [HANGS, HANGS_UP])
def test_answer__no_answer__is_sent_once_more_and_no_more(
    ticket: Ticket, agent: Staff, small_x: SmallX, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.2)
    small_x.plan(MESSAGE, silence, silence)
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 1)
    row = send(row)
    assert (row.state, row.unanswered) == ("failed", 2)
    assert len(small_x.of(MESSAGE)) == 2


def test_answer__x_cannot_be_reached__is_not_counted_as_sent(
    ticket: Ticket, agent: Staff, small_x: SmallX, settings: Settings
) -> None:
    settings.X_API_URL = "http://127.0.0.1:9"
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    settings.X_API_URL = small_x.url
    assert send(row).state == "sent"


@pytest.mark.parametrize(
    ("detail", "kind", "state", "sentence"),
    [
        ("You are not allowed to create a Tweet with duplicate content.", "about:blank", "failed", sending.SAID_BEFORE),
        (
            "You attempted to reply to a Tweet that is deleted or not visible to you.",
            "about:blank",
            "failed",
            sending.NO_POST,
        ),
        ("You are not permitted to perform this action.", "about:blank", "failed", sending.NOT_TAKEN),
        ("Reads only", "https://api.twitter.com/2/problems/oauth1-permissions", "queued", sending.NO_RIGHTS),
        ("When authenticating", "https://api.twitter.com/2/problems/client-forbidden", "queued", sending.NO_RIGHTS),
    ],
)
def test_answer__forbidden__by_its_kind(
    public: Ticket, agent: Staff, small_x: SmallX, detail: str, kind: str, state: str, sentence: str
) -> None:
    small_x.refuse(POST, 403, detail, kind)
    row = send(answer(public, agent))
    assert (row.state, row.detail or row.last_error) == (state, sentence)
    assert Message.objects.filter(event="post_failed").count() == (state == "failed")


def test_answer__wrong_token__waits_and_names_none(ticket: Ticket, agent: Staff, small_x: SmallX) -> None:
    SocialAccount.objects.update(token_secret="wrong")
    row = send(answer(ticket, agent))
    assert (row.state, row.last_error) == ("queued", sending.BAD_TOKEN)


def test_public_answer__without_a_post_to_stand_below__is_never_posted(x_account: SocialAccount) -> None:
    assert x.send_below(x_account, "", "Hello", hand_over=lambda: True).fate == "failed"


def test_webhook__is_set_and_subscribed_once(x_account: SocialAccount, small_x: SmallX) -> None:
    for _again in range(2):
        x.set_webhook(x_account, "https://desk.pharos.test/hooks/x/abc/")
    assert [one["url"] for one in small_x.webhooks] == ["https://desk.pharos.test/hooks/x/abc/"]
    assert [verb for verb, path, _said in small_x.asked if path.endswith("/all")] == ["GET", "POST", "GET"]


def test_account__tells_who_it_is_and_refuses_what_x_has_not(x_account: SocialAccount, small_x: SmallX) -> None:
    assert x.who_are_we(x_account) == "@PharosHelp"
    x_account.external_id = "5"
    with pytest.raises(VendorRefused, match=US):
        x.who_are_we(x_account)
    with pytest.raises(VendorRefused):
        x.delete_webhook(x_account)
    with pytest.raises(VendorRefused):
        x.poll(x_account)
