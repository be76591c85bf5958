"""The staff session of a socket: who is at the other end, read from the session cookie at the handshake."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.http import parse_cookie

from security.models import StaffSession
from security.services import sessions
from security.services.session_store import SessionStore

NOT_SIGNED_IN = 4401
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]


class StaffSessionMiddleware:
    """Sets scope["staff"] and scope["staff_session"]; without a living session the socket closes with 4401."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Admit or close."""
        session = await database_sync_to_async(session_of)(cookie_of(scope))
        if session is None:
            await _refuse(receive, send)
            return
        await self.inner({**scope, "staff": session.staff, "staff_session": session}, receive, send)


def cookie_of(scope: dict[str, Any]) -> str:
    """Return the session key in the handshake's Cookie header, or an empty string."""
    for name, value in scope.get("headers", []):
        if name == b"cookie":
            return str(parse_cookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME, ""))
    return ""


def session_of(session_key: str) -> StaffSession | None:
    """Return the living staff session of a cookie; None for anybody else's, half-way sign-ins included."""
    return sessions.behind(SessionStore(session_key)) if session_key else None


async def _refuse(receive: Receive, send: Send) -> None:
    """Accept, then close: a browser shows the close code of an accepted socket only."""
    message = await receive()
    if message["type"] == "websocket.connect":
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": NOT_SIGNED_IN})
