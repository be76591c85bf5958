"""Signs of life of the socket server: the liveness probe over plain HTTP, and its heartbeat."""

import asyncio

import structlog
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from channels.db import database_sync_to_async
from django.db import Error

from core import heartbeat
from helpdesk import health
from tickets.selectors import troubles
from tickets.services import alarms

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
                await database_sync_to_async(_beat_and_watch)()
            except Error as error:
                log.warning("heartbeat_missed", reason=type(error).__name__)
            await asyncio.sleep(BEAT_S)


def _beat_and_watch() -> None:
    """Say that this server lives, and look after the others: worker and mail process may both be gone."""
    heartbeat.beat("sockets")
    alarms.look(judged=troubles.BY_ANYBODY, redis=health.redis_complaint())
