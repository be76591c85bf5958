"""Listening to Discord's gateway by discord.py: an event counts as heard only once it is kept.

The library identifies, beats, resumes and unpacks; here its socket hands each event on before it notes how far it has
heard. Whatever ends meanwhile, Discord tells everything from there again. Imported by the one process that listens.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp
import discord
import structlog
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import Route
from yarl import URL

from tickets.channels.discord.client import DISCORD
from tickets.channels.discord.events import CREATED, EDITED, HEARD, Event, Wanted, impostor, number, text, why

log = structlog.get_logger(__name__)

OPEN_WITHIN_S: Final = 60.0
# Between two tries to connect, doubling.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
# Of one conversation that is caught up with, in one request and in all.
PAGE, MOST_MISSED = 100, 1_000
DISPATCH: Final = 0
# Connections in a row that came to nothing, until a new session is begun.
GIVES_UP_SESSION: Final = 4
HANG_UP_WITHIN_S: Final = 2.0
MOST_THREADS: Final = 10_000
READY, RESUMED = "READY", "RESUMED"
BAD_TOKEN, BAD_INTENTS = 4004, 4014
SENTENCES: Final = {
    BAD_TOKEN: "Discord refuses the bot's token.",
    BAD_INTENTS: "The application at Discord may not read messages' content, or members: switch the intents on there.",
}


# What other settings alone can change: token, shards, version, intents.
REFUSALS: Final = frozenset({BAD_TOKEN, 4010, 4011, 4012, 4013, BAD_INTENTS})


class Refused(Exception):
    """Discord does not let the account listen, in a sentence; nothing but other settings helps."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a connection goes on with: Discord tells what came after `sequence`, while it remembers."""

    session_id: str
    resume_url: str
    sequence: int


class Ear(Protocol):
    """Who listens for one account; each of these waits until it is done."""

    @property
    def wanted(self) -> Wanted:
        """What concerns the account now."""

    async def keep(self, event: Event) -> None:
        """Keep an event; returns only when it is kept, or never will be."""

    async def keep_unread(self, raw: bytes) -> None:
        """Keep what cannot be read; as `keep`."""

    async def connected(self, session: Session) -> None:
        """Note that Discord tells us what happens."""

    async def cut(self, trouble: str) -> None:
        """Note that it does not, and why."""

    async def missed(self) -> list[tuple[str, str]]:
        """Return channels with the last message of each that we know: what came later may have been missed."""


class _Socket(DiscordWebSocket):
    """The library's connection, which hands each event on before it counts it as heard."""

    # Set once the connection is made: before that Discord says nothing that concerns us.
    heard: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None
    unread: Callable[[bytes], Awaitable[None]] | None = None
    noted: Callable[[str], None] | None = None

    async def received_message(self, msg: Any, /) -> None:  # noqa: ANN401 -- as the library's
        """Hand an event on, then let the library have it; one that either cannot read does not stop the others."""
        if isinstance(msg, bytes):
            msg = self._decompressor.decompress(msg)
            if msg is None:
                return
        try:
            said = json.loads(msg)
            name = str(said.get("t")) if said.get("op") == DISPATCH else ""
        except (ValueError, RecursionError, AttributeError):
            log.warning("discord_frame_unreadable", size=len(msg))
            if self.unread is not None:
                await self.unread(msg.encode("utf-8", "replace"))
            return
        if name and self.heard is not None and isinstance(said.get("d"), dict):
            await self.heard(name, said["d"])
        try:
            await super().received_message(msg)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            log.exception("discord_library_failed", dispatched=name[:60])
        if name and self.noted is not None:
            self.noted(name)

    def session(self) -> Session | None:
        """Return what a connection could go on with; None before Discord has begun one."""
        if not self.session_id or self.sequence is None:
            return None
        return Session(self.session_id, str(self.gateway), self.sequence)


