"""Signs of life of the socket server: the liveness probe over plain HTTP, and its heartbeat."""

import asyncio

import structlog
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from channels.db import database_sync_to_async
from django.db import Error

from core import heartbeat

log = structlog.get_logger(__name__)
BEAT_S = 10


class LivenessApplication:
    """Answers /healthz with 200 and everything else with 404."""

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Send the answer."""
        ok = scope["type"] == "http" and scope["path"] == "/healthz"
        headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if ok else 404, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": b"ok" if ok else b"not found", "more_body": False})


class Beating:
    """Wraps the application; from the first connection or probe on, the server's heartbeat is recorded."""

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application
        self.pulse: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Pass everything through."""
        if self.pulse is None or self.pulse.done():
            self.pulse = asyncio.create_task(self._beat_forever())
        await self.application(scope, receive, send)

    async def _beat_forever(self) -> None:
        while True:
            try:
                await database_sync_to_async(heartbeat.beat)("sockets")
            except Error as error:
                log.warning("heartbeat_missed", reason=type(error).__name__)
            await asyncio.sleep(BEAT_S)
