"""The process that listens to Discord: one connection for each active account, none and no library without one."""

import asyncio
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeVar

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.utils import InterfaceError, OperationalError

from core import heartbeat, request_id
from tickets.channels.discord.events import Event, Wanted
from tickets.models import SocialAccount
from tickets.selectors import social
from tickets.services import discord_events, social_accounts

if TYPE_CHECKING:
    from tickets.channels.discord.gateway import Listener, Session

log = structlog.get_logger(__name__)
Found = TypeVar("Found")

BEAT: Final = "discord"
# Accounts, their routes and names are read again, and how far each has heard is kept.
REREAD_EVERY_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
# An account that Discord refuses is tried again so late, or once its settings are others.
REFUSED_PAUSE_S = 300.0
# What may have been missed is asked for in conversations of the last days, the newest first.
MISSED_IN, MOST_CONVERSATIONS = timedelta(days=7), 200
STOP_WAIT_S = 3.0
RELEASE_WAIT_S = 1.0
WAITS: Final = "What Discord tells waits for the database."
THREADS = 4


@dataclass
class Process:
    """What runs: a task for each account, and threads that talk to the database."""

    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "discord"))
    running: dict[int, "Account"] = field(default_factory=dict)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set."""
        try:
            while not stop.is_set():
                try:
                    await self.reread()
                    await self.do(lambda: heartbeat.beat(BEAT, detail=self.detail(), is_ok=not self.troubles()))
                except Error as error:
                    log.warning("discord_process_without_database", reason=type(error).__name__)
                except Exception:
                    log.exception("discord_process_failed")
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), REREAD_EVERY_S)
        finally:
            await self._end(list(self.running.values()))
            self._release()

    def _release(self) -> None:
        """End the threads, each of which closes its connection to the database."""
        all_here = threading.Barrier(THREADS)

        def close() -> None:
            with suppress(threading.BrokenBarrierError):
                all_here.wait(RELEASE_WAIT_S)
            connection.close()

        for _thread in range(THREADS):
            self.threads.submit(close)
        self.threads.shutdown(wait=True)

    async def do(self, function: Callable[[], Found]) -> Found:
        """Do something with the database in a thread of its own. Raises what it raises."""

        def begin() -> Found:
            request_id.begin()
            connection.close_if_unusable_or_obsolete()
            try:
                return function()
            except Error:
                connection.close()
                raise

        return await asyncio.get_running_loop().run_in_executor(self.threads, begin)

    async def reread(self) -> None:
        """Begin, begin anew and end connections so that they match the accounts; a new one needs no restart."""
        rows = {row.pk: row for row in await self.do(social.listened)} if settings.DISCORD_GATEWAY else {}
        others = [one for pk, one in self.running.items() if pk not in rows or not one.is_like(rows[pk])]
        await self._end(others)
        for row in rows.values():
            known = self.running.get(row.pk)
            if known is None:
                known = self.running[row.pk] = Account(self, row)
            await known.reread(row)

    def troubles(self) -> list[str]:
        """Say which accounts are not listened to."""
        return [f"{one.row.name}: {one.trouble}" for one in self.running.values() if one.trouble]

    def detail(self) -> str:
        """Say how many accounts there are, and which are not listened to."""
        return "; ".join([f"{len(self.running)} accounts", *self.troubles()])

    async def _end(self, accounts: list["Account"]) -> None:
        for one in accounts:
            self.running.pop(one.row.pk, None)
        await asyncio.gather(*(one.end() for one in accounts))


class Account:
    """One account: its connection, and what its library asks of us."""

    def __init__(self, process: Process, row: SocialAccount) -> None:
        self.process = process
        self.row = row
        self.wanted = Wanted()
        self.trouble = "not connected yet"
        self.listener: Listener | None = None
        self.kept: Session | None = None
        self.task: asyncio.Task[None] | None = None

    def is_like(self, row: SocialAccount) -> bool:
        """Whether a connection with the settings of `row` would be the same, and this one has not ended."""
        is_same = (self.row.token, bool(self.row.official_role)) == (row.token, bool(row.official_role))
        return is_same and not (self.task is not None and self.task.done())

    async def reread(self, row: SocialAccount) -> None:
        """Take over what may change while it runs, begin to listen, and keep how far it has heard."""
        self.row = row
        self.wanted = await self.process.do(lambda: discord_events.wanted(row))
        if self.task is None:
            self.task = asyncio.create_task(self._listen())
        await self._remember()

    async def end(self) -> None:
        """Hang up, and keep how far it has heard."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task], timeout=STOP_WAIT_S)
        with suppress(Error):
            await self._remember()

    async def keep(self, event: Event) -> None:
        """Keep an event, however long the database is away: Discord has not been told that we have it."""
        await self._insist(lambda: discord_events.take(account=self.row, event=event, wanted=self.wanted))

    async def keep_unread(self, raw: bytes) -> None:
        """Keep what cannot be read."""
        await self._insist(lambda: discord_events.keep_unread(account=self.row, raw=raw))

    async def connected(self, session: "Session") -> None:
        """Note that Discord tells us what happens."""
        log.info("discord_listens", account=self.row.public_id)
        self.trouble = ""
        with suppress(Error):
            await self._write(session)
            await self.process.do(lambda: social_accounts.note_connected(account=self.row))

    async def cut(self, trouble: str) -> None:
        """Note that it does not."""
        log.warning("discord_cut", account=self.row.public_id, reason=trouble)
        self.trouble = trouble
        with suppress(Error):
            await self.process.do(lambda: social_accounts.note_error(account=self.row, error=trouble))

    async def missed(self) -> list[tuple[str, str]]:
        """Return the channels that were spoken in lately, with the last message of each that we know."""
        names = await self.process.do(lambda: social.latest_items(self.row, since=MISSED_IN, limit=MOST_CONVERSATIONS))
        pairs = [name.split("/") for name in names]
        return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2 and all(part.isdecimal() for part in pair)]

    async def _listen(self) -> None:
        # Heavy, and needed where there is an account alone.
        from tickets.channels.discord import gateway  # noqa: PLC0415 -- see above

        said = self.row.gateway_session.split(" ")
        self.kept = gateway.Session(said[0], said[1], self.row.poll_offset) if len(said) == 2 else None
        self.listener = gateway.Listener(self.row.token or "", self, self.kept)
        try:
            await self.listener.listen()
        except (gateway.Refused, ImproperlyConfigured) as refused:
            await self.cut(str(refused))
            await asyncio.sleep(REFUSED_PAUSE_S)
        except Exception as error:
            log.exception("discord_listener_failed", account=self.row.public_id)
            await self.cut(f"Listening failed ({type(error).__name__}).")

    async def _remember(self) -> None:
        session = self.listener.session if self.listener is not None else None
        if session is not None and session != self.kept and not self.trouble:
            await self._write(session)

    async def _write(self, session: "Session") -> None:
        said = f"{session.session_id} {session.resume_url}"
        if len(said) > 400:
            return
        await self.process.do(
            lambda: social_accounts.note_listening(account=self.row, session=said, sequence=session.sequence)
        )
        self.kept = session

    async def _insist(self, act: Callable[[], object]) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self.process.do(act)
            except (OperationalError, InterfaceError) as error:
                log.warning("discord_event_waits", account=self.row.public_id, reason=type(error).__name__)
                self.trouble = WAITS
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            except Exception:
                log.exception("discord_event_not_kept", account=self.row.public_id)
                return
            else:
                self.trouble = "" if self.trouble == WAITS else self.trouble
                return


def run() -> None:
    """Listen until SIGTERM or SIGINT."""
    asyncio.run(_serve())


async def _serve() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Process().run(stop)
