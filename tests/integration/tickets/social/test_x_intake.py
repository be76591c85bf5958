"""From an event of X to the case: direct messages, files, mentions below a post, spam, and deletions."""

import json
from typing import Any

import pytest

from accounts.models import CustomerAddress, Staff
from tests.integration.tickets.social.test_delivery import answer, send
from tests.support.small_x import US, SmallX
from tests.support.x_events import OUR_USER, THEM, XHook, answering, deleted, direct, mentioned, post, request, told
from tickets.models import Message, SocialChat, SocialItem, Ticket
from tickets.selectors import timeline

PHOTO = "https://ton.twitter.com/1.1/ton/data/dm/954491830116155396/954491830116155397/a.jpg"


def media(url: str = PHOTO, kind: str = "photo", **more: Any) -> dict[str, Any]:
    found = {
        "id": 954491830116155397,
        "id_str": "954491830116155397",
        "media_url": url,
        "media_url_https": url,
        "url": "https://t.co/hHGWkKXxqL",
        "expanded_url": "https://x.com/messages/media/954491830116155396",
        "type": kind,
        **more,
    }
    return {"type": "media", "media": found}


def files_of(said: Message) -> list[str]:
    return [row.stored.name for row in said.attachments.kept()]


def test_direct_message__first_of_a_person__opens_a_case_of_somebody_unproven(x_hook: XHook) -> None:
    row = x_hook.take(told(direct()))
    ticket = Ticket.objects.get()
    assert row.state == "processed"
    assert (ticket.channel, ticket.subject, ticket.requester_address) == ("social", "Where is my deposit?", f"x:{THEM}")
    address = CustomerAddress.objects.get(customer=ticket.requester)
    assert (address.kind, address.value, address.proof) == ("handle", f"x:{THEM}", "claimed")
    said = ticket.messages.get(kind="reply")
    assert (said.sender_name, said.is_sender_proven) == ("Mina Park @minapark", False)
    assert not SocialChat.objects.get().is_public
    x_hook.take(told(direct("Hello?", number="2")))
    assert ticket.messages.filter(kind="reply").count() == 2


def test_direct_message__of_ours__is_nothing(x_hook: XHook) -> None:
    ours = direct()
    ours["message_create"] |= {"sender_id": US, "target": {"recipient_id": THEM}}
    row = x_hook.take(told(ours))
    assert (row.state, row.reason, row.stream) == ("ignored", "our_own", f"dm:{THEM}")


def test_direct_message__with_links_and_signs__shows_where_they_lead(x_hook: XHook) -> None:
    urls = [
        {"url": "https://t.co/abc", "expanded_url": "https://phishing.test/login?a=1", "display_url": "pharos.test"}
    ]
    x_hook.take(told(direct("See https://t.co/abc &lt;b&gt; &amp;amp;", entities={"urls": urls})))
    assert Message.objects.get(kind="reply").text == "See https://phishing.test/login?a=1 <b> &amp;"


def test_direct_message__codes_in_it__are_masked(x_hook: XHook) -> None:
    x_hook.take(told(direct("My verification code is 482913")))
    assert "482913" not in Message.objects.get(kind="reply").text


def test_direct_message__with_a_picture__is_fetched_by_a_signed_request(x_hook: XHook, small_x: SmallX) -> None:
    small_x.contents[PHOTO.removeprefix("https://")] = b"\xff\xd8\xff\xe0 jpeg"
    x_hook.take(told(direct("See here https://t.co/hHGWkKXxqL", attachment=media())))
    said = Message.objects.get(kind="reply")
    assert (said.text, files_of(said)) == ("See here", ["photo-954491830116155397.jpg"])


def test_direct_message__with_a_video__largest_is_taken(x_hook: XHook, small_x: SmallX) -> None:
    url = "https://video.twimg.com/dm_video/1/vid/{}/a.mp4"
    small_x.contents["video.twimg.com/dm_video/1/vid/720/a.mp4"] = b"film"
    variants = [
        {"bitrate": 320000, "content_type": "video/mp4", "url": url.format(320)},
        {"content_type": "application/x-mpegURL", "url": url.format("pl")},
        {"bitrate": 2176000, "content_type": "video/mp4", "url": url.format(720)},
    ]
    x_hook.take(told(direct("", attachment=media(kind="video", video_info={"variants": variants}))))
    assert files_of(Message.objects.get(kind="reply")) == ["video-954491830116155397.mp4"]


@pytest.mark.attack("F1")
@pytest.mark.parametrize(
    "url",
    [
        "http://ton.twitter.com/a.jpg",
        "https://169.254.169.254/latest",
        "https://ton.twitter.com@169.254.169.254/a.jpg",
        "https://ton.twitter.com:8443/a.jpg",
        "https://ton.twitter.com.phishing.test/a.jpg",
        "https://TON.twitter.com\r\nHost: x/a.jpg",
        "https://ton.twitter.com/../../a.jpg",
        "//ton.twitter.com/a.jpg",
        "https://[::1",
    ],
)
def test_file__that_lies_anywhere_else__is_not_fetched(x_hook: XHook, small_x: SmallX, url: str) -> None:
    x_hook.take(told(direct("Look", attachment=media(url))))
    assert small_x.asked == []
    assert Message.objects.filter(event="files_left_out").count() == 1