class Listener:
    """Listens for one account until it is cancelled; comes back after whatever ends the connection."""

    def __init__(self, token: str, ear: Ear, session: Session | None = None) -> None:
        self.token = token
        self.ear = ear
        self._session = session
        self._socket: _Socket | None = None
        self._after: asyncio.Task[None] | None = None
        # Channels that the library does not know, because a session went on that began in another process.
        self._threads: dict[str, dict[str, str] | None] = {}

    @property
    def session(self) -> Session | None:
        """What a connection could go on with now."""
        return (self._socket.session() if self._socket is not None else None) or self._session

    async def listen(self) -> None:
        """Listen. Raises Refused when Discord does not let us."""
        failures = 0
        while True:
            before = self.session
            try:
                trouble = await self._until_it_ends()
            except (OSError, discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError) as error:
                trouble = f"Discord was not reached ({type(error).__name__})."
            failures = 1 if self.session != before else failures + 1
            if failures >= GIVES_UP_SESSION:
                # Where it could go on there is nobody, or nobody who knows it.
                self._session = None
            await self.ear.cut(trouble)
            pause_s = min(FIRST_PAUSE_S * 2 ** (failures - 1), LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 -- no secret

    async def _until_it_ends(self) -> str:
        """Listen as one client of the library; return why it ended. Raises Refused, and what the network does."""
        # How the library is told where Discord is.
        Route.BASE = DISCORD.url.geturl()
        client = discord.Client(
            intents=_intents(has_members=bool(self.ear.wanted.role)),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        try:
            async with client:
                try:
                    await client.login(self.token)
                    return await self._connections(client)
                finally:
                    await self._hang_up()
        except discord.LoginFailure:
            raise Refused(SENTENCES[BAD_TOKEN]) from None
        except discord.ConnectionClosed as closed:
            self._session = None
            if closed.code in REFUSALS:
                raise Refused(SENTENCES.get(closed.code, f"Discord closes with {closed.code}.")) from None
            return f"Discord closes with {closed.code}."

    async def _connections(self, client: discord.Client) -> str:
        """Go on with the session as often as Discord lets us; return why it ended."""
        while True:
            before = self.session
            try:
                await self._connection(client)
            except ReconnectWebSocket as again:
                if not again.resume:
                    self._socket = self._session = None
                    return "Discord has ended the session."
                if self.session is None or self.session == before:
                    return "Discord hangs up."
                self._session = self.session

    async def _connection(self, client: discord.Client) -> None:
        """Connect, going on with a session if there is one, and hear what comes; ends by raising."""
        session = self.session
        opening = _Socket.from_client(
            client,
            initial=session is None,
            gateway=URL(session.resume_url) if session else await _gateway(client),
            session=session.session_id if session else None,
            sequence=session.sequence if session else None,
            resume=session is not None,
        )
        socket = await asyncio.wait_for(opening, OPEN_WITHIN_S)
        self._socket = socket
        socket.heard = lambda name, data: self._heard(client, name, data)
        socket.unread = self.ear.keep_unread
        socket.noted = lambda name: self._noted(client, name)
        while True:
            await socket.poll_event()

    async def _hang_up(self) -> None:
        """Leave in such a way that Discord keeps the session for us."""
        if self._after is not None:
            self._after.cancel()
        self._session = self.session
        socket, self._socket = self._socket, None
        if socket is not None and socket.open:
            with suppress(TimeoutError):
                await asyncio.wait_for(socket.close(code=4000), HANG_UP_WITHIN_S)

    async def _heard(self, client: discord.Client, name: str, data: dict[str, Any]) -> None:
        if client.user is None or name not in HEARD:
            return
        wanted = self.ear.wanted
        event = Event(name, data, str(client.user.id), await self._thread(client, name, data))
        if why(event, wanted) or impostor(event, wanted):
            await self.ear.keep(event)

    async def _thread(self, client: discord.Client, name: str, data: dict[str, Any]) -> dict[str, str] | None:
        """Return the thread that something was written in; Discord tells of threads in events of their own."""
        channel = number(data.get("channel_id"))
        if not channel or not data.get("guild_id") or name not in {CREATED, EDITED}:
            return None
        found = client.get_channel(int(channel))
        if isinstance(found, discord.Thread):
            owner, parent = str(found.owner_id), str(found.parent_id)
            return {"id": channel, "parent": parent, "owner": owner, "name": found.name[:200]}
        if found is not None:
            return None
        if channel not in self._threads:
            if len(self._threads) >= MOST_THREADS:
                self._threads.clear()
            try:
                self._threads[channel] = _read_thread(dict(await client.http.get_channel(int(channel))))
            except (discord.HTTPException, OSError, aiohttp.ClientError):
                return None
        return self._threads[channel]

    def _noted(self, client: discord.Client, name: str) -> None:
        if name in {READY, RESUMED} and self.session is not None:
            self._after = asyncio.create_task(self._listens(client, self.session, is_new=name == READY))

    async def _listens(self, client: discord.Client, session: Session, *, is_new: bool) -> None:
        """Tell that we listen; with a new session, ask for what was said before it began."""
        await self.ear.connected(session)
        if not is_new:
            return
        await client.wait_until_ready()
        for channel, latest in await self.ear.missed():
            try:
                await self._catch_up(client, channel, latest)
            except (discord.HTTPException, OSError, aiohttp.ClientError) as error:
                log.warning("discord_not_caught_up", channel=channel, reason=type(error).__name__)

    async def _catch_up(self, client: discord.Client, channel: str, latest: str) -> None:
        """Hand in what was said in a channel after a message; what is known already is kept once."""
        server = getattr(getattr(client.get_channel(int(channel)), "guild", None), "id", None)
        for _page in range(MOST_MISSED // PAGE):
            page = await client.http.logs_from(int(channel), PAGE, after=int(latest))
            for message in sorted(page, key=lambda one: int(one["id"])):
                data: dict[str, Any] = {**message}
                await self._heard(client, CREATED, data | ({"guild_id": str(server)} if server else {}))
                latest = str(message["id"])
            if len(page) < PAGE:
                return


def _intents(*, has_members: bool) -> discord.Intents:
    intents = discord.Intents.none()
    intents.guilds = intents.guild_messages = intents.dm_messages = intents.message_content = True
    intents.members = has_members
    return intents


async def _gateway(client: discord.Client) -> URL:
    """Ask where the gateway is."""
    _shards, url, _limit = await client.http.get_bot_gateway()
    return URL(url)


def _read_thread(said: dict[str, Any]) -> dict[str, str] | None:
    if "thread_metadata" not in said:
        return None
    parent, owner = number(said.get("parent_id")), number(said.get("owner_id"))
    return {"id": number(said.get("id")), "parent": parent, "owner": owner, "name": text(said.get("name"))[:200]}
