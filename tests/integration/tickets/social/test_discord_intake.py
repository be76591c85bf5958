"""From what Discord's gateway says to the case: direct messages, mentions, forum posts, files, corrections, deletions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import CustomerAddress
from tests.factories.accounts import TeamFactory
from tests.support.discord_events import (
    CHANNEL,
    DIRECT,
    FORUM,
    POST,
    POST_THREAD,
    THEM,
    USER,
    DiscordHook,
    deleted,
    mentioning,
    posted,
    said,
)  # fmt: skip
from tests.support.small_discord import US, SmallDiscord
from tickets.channels.discord.events import LARGEST
from tickets.models import Message, SocialChat, SocialEvent, SocialRoute, Ticket
from tickets.services import retention, social_intake

FILE = "https://cdn.discordapp.com/attachments/319674150115610528/1/a.png?ex=66&is=65&hm=ab"
OTHER = USER | {"id": "666", "username": "mina_", "global_name": "Mina Park"}


def attached(url: str = FILE, **more: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "filename": "a.png",
        "size": 8,
        "url": url,
        "proxy_url": url,
        "content_type": "image/png",
        **more,
    }


def files_of(message: Message) -> list[str]:
    return [row.stored.name for row in message.attachments.kept()]


@pytest.fixture
def forum(discord_hook: DiscordHook) -> SocialRoute:
    team = TeamFactory.create()
    return SocialRoute.objects.create(account=discord_hook.account, channel_id=FORUM, team=team, is_watched_forum=True)


def test_direct_message__opens_a_private_case_of_somebody_unproven(discord_hook: DiscordHook) -> None:
    row = discord_hook.take("MESSAGE_CREATE", said())
    ticket, chat = Ticket.objects.get(), SocialChat.objects.get()
    assert (row.state, row.event_id, row.stream) == (
        "processed", "message:334385199974967042", f"channel:{DIRECT}"
    )  # fmt: skip
    assert b"deposit" not in bytes(row.raw)
    assert (chat.external_id, chat.is_public) == (f"dm:{THEM}", False)
    assert (ticket.subject, ticket.requester_address) == ("Where is my deposit?", f"discord:{THEM}")
    address = CustomerAddress.objects.get(customer=ticket.requester)
    assert (address.value, address.proof) == (f"discord:{THEM}", "claimed")
    told = ticket.messages.get(kind="reply")
    assert (told.sender_name, told.is_sender_proven) == ("Mina Park @mina", False)
    discord_hook.take("MESSAGE_CREATE", said("My verification code is 482913", number="334385199974967043"))
    assert Ticket.objects.count() == 1
    assert not Message.objects.filter(text__contains="482913").exists()


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (said(author=USER | {"id": US}), "our_own"),
        (said(author=USER | {"bot": True}), "bot"),
        (said(webhook_id="5"), "bot"),
        (said(type=6), "service_message"),
        (said(""), "empty"),
    ],
)
def test_message__of_a_bot_or_of_nobody__is_nothing(
    discord_hook: DiscordHook, event: dict[str, Any], reason: str
) -> None:
    row = discord_hook.take("MESSAGE_CREATE", event)
    assert (row.state, row.reason) == ("ignored", reason)
    assert not Ticket.objects.exists()


def test_chatter__that_does_not_concern_us__is_not_kept(discord_hook: DiscordHook, forum: SocialRoute) -> None:
    elsewhere = POST_THREAD | {"parent": "9"}
    assert discord_hook.hear("MESSAGE_CREATE", mentioning("Hi all", mentions=[])) == 0
    assert discord_hook.hear("MESSAGE_CREATE", mentioning("@everyone", mentions=[], mention_everyone=True)) == 0
    assert discord_hook.hear("MESSAGE_UPDATE", mentioning("Hi", mentions=[], edited_timestamp="2026-01-01")) == 0
    assert discord_hook.hear("MESSAGE_DELETE", deleted("1", guild_id="80000")) == 0
    assert discord_hook.hear("MESSAGE_CREATE", posted(), elsewhere) == 0
    assert discord_hook.hear("MESSAGE_CREATE", posted(number="6002", author=OTHER), POST_THREAD) == 0
    assert discord_hook.hear("TYPING_START", {"channel_id": DIRECT, "user_id": THEM}) == 0
    assert not SocialEvent.objects.exists()


def test_mention__opens_a_public_case_and_names_people(discord_hook: DiscordHook) -> None:
    people = [{"id": US, "username": "pharos_bot"}, OTHER]
    discord_hook.take("MESSAGE_CREATE", mentioning(f"<@{US}> <@!666> says so", mentions=people))
    chat = SocialChat.objects.get()
    assert (chat.external_id, chat.is_public) == (f"channel:{CHANNEL}:{THEM}", True)
    assert Message.objects.get(kind="reply").text == "@Mina Park says so"
    discord_hook.take("MESSAGE_CREATE", mentioning(f"<@{US}> it is me", number="9", author=OTHER))
    mine, theirs = Ticket.objects.order_by("pk")
    assert mine.requester != theirs.requester


def test_forum_post__is_a_case_with_its_title__and_its_authors_later_posts_join(
    discord_hook: DiscordHook, forum: SocialRoute
) -> None:
    discord_hook.take("MESSAGE_CREATE", posted(), POST_THREAD)
    discord_hook.take("MESSAGE_CREATE", posted("Still nothing", number="6002"), POST_THREAD)
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.team) == ("My deposit is missing", forum.team)
    assert [one.text for one in ticket.messages.filter(kind="reply")] == ["It has been a day.", "Still nothing"]
    assert SocialChat.objects.get().external_id == f"channel:{POST}:{THEM}"


def test_route__its_channels_tickets_go_to_its_team_until_it_is_switched_off(discord_hook: DiscordHook) -> None:
    team = TeamFactory.create()
    route = SocialRoute.objects.create(account=discord_hook.account, channel_id=CHANNEL, team=team)
    discord_hook.take("MESSAGE_CREATE", mentioning())
    discord_hook.take("MESSAGE_CREATE", said())
    SocialRoute.objects.filter(pk=route.pk).update(is_active=False)
    discord_hook.take("MESSAGE_CREATE", mentioning(number="9", author=OTHER))
    assert [one.team for one in Ticket.objects.order_by("pk")] == [team, None, None]


def test_file__is_fetched_from_discord_without_the_bots_token(
    discord_hook: DiscordHook, small_discord: SmallDiscord
) -> None:
    small_discord.contents["cdn.discordapp.com/attachments/319674150115610528/1/a.png"] = b"\x89PNG\r\n\x1a\n"
    forwarded = {"message": {"content": "Look", "attachments": [attached(size=30_000_000, filename="b.png")]}}
    discord_hook.take("MESSAGE_CREATE", said("", attachments=[attached()], message_snapshots=[forwarded]))
    told = Message.objects.get(kind="reply")
    assert (told.text, files_of(told)) == ("Look", ["a.png"])
    assert [one["authorization"] for _verb, _path, one in small_discord.asked] == [""]
    assert Message.objects.get(event="files_left_out").event_data["names"] == "b.png"


@pytest.mark.attack("F1")
@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/a.png",
        "https://169.254.169.254/latest",
        "https://cdn.discordapp.com@169.254.169.254/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://cdn.discordapp.com.phishing.test/a.png",
        "https://CDN.discordapp.com\r\nHost: x/a.png",
        "https://cdn.discordapp.com/../../a.png",
        "//cdn.discordapp.com/a.png",
        "https://[::1",
        5,
    ],
)
def test_file__that_lies_anywhere_else__is_not_fetched(
    discord_hook: DiscordHook, small_discord: SmallDiscord, url: Any
) -> None:
    discord_hook.take("MESSAGE_CREATE", said("Look", attachments=[attached(url)]))
    assert small_discord.asked == []
    assert Message.objects.filter(event="files_left_out").count() == 1


def test_file__that_leads_elsewhere__is_not_followed(discord_hook: DiscordHook, small_discord: SmallDiscord) -> None:
    small_discord.plan("cdn", (302, b"", {"Location": f"{small_discord.url}/api/v10/users/@me"}))
    discord_hook.take("MESSAGE_CREATE", said("Look", attachments=[attached()]))
    assert len(small_discord.asked) == 1


def test_correction__changes_the_words__and_an_unfolded_link_does_not(discord_hook: DiscordHook) -> None:
    discord_hook.take("MESSAGE_CREATE", mentioning())
    edited = mentioning("Solved", mentions=[], edited_timestamp="2017-07-11T17:30:00+00:00")
    row = discord_hook.take("MESSAGE_UPDATE", edited)
    assert (row.state, Message.objects.get(kind="reply").text) == ("processed", "Solved")
    assert Message.objects.filter(event="message_corrected").count() == 1
    assert discord_hook.hear("MESSAGE_UPDATE", mentioning("Solved", mentions=[], embeds=[{}])) == 0
    assert discord_hook.take("MESSAGE_UPDATE", said(embeds=[{}])).reason == "not_an_edit"


def test_deletion__is_on_the_timeline_and_staff_keep_the_text(discord_hook: DiscordHook) -> None:
    discord_hook.take("MESSAGE_CREATE", said())
    discord_hook.take("MESSAGE_CREATE", mentioning())
    discord_hook.take("MESSAGE_DELETE", deleted())
    bulk = {"ids": ["334385199974967100", "404"], "channel_id": CHANNEL, "guild_id": "80000"}
    assert discord_hook.hear("MESSAGE_DELETE_BULK", bulk) == 1
    social_intake.accept_waiting()
    assert Message.objects.filter(event="message_taken_back").count() == 2
    assert Message.objects.filter(kind="reply", text__contains="deposit").count() == 2


@pytest.mark.attack("F2")
def test_event__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str, discord_hook: DiscordHook, race: Callable[..., list[Any]], move_time: Callable[[timedelta], None]
) -> None:
    told = race(*[lambda: DiscordHook(discord_hook.account, Client()).hear("MESSAGE_CREATE", said())] * 10)
    assert sorted(told) == [0] * 9 + [1]
    pk = SocialEvent.objects.get().pk
    race(*[lambda: social_intake.accept(event_pk=pk)] * 4)
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert discord_hook.hear("MESSAGE_CREATE", said()) == 0
    social_intake.accept_waiting()
    assert (Ticket.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (said("x" * LARGEST), "quarantined"),
        (said(author=None), "quarantined"),
        (said(author={"id": 5}), "quarantined"),
        (said("a\x00b\ud800", author=USER | {"global_name": "Mi\x00na\ud800"}), "processed"),
        (said(id=None), "quarantined"),
    ],
)
def test_event__too_large_or_broken__goes_to_review_and_odd_signs_do_not(
    discord_hook: DiscordHook, event: dict[str, Any], state: str
) -> None:
    row = discord_hook.take("MESSAGE_CREATE", event)
    assert (row.state, row.size <= LARGEST) == (state, True)