def test_file__of_x_that_leads_elsewhere__is_not_followed(x_hook: XHook, small_x: SmallX) -> None:
    small_x.plan("a.jpg", (302, b"", {"Location": f"{small_x.url}/2/users/me"}))
    x_hook.take(told(direct("Look", attachment=media())))
    assert [path.rpartition("/")[2] for _verb, path, _said in small_x.asked] == ["a.jpg"]


def test_mention__opens_a_public_case_of_its_own(x_hook: XHook) -> None:
    x_hook.take(told(direct()))
    x_hook.take(mentioned(post()))
    private, public = SocialChat.objects.order_by("pk")
    assert (private.external_id, private.is_public) == (THEM, False)
    assert (public.external_id, public.is_public) == (f"post:1050118621198921728:{THEM}", True)
    assert private.customer == public.customer
    assert Ticket.objects.count() == 2


def test_mention__long_one__is_read_whole(x_hook: XHook) -> None:
    whole = {
        "full_text": "@PharosHelp " + "sehr " * 50 + "late https://t.co/x",
        "entities": {
            "user_mentions": [{"id_str": US}],
            "urls": [{"url": "https://t.co/x", "expanded_url": "https://example.com/a"}],
        },
    }
    x_hook.take(mentioned(post("@PharosHelp very…", truncated=True, extended_tweet=whole)))
    assert Message.objects.get(kind="reply").text.endswith("sehr late https://example.com/a")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (mentioned(post(user={"id_str": US, "screen_name": "PharosHelp"})), "our_own"),
        (mentioned(post(retweeted_status=post())), "repost"),
        (mentioned(post(entities={"user_mentions": [{"id_str": "5"}]})), "not_mentioned"),
        (request(tweet_create_events=[post()], user_has_blocked=True), "blocked"),
        (
            mentioned(post(entities={"user_mentions": [{"id_str": US}, *({"id_str": str(n)} for n in range(1, 12))]})),
            "too_many_mentions",
        ),
    ],
)
def test_post__that_is_none_of_ours__is_left_at_that(x_hook: XHook, event: bytes, reason: str) -> None:
    row = x_hook.take(event)
    assert (row.state, row.reason) == ("ignored", reason)
    assert not Ticket.objects.exists()


def test_conversation__answers_to_us_and_to_oneself__are_one_case(
    x_hook: XHook, small_x: SmallX, agent: Staff, settings: Any
) -> None:
    settings.UNDO_SEND_S = 0
    x_hook.take(mentioned(post()))
    ticket = Ticket.objects.get()
    ours = send(answer(ticket, agent, "We look into it.")).external_ids[0]
    x_hook.take(mentioned(post("@PharosHelp thanks", number="2", **answering(ours))))
    x_hook.take(mentioned(post("@PharosHelp and one more", number="3", **answering("2", THEM))))
    assert Ticket.objects.count() == 1
    assert SocialItem.objects.filter(chat=SocialChat.objects.get()).count() == 3


def test_conversation__somebody_else_joins_in__is_never_the_customer(
    x_hook: XHook, small_x: SmallX, agent: Staff, settings: Any
) -> None:
    settings.UNDO_SEND_S = 0
    x_hook.take(mentioned(post()))
    ours = send(answer(Ticket.objects.get(), agent, "We look into it.")).external_ids[0]
    liar = {"id_str": "666", "name": "Mina Park", "screen_name": "mina_park_"}
    x_hook.take(mentioned(post("@PharosHelp it is me", number="2", user=liar, **answering(ours))))
    mine, theirs = Ticket.objects.order_by("pk")
    assert mine.requester != theirs.requester
    assert mine.messages.filter(kind="reply", direction="in").count() == 1


def test_deletion__is_on_the_timeline_and_staff_keep_the_text(x_hook: XHook) -> None:
    x_hook.take(mentioned(post()))
    row = x_hook.take(deleted("1050118621198921728"))
    ticket = Ticket.objects.get()
    assert row.state == "processed"
    assert ticket.messages.get(kind="reply").text == "@PharosHelp my deposit is missing"
    assert ticket.messages.get(event="message_taken_back").event_data["seq"] == ticket.messages.get(kind="reply").seq
    assert any(one.event and "took a message back" in one.event.text for one in timeline.latest(ticket).messages)


def test_deletion__by_somebody_else_or_of_nothing__changes_nothing(x_hook: XHook) -> None:
    x_hook.take(mentioned(post()))
    x_hook.take(deleted("1050118621198921728", "666"))
    x_hook.take(deleted("404"))
    assert not Message.objects.filter(event="message_taken_back").exists()


@pytest.mark.parametrize(
    "event",
    [
        {"direct_message_events": [{"type": "message_create", "id": "1"}]},
        {"direct_message_events": ["x"]},
        {"tweet_create_events": [{"id_str": "1"}]},
        {"tweet_create_events": [None]},
        {"tweet_delete_events": [{}]},
    ],
)
def test_event__that_cannot_be_read__goes_to_review(x_hook: XHook, event: dict[str, Any]) -> None:
    row = x_hook.take(request(**event))
    assert row.state in {"quarantined", "ignored"}
    assert row.reason in {"unreadable", "not_wanted"}
    assert not Ticket.objects.exists()


def test_event__unstorable_signs__are_taken(x_hook: XHook) -> None:
    body = json.loads(told(direct("a\x00b\ud800")))
    body["users"] = {THEM: {"name": "Mi\x00na\ud800"}, US: OUR_USER}
    assert x_hook.take(json.dumps(body).encode()).state == "processed"
