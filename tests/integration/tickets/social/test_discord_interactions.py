"""Discord's requests: their signature and their time, the sign of life, and commands that only their asker sees answered."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey

from security.services import official_channels
from tests.support.discord_events import KEY, PUBLIC_KEY, THEM, DiscordHook, command, mentioning, said
from tickets.channels.discord import is_genuine
from tickets.models import SocialAccount, SocialChat, SocialEvent, SocialPost, Ticket
from tickets.services import social_intake

PING = {"type": 1, "id": "1", "application_id": "70000", "token": "t", "version": 1}


def words(answer: Any) -> str:
    told = answer.json()
    assert (told["type"], told["data"]["flags"], told["data"]["allowed_mentions"]) == (4, 64, {"parse": []})
    assert len(told["data"]["content"]) <= 2_000
    return str(told["data"]["content"])


def test_signature__of_rfc_8032__is_right(discord_account: SocialAccount) -> None:
    vector = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    assert PUBLIC_KEY == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert KEY.sign(b"").signature.hex() == vector


def test_ping__is_answered_and_leaves_nothing(discord_hook: DiscordHook) -> None:
    answer = discord_hook.ask(PING)
    assert (answer.status_code, answer.json()) == (200, {"type": 1})
    assert answer.headers["Content-Type"] == "application/json"
    assert not SocialEvent.objects.exists()


@pytest.mark.attack("F2")
@pytest.mark.parametrize(
    "what", ["none", "key", "bytes", "time", "short", "not hex", "upper", "old", "early", "no key"]
)
def test_request__not_signed_by_discord_lately__is_401(discord_hook: DiscordHook, what: str) -> None:
    raw = json.dumps(command("support", question="Hello")).encode()
    now = int(time.time())
    given = discord_hook.headers(raw, moment={"old": now - 301, "early": now + 301}.get(what))
    signature, stamp = "X-Signature-Ed25519", "X-Signature-Timestamp"
    changed: dict[str, dict[str, str]] = {
        "none": {signature: "", stamp: ""},
        "key": discord_hook.headers(raw, key=SigningKey(b"x" * 32)),
        "bytes": discord_hook.headers(raw + b" "),
        "time": {stamp: str(now + 1)},
        "short": {signature: given[signature][:-2]},
        "not hex": {signature: "ü" * 128},
        "upper": {stamp: f"{now}\u0661"},
    }
    if what == "no key":
        SocialAccount.objects.update(app_key="")
    answer = discord_hook.ask(json.loads(raw), given | changed.get(what, {}))
    assert answer.status_code == 401
    assert not SocialEvent.objects.exists()


def test_support__opens_a_private_case_and_leads_to_the_direct_message(discord_hook: DiscordHook) -> None:
    told = words(discord_hook.ask(command("support", question="My seed is lost, my code is 482913")))
    assert "direct messages with @pharos_bot" in told
    assert "482913" not in told
    row = discord_hook.handled()
    ticket, chat = Ticket.objects.get(), SocialChat.objects.get()
    assert (row.state, row.event_id) == ("processed", "interaction:786008729715212338")
    assert (chat.external_id, chat.is_public) == (f"dm:{THEM}", False)
    assert "482913" not in ticket.messages.get(kind="reply").text
    assert "Write to us here" in SocialPost.objects.get().text
    discord_hook.take("MESSAGE_CREATE", said())
    assert Ticket.objects.count() == 1


@pytest.mark.attack("F2")
def test_verify__leads_to_the_portal_and_takes_no_code(discord_hook: DiscordHook) -> None:
    told = words(discord_hook.ask(command("verify", code="482913")))
    assert "/portal/" in told
    assert "Never send passwords, codes" in told
    assert discord_hook.handled().reason == "answered_at_once"
    assert not Ticket.objects.exists()


def test_official__says_who_is_ours_and_never_that_somebody_is_safe(discord_hook: DiscordHook, settings: Any) -> None:
    official_channels.add(kind="discord", value="pharos_bot", by=None)
    official_channels.add(kind="telegram", value="@pharos_helpdesk", by=None, state="reported")
    SocialAccount.objects.update(official_role="555")
    told = words(discord_hook.ask(command("official") | {"locale": "zh-CN"}))
    assert ("pharos_bot" in told, "<@&555>" in told, "pharos_helpdesk" in told) == (True, True, False)
    assert "safe" not in told.lower()


def test_command__of_another_application__goes_to_review(discord_hook: DiscordHook) -> None:
    discord_hook.ask(command("support", question="Hello") | {"application_id": "5"})
    assert discord_hook.handled().reason == "other_account"


@pytest.mark.attack("F2")
def test_command__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str, discord_hook: DiscordHook, race: Callable[..., list[Any]], move_time: Callable[[timedelta], None]
) -> None:
    what = command("support", question="Hello")
    raw = json.dumps(what).encode()
    headers = discord_hook.headers(raw)
    answers = race(*[lambda: discord_hook.ask(what, headers)] * 10)
    assert [one.status_code for one in answers] == [200] * 10
    social_intake.accept_waiting()
    move_time(timedelta(days=1))
    assert discord_hook.ask(what, headers).status_code == 401
    assert (SocialEvent.objects.count(), Ticket.objects.count()) == (1, 1)


def test_door__other_bytes_and_an_event_of_the_gateway__do_nothing(discord_hook: DiscordHook) -> None:
    forged = {"event": "MESSAGE_CREATE", "data": mentioning(), "us": "70001", "why": "mention"}
    assert discord_hook.ask(forged, {}).status_code == 401
    raw = b"[1"
    answer = discord_hook.client.post(
        discord_hook.path, raw, content_type="application/json", headers=discord_hook.headers(raw)
    )
    assert answer.status_code == 200
    assert discord_hook.handled().reason == "unreadable"
    assert is_genuine(discord_hook.account, {}, raw) is False
