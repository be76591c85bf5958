"""The process that listens to Discord: what it hears is kept before Discord is told so, whatever is cut meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.models import Heartbeat
from helpdesk import discord_process
from helpdesk.embedded.environment import with_database
from tests.factories.accounts import TeamFactory
from tests.support.discord_events import DIRECT, FORUM, POST, THEM, DiscordHook, mentioning, posted, said
from tests.support.small_discord import IDENTIFY, RESUME, SERVER, SmallDiscord
from tests.support.system import wait_for
from tickets.models import Message, SocialAccount, SocialEvent, SocialRoute, Ticket
from tickets.services import social_intake

ROOT = Path(__file__).resolve().parents[4]
FRESH = "the account is listened to"
# Discord's numbers tell the time: these are of now.
FIRST = (int(time.time() * 1000) - 1_420_070_400_000) << 22


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord_process, "REREAD_EVERY_S", 0.1)
    monkeypatch.setattr("tickets.channels.discord.gateway.FIRST_PAUSE_S", 0.1)


@contextmanager
def process() -> Iterator[discord_process.Process]:
    """Run it in a thread, as it runs in a process."""
    found, stop = discord_process.Process(), asyncio.Event()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        thread = threading.Thread(target=lambda: runner.run(found.run(stop)))
        thread.start()
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(20)
            assert not thread.is_alive()


def kept(count: int) -> Callable[[], bool]:
    return lambda: SocialEvent.objects.count() == count


def listens(running: discord_process.Process, discord: SmallDiscord) -> Callable[[], bool]:
    return lambda: discord.listeners > 0 and not running.troubles() and bool(running.running)


def told(number: int) -> dict[str, Any]:
    return said(f"Message {number}", number=str(FIRST + number))


def named(number: int) -> str:
    return f"message:{FIRST + number}"


def numbers() -> list[str]:
    return list(SocialEvent.objects.order_by("pk").values_list("event_id", flat=True))


def test_listening__cut_connections_and_new_sessions__lose_nothing_and_double_nothing(
    clone_db: str, discord_hook: DiscordHook, small_discord: SmallDiscord
) -> None:
    with process() as running:
        wait_for(listens(running, small_discord), FRESH)
        (identified,) = small_discord.spoken(IDENTIFY)
        assert identified["intents"] == 1 << 0 | 1 << 9 | 1 << 12 | 1 << 15
        small_discord.tell("MESSAGE_CREATE", told(11))
        small_discord.tell("MESSAGE_CREATE", mentioning("Hello", number="12", mentions=[]))
        wait_for(kept(1), "the first is kept")
        small_discord.cut()
        small_discord.tell("MESSAGE_CREATE", told(13), is_heard=False)
        wait_for(kept(2), "what was said meanwhile is kept")
        small_discord.ask_to_reconnect()
        small_discord.tell("MESSAGE_CREATE", told(14), is_heard=False)
        wait_for(kept(3), "it goes on when asked to")
        assert len(small_discord.spoken(IDENTIFY)) == 1
        social_intake.accept_waiting()
        # A session that Discord has forgotten: what was missed is asked for.
        small_discord.history[DIRECT] = [told(number) for number in (11, 13, 14, 15)]
        small_discord.forgets_sessions = True
        small_discord.cut()
        wait_for(kept(4), "what nobody told is asked for")
        assert small_discord.sessions == 2
    social_intake.accept_waiting()
    assert numbers() == [named(number) for number in (11, 13, 14, 15)]
    assert Message.objects.filter(kind="reply").count() == 4


def test_listening__database_away__waits_and_keeps_it_when_it_is_back(
    clone_db: str, discord_hook: DiscordHook, small_discord: SmallDiscord,
    owner_connection: "psycopg.Connection[Any]", monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(discord_process, "FIRST_PAUSE_S", 0.05)
    with process() as running:
        wait_for(listens(running, small_discord), FRESH)
        owner_connection.execute(
            "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE 'away' USING ERRCODE = 'cannot_connect_now'; END $$"
        )
        owner_connection.execute(
            "CREATE TRIGGER away BEFORE INSERT ON tickets_socialevent FOR EACH ROW EXECUTE FUNCTION away()"
        )
        small_discord.tell("MESSAGE_CREATE", told(11))
        small_discord.tell("MESSAGE_CREATE", told(12))
        wait_for(lambda: bool(running.troubles()), "it waits")
        (one,) = running.running.values()
        assert one.listener is not None
        before = one.listener.session
        small_discord.cut()
        assert one.listener.session == before, "what is not kept does not count as heard"
        owner_connection.execute("DROP TRIGGER away ON tickets_socialevent")
        wait_for(kept(2), "both are kept")
    assert numbers() == [named(11), named(12)]


def test_listening__forum_and_impostor__after_a_restart_too(
    clone_db: str, discord_hook: DiscordHook, small_discord: SmallDiscord
) -> None:
    SocialAccount.objects.update(official_role="555")
    route = SocialRoute.objects.create(
        account=discord_hook.account, channel_id=FORUM, team=TeamFactory.create(), is_watched_forum=True
    )
    thread = {"id": POST, "type": 11, "guild_id": SERVER, "parent_id": FORUM, "owner_id": THEM, "name": "Lost",
              "thread_metadata": {"archived": False, "auto_archive_duration": 60, "locked": False,
                                  "archive_timestamp": "2026-01-01T00:00:00+00:00"}}  # fmt: skip
    with process() as running:
        wait_for(listens(running, small_discord), FRESH)
        assert small_discord.spoken(IDENTIFY)[0]["intents"] & 1 << 1
        session = SocialAccount.objects.get
        wait_for(lambda: session().gateway_session.startswith("session-1 "), "the session is kept")
    # Another process goes on with the session, and knows no server.
    small_discord.plan(POST, (200, thread))
    with process() as running:
        wait_for(lambda: bool(small_discord.spoken(RESUME)), "the session goes on")
        wait_for(listens(running, small_discord), FRESH)
        poser = {"nick": "Ph\u0430ros  Support", "roles": ["1"]}
        small_discord.tell("MESSAGE_CREATE", posted())
        small_discord.tell("GUILD_MEMBER_UPDATE", {"guild_id": SERVER, "user": {"id": "666", "username": "x"}, **poser})
        wait_for(kept(2), "both are kept")
    assert len(small_discord.spoken(IDENTIFY)) == 1
    social_intake.accept_waiting()
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.team) == ("Lost", route.team)
    assert SocialEvent.objects.filter(event_id__startswith=f"member:{SERVER}:666:", state="processed").count() == 1


def test_listening__poison_frames__do_not_stop_the_others(
    clone_db: str, discord_hook: DiscordHook, small_discord: SmallDiscord
) -> None:
    with process() as running:
        wait_for(listens(running, small_discord), FRESH)
        small_discord.tell_raw("{not json")
        small_discord.tell_raw("[" * 100_000)
        small_discord.tell("MESSAGE_CREATE", {"id": "1", "channel_id": [], "author": 5})
        small_discord.tell("MESSAGE_CREATE", said("x" * 3_000_000, number="2"))
        small_discord.tell("MESSAGE_CREATE", told(3))
        wait_for(lambda: named(3) in numbers(), "the good one is kept")
        assert len(small_discord.spoken(IDENTIFY)) == 1
    social_intake.accept_waiting()
    assert Message.objects.filter(kind="reply").count() == 1
    assert set(SocialEvent.objects.exclude(event_id=named(3)).values_list("state", flat=True)) == {"quarantined"}


def test_listening__refused_and_mended__is_told_on_the_account_and_begins_again(
    clone_db: str, discord_hook: DiscordHook, small_discord: SmallDiscord
) -> None:
    small_discord.closes_with = 4014
    with process() as running:
        wait_for(lambda: "intents" in SocialAccount.objects.get().last_error, "the account says why")
        wait_for(lambda: Heartbeat.objects.filter(name="discord", is_ok=False).exists(), "and the heartbeat")
        small_discord.closes_with = 0
        SocialAccount.objects.update(official_role="555")
        wait_for(listens(running, small_discord), FRESH)
        wait_for(lambda: SocialAccount.objects.get().last_error == "", "all is well")
        SocialAccount.objects.update(is_active=False)
        wait_for(lambda: not running.running and small_discord.listeners == 0, "one that is switched off is left")
        SocialAccount.objects.create(kind="discord", name="Second", token=discord_hook.account.token)
        wait_for(listens(running, small_discord), "a new account needs no restart")


def test_run_discord__without_an_account__is_light_beats_and_stops_when_told(clone_db: str) -> None:
    environment = os.environ | {
        "DATABASE_URL": with_database(os.environ["DATABASE_URL"], clone_db),
        # No broker listens there.
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "run_discord"], cwd=ROOT, env=environment)
    try:
        wait_for(lambda: Heartbeat.objects.filter(name="discord", is_ok=True).exists(), "it beats", 60.0)
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        assert "aiohttp" not in maps, "the library is loaded where an account needs it"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(45) == 0
