"""One browser tab's socket, spoken to without a server: the ASGI application itself over real Redis."""

import json
from importlib import import_module
from typing import Any, Self

from asgiref.testing import ApplicationCommunicator
from django.conf import settings

PATIENCE_S = 10


class DeskSocket:
    """Connect with a session cookie; `tell` frames, read answers, or wait for the close."""

    def __init__(self, session_key: str, origin: str = "") -> None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={session_key}"
        headers = [(b"cookie", cookie.encode()), (b"origin", (origin or settings.SITE_URL).encode())]
        scope = {"type": "websocket", "path": "/ws/desk/", "query_string": b"", "headers": headers, "subprotocols": []}
        # asgiref does not type its communicator.
        communicator: Any = ApplicationCommunicator
        self.tab = communicator(import_module("helpdesk.asgi").application, scope)

    async def connect(self) -> str:
        await self.tab.send_input({"type": "websocket.connect"})
        return str((await self.tab.receive_output(PATIENCE_S))["type"])

    async def tell(self, frame: dict[str, Any] | str) -> Self:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self.tab.send_input({"type": "websocket.receive", "text": text})
        return self

    async def answer(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.tab.receive_output(PATIENCE_S))["text"])
        return found

    async def until(self, kind: str) -> list[dict[str, Any]]:
        """Return the answers up to the first one of `kind`, that one included."""
        found = [await self.answer()]
        while found[-1]["type"] != kind:
            found.append(await self.answer())
        return found

    async def until_row(self, ticket: str) -> list[dict[str, Any]]:
        """Return the answers up to the first that tells lists of this ticket, that one included."""
        found = [await self.answer()]
        while ticket not in found[-1].get("tickets", ()):
            found.append(await self.answer())
        return found

    async def close_code(self) -> int:
        """Read on until the server closes and return its code."""
        while (event := await self.tab.receive_output(PATIENCE_S))["type"] != "websocket.close":
            pass
        return int(event["code"])

    async def leave(self) -> None:
        await self.tab.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.tab.wait(PATIENCE_S)
