"""Out by Discord: direct messages, files, answers below posts; its limits, its refusals, its silence. Nothing is lost."""

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.test_delivery import answer, send
from tests.support.discord_events import CHANNEL, THEM, DiscordHook, mentioning, said
from tests.support.small_discord import APPLICATION, CHANNELS, COMMANDS, MESSAGES, SmallDiscord
from tests.support.small_telegram import HANGS, HANGS_UP
from tickets.channels import discord
from tickets.channels.discord import client, sending
from tickets.channels.social import calling
from tickets.channels.social.shapes import OutgoingFile, VendorRefused
from tickets.models import Message, SocialAccount, Ticket
from tickets.services.senders import NewFile

LONG = " ".join(f"{word} word of a long answer" for word in range(90))


@pytest.fixture(autouse=True)
def _forgets() -> Iterator[None]:
    """What one process knows of channels and limits belongs to one Discord."""
    yield
    sending._channels.clear()
    client.limits._until.clear()


@pytest.fixture
def ticket(discord_hook: DiscordHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    discord_hook.take("MESSAGE_CREATE", said())
    return Ticket.objects.get()


@pytest.fixture
def public(discord_hook: DiscordHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    discord_hook.take("MESSAGE_CREATE", mentioning())
    return Ticket.objects.get()


def test_direct_message__channel_is_opened_once_and_nobody_is_called(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    rows = [send(answer(ticket, agent, text)) for text in ("@everyone *Not* bold_", "# Done")]
    assert [path for _verb, path, _said in small_discord.asked] == [
        "/users/@me/channels", f"/channels/9{THEM}/messages", f"/channels/9{THEM}/messages"
    ]  # fmt: skip
    assert small_discord.of(CHANNELS) == [{"recipient_id": THEM}]
    first, second = small_discord.of(MESSAGES)
    assert first == {
        "content": r"@everyone \*Not\* bold\_", "allowed_mentions": {"parse": []},
        "nonce": f"{rows[0].pk}.0", "enforce_nonce": True,
    }  # fmt: skip
    assert second["content"] == r"\# Done"
    assert (rows[0].state, rows[0].external_ids[0].split("/")[0]) == ("sent", f"9{THEM}")


def test_direct_message__with_a_file__is_uploaded_beside_what_it_says(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    row = send(answer(ticket, agent, "See", NewFile(name='a"b.txt', content=b"hello")))
    _text, sent = small_discord.of(MESSAGES)
    assert (row.state, sent["files[0]"][1]) == ("sent", b"hello")
    assert json.loads(sent["payload_json"]) == {
        "allowed_mentions": {"parse": []}, "nonce": f"{row.pk}.1", "enforce_nonce": True
    }  # fmt: skip


def test_public_answer__stands_below_the_post_in_parts_of_two_thousand(
    public: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    row = send(answer(public, agent, LONG[:900]))
    (sent,) = small_discord.of(MESSAGES)
    assert sent["message_reference"]["message_id"] == "334385199974967100"
    assert row.external_ids[0].startswith(f"{CHANNEL}/")
    assert all(len(part) <= 2_000 for part in discord.parts(LONG * 3))
    assert discord.parts("a_b https://a.test/x_y_z") == [r"a\_b https://a.test/x_y_z"]


@pytest.mark.parametrize("silence", [HANGS, HANGS_UP])
def test_answer__lost_answer__is_sent_again_under_its_name_and_arrives_once(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.3)
    small_discord.plan(MESSAGES, silence)
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 1)
    row = send(row)
    first, second = small_discord.of(MESSAGES)
    assert first == second
    assert row.state == "sent"
    assert len(small_discord.nonces) == 1


def test_answer__two_silences__are_for_a_person_to_judge(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    small_discord.plan(MESSAGES, HANGS_UP, HANGS_UP)
    row = send(send(answer(ticket, agent)))
    assert (row.state, row.unanswered) == ("failed", 2)
    assert Message.objects.filter(event="post_failed").count() == 1


def test_answer__too_many_requests__whole_account_waits_the_longest_of_what_is_said(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    small_discord.refuse(MESSAGES, 429, more={"retry_after": 64.57, "global": False}, Retry_After="65")
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    assert 60 < (row.next_attempt_at - row.created_at).total_seconds() < 70
    assert send(row).state == "sent"


def test_answer__that_was_the_last_for_now__next_one_is_not_even_asked(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord
) -> None:
    last = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "300.5"}
    small_discord.plan(MESSAGES, (200, {"id": "1", "channel_id": "2"}, last))
    row = send(answer(ticket, agent, LONG))
    assert (row.state, row.parts_sent, row.last_error) == ("queued", 1, sending.BUSY)
    assert len(small_discord.of(MESSAGES)) == 1


@pytest.mark.parametrize(
    ("status", "code", "more", "state", "sentence"),
    [
        (500, 0, {}, "queued", "Discord says 500: Refused"),
        (401, 0, {}, "queued", sending.BAD_TOKEN),
        (403, 50007, {}, "failed", sending.NOT_TAKEN),
        (403, 50013, {}, "failed", sending.NO_RIGHTS),
        (404, 10003, {}, "failed", sending.NO_POST),
        (413, 40005, {}, "failed", sending.TOO_LARGE),
        (400, 50035, {"errors": {"message_reference": {}}}, "failed", sending.NO_POST),
        (400, 50035, {"errors": {"content": {}}}, "failed", "Discord says 400: Refused"),
    ],
)
def test_answer__refused__by_its_code(
    public: Ticket, agent: Staff, small_discord: SmallDiscord,
    status: int, code: int, more: dict[str, object], state: str, sentence: str,
) -> None:  # fmt: skip
    small_discord.refuse(MESSAGES, status, code, more)
    row = send(answer(public, agent))
    assert (row.state, row.detail or row.last_error) == (state, sentence)
    assert Message.objects.filter(event="post_failed").count() == (state == "failed")


def test_answer__discord_cannot_be_reached__is_not_counted_as_sent(
    ticket: Ticket, agent: Staff, small_discord: SmallDiscord, settings: Settings
) -> None:
    right, settings.DISCORD_API_URL = settings.DISCORD_API_URL, "http://127.0.0.1:9"
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    settings.DISCORD_API_URL = right
    assert send(row).state == "sent"


def test_answer__too_many_new_conversations__waits(ticket: Ticket, agent: Staff, small_discord: SmallDiscord) -> None:
    small_discord.refuse(CHANNELS, 400, 40003)
    row = send(answer(ticket, agent))
    assert (row.state, (row.next_attempt_at - row.created_at).total_seconds() > 500) == ("queued", True)
    assert send(row).state == "sent"


def test_public__files_and_answers_to_nothing__never_leave(discord_account: SocialAccount) -> None:
    file = OutgoingFile("a.txt", "text/plain", b"x")
    chat = f"channel:{CHANNEL}:{THEM}"
    assert discord.send_file(discord_account, chat, file, hand_over=lambda: True).fate == "failed"
    assert discord.send_below(discord_account, "", "Hello", hand_over=lambda: True).fate == "failed"
    assert discord.send_text(discord_account, "dm:../x", "Hello", hand_over=lambda: True).fate == "failed"


def test_account__is_set_up_and_tells_who_it_is(discord_account: SocialAccount, small_discord: SmallDiscord) -> None:
    small_discord.public_key = discord_account.app_key
    assert discord.who_are_we(discord_account) == "@pharos_bot"
    discord.set_webhook(discord_account, "https://desk.pharos.test/hooks/discord/abc/")
    assert [one["name"] for one in small_discord.of(COMMANDS)[0]["all"]] == ["support", "verify", "official"]
    assert small_discord.asked[-1][2] == {"interactions_endpoint_url": "https://desk.pharos.test/hooks/discord/abc/"}
    small_discord.public_key = "0" * 64
    with pytest.raises(VendorRefused, match="public key"):
        discord.who_are_we(discord_account)
    discord_account.external_id = "5"
    with pytest.raises(VendorRefused, match=APPLICATION):
        discord.who_are_we(discord_account)
    with pytest.raises(VendorRefused):
        discord.delete_webhook(discord_account)
    with pytest.raises(VendorRefused):
        discord.poll(discord_account)
