"""A small Discord for tests: REST and the gateway on this machine, which can be slow, rude, broken or gone."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from pytest_django import Settings

from tests.support.small_telegram import HANGS, fields

TOKEN, US, APPLICATION, SERVER = "MTk4.small.token", "70001", "70000", "80000"
MESSAGES, CHANNELS, COMMANDS = "messages", "channels", "commands"
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]] | str


@dataclass
class SmallDiscord:
    """What it was asked and told, and what it says next; a method without a planned answer succeeds."""

    url: str = ""
    public_key: str = ""
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    # Last word of a method's path → its next answers: (status, body, headers), or a word of small_telegram.
    planned: dict[str, list[Answer]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    # Of the gateway: what was said to it, every event of the session, and what GUILD_CREATE tells.
    said: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    server: dict[str, Any] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    # Sent instead of HELLO, or of letting a session go on: a close code.
    closes_with: int = 0
    forgets_sessions: bool = False
    sessions: int = 0
    nonces: dict[str, dict[str, Any]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _open: list[web.WebSocketResponse] = field(default_factory=list)

    def plan(self, method: str, *answers: Answer) -> None:
        self.planned.setdefault(method, []).extend(answers)

    def refuse(
        self, method: str, status: int, code: int = 0, more: dict[str, Any] | None = None, **headers: str
    ) -> None:
        said = {"message": "Refused", "code": code, **(more or {})}
        self.plan(method, (status, said, {name.replace("_", "-"): value for name, value in headers.items()}))

    def of(self, method: str) -> list[dict[str, Any]]:
        return [said for _verb, path, said in self.asked if path.rpartition("/")[2] == method]

    def spoken(self, op: int) -> list[dict[str, Any]]:
        return [one["d"] for one in self.said if one["op"] == op]

    def tell(self, name: str, data: dict[str, Any], *, is_heard: bool = True) -> None:
        """Let something happen; those who listen are told unless they have just been cut off."""
        self.told.append({"op": DISPATCH, "t": name, "s": len(self.told) + 1, "d": data})
        if is_heard:
            self._to_all(self.told[-1])

    def tell_raw(self, frame: str) -> None:
        for socket in self._open:
            self._do(socket.send_str(frame))

    def ask_to_reconnect(self) -> None:
        self._to_all({"op": RECONNECT, "d": None})

    def invalidate(self) -> None:
        self._to_all({"op": INVALID, "d": False})

    def cut(self) -> None:
        """End every connection without a word."""
        for socket in self._open:
            self._do(self._drop(socket))

    @property
    def listeners(self) -> int:
        return len(self._open)

    async def _drop(self, socket: web.WebSocketResponse) -> None:
        if socket._req is not None and socket._req.transport is not None:
            socket._req.transport.abort()

    def _to_all(self, frame: dict[str, Any]) -> None:
        self.tell_raw(json.dumps(frame))

    def _do(self, act: Any) -> None:
        assert self._loop is not None
        with suppress(ConnectionError):
            asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/gateway/":
            return await self._listen(request)
        body = await request.read()
        said = fields(request.headers.get("Content-Type", ""), body) if body[:1] != b"[" else {"all": json.loads(body)}
        path = request.path.removeprefix("/api/v10")
        if path.startswith("/cdn/"):
            self.asked.append(("GET", request.path, {"authorization": request.headers.get("Authorization", "")}))
            planned = self.planned.get("cdn")
            content = self.contents.get(request.path.removeprefix("/cdn/"))
            found: Answer = planned.pop(0) if planned else (404, b"") if content is None else (200, content)
        elif request.headers.get("Authorization") != f"Bot {TOKEN}":
            found = (401, {"message": "401: Unauthorized", "code": 0})
        else:
            self.asked.append((request.method, path, said))
            planned = self.planned.get(path.rpartition("/")[2])
            found = planned.pop(0) if planned else (200, self._result(request, path, said))
        if isinstance(found, str):
            if found == HANGS:
                await asyncio.get_running_loop().run_in_executor(None, self.over.wait)
            elif path.endswith(MESSAGES):
                # It has arrived; only the answer is lost.
                self._result(request, path, said)
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        content = found[1] if isinstance(found[1], bytes) else json.dumps(found[1]).encode()
        more = found[2] if len(found) == 3 else {}
        return web.Response(status=found[0], body=content, headers=more, content_type="application/json")

    def _result(self, request: web.Request, path: str, said: dict[str, Any]) -> Any:
        user = {"id": US, "username": "pharos_bot", "discriminator": "0", "avatar": None, "bot": True}
        if path == "/users/@me":
            return user
        if path in {"/oauth2/applications/@me", "/applications/@me"}:
            return {
                "id": APPLICATION, "name": "Pharos", "description": "", "icon": None, "bot_public": True,
                "bot_require_code_grant": False, "owner": user, "verify_key": self.public_key,
            }  # fmt: skip
        if path == "/gateway/bot":
            limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
            return {"url": f"{self.url.replace('http', 'ws', 1)}/gateway/", "shards": 1, "session_start_limit": limit}
        if path == "/users/@me/channels":
            return {"id": f"9{said['recipient_id']}", "type": 1}
        if path.endswith(f"/{MESSAGES}") and request.method == "GET":
            after = int(request.query["after"])
            found = [one for one in self.history.get(path.split("/")[2], []) if int(one["id"]) > after]
            return found[::-1][: int(request.query["limit"])]
        if path.endswith(f"/{MESSAGES}"):
            body = json.loads(said["payload_json"]) if "payload_json" in said else said
            known = self.nonces.get(str(body.get("nonce"))) if body.get("enforce_nonce") else None
            message = known or {"id": str(5_000 + len(self.asked)), "channel_id": path.split("/")[2]}
            if body.get("nonce"):
                self.nonces[str(body["nonce"])] = message
            return message
        return said.get("all", {"id": path.rpartition("/")[2], "type": 0})

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        if self.closes_with:
            await socket.close(code=self.closes_with)
            return socket
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 45_000}})
        self._open.append(socket)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._take(socket, json.loads(frame.data))
        except ConnectionError:
            pass
        finally:
            self._open.remove(socket)
        return socket

    async def _take(self, socket: web.WebSocketResponse, said: dict[str, Any]) -> None:
        self.said.append(said)
        if said["op"] == HEARTBEAT:
            await socket.send_json({"op": ACK})
        elif said["op"] == IDENTIFY:
            self.sessions += 1
            user = {"id": US, "username": "pharos_bot", "discriminator": "0", "avatar": None, "bot": True}
            ready = {
                "v": 10, "user": user, "guilds": [], "session_id": f"session-{self.sessions}",
                "resume_gateway_url": f"{self.url.replace('http', 'ws', 1)}/gateway/",
                "application": {"id": APPLICATION, "flags": 0},
            }  # fmt: skip
            self.told.clear()
            for name, data in (("READY", ready), *((("GUILD_CREATE", self.server),) if self.server else ())):
                self.told.append({"op": DISPATCH, "t": name, "s": len(self.told) + 1, "d": data})
                await socket.send_json(self.told[-1])
        elif said["op"] == RESUME:
            if self.forgets_sessions or said["d"]["session_id"] != f"session-{self.sessions}":
                self.forgets_sessions = False
                await socket.send_json({"op": INVALID, "d": False})
                return
            for event in [one for one in self.told if one["s"] > said["d"]["seq"]]:
                await socket.send_json(event)
            self.told.append({"op": DISPATCH, "t": "RESUMED", "s": len(self.told) + 1, "d": {}})
            await socket.send_json(self.told[-1])


@contextmanager
def running(discord: SmallDiscord) -> Iterator[SmallDiscord]:
    """Serve it on a free port of this machine."""
    begun, end = threading.Event(), asyncio.Event()

    async def serve() -> None:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", discord.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        discord._loop = asyncio.get_running_loop()
        discord.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        begun.set()
        await end.wait()
        for socket in list(discord._open):
            await discord._drop(socket)
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert begun.wait(10)
    try:
        yield discord
    finally:
        discord.over.set()
        assert discord._loop is not None
        discord._loop.call_soon_threadsafe(end.set)
        thread.join()


@pytest.fixture
def small_discord(settings: Settings) -> Iterator[SmallDiscord]:
    """A small Discord that this process's settings name."""
    with running(SmallDiscord()) as found:
        settings.DISCORD_API_URL = f"{found.url}/api/v10"
        settings.DISCORD_CDN_URL = f"{found.url}/cdn"
        settings.DISCORD_GATEWAY = True
        yield found
