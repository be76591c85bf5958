"""One visitor's socket, spoken to without a server: the ASGI application itself over real Redis."""

import json
from importlib import import_module
from typing import Any, Self

from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from tests.factories.livechat import ORIGIN

PATIENCE_S = 10


class ChatSocket:
    """Connect from an origin and an address; `tell` frames, read answers, or wait for the close."""

    def __init__(
        self,
        *,
        origin: str = "",
        address: str = "192.0.2.7",
        headers: tuple[tuple[bytes, bytes], ...] = (),
        application: Any = None,
    ) -> None:
        given = [(b"origin", (origin or settings.SITE_URL).encode()), *headers]
        scope = {
            "type": "websocket", "path": "/ws/chat/", "query_string": b"", "headers": given, "subprotocols": [],
            "client": (address, 1),
        }  # fmt: skip
        # asgiref does not type its communicator.
        communicator: Any = ApplicationCommunicator
        self.tab = communicator(application or import_module("helpdesk.asgi").application, scope)

    async def connect(self) -> str:
        await self.tab.send_input({"type": "websocket.connect"})
        return str((await self.tab.receive_output(PATIENCE_S))["type"])

    async def hello(self, token: str, *, inbox: str = "site", origin: str = ORIGIN) -> Self:
        """Connect and say who it is."""
        assert await self.connect() == "websocket.accept"
        return await self.tell({"type": "hello", "inbox": inbox, "origin": origin, "token": token})

    async def welcomed(self, token: str) -> Self:
        """Do the same and wait until it is accepted."""
        await self.hello(token)
        assert await self.answer() == {"type": "hello.accepted"}
        return self

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

    async def pong(self) -> list[dict[str, Any]]:
        """Return everything that came before the answer to a ping."""
        await self.tell({"type": "ping"})
        return (await self.until("pong"))[:-1]

    async def close_code(self) -> int:
        """Read on until the server closes and return its code."""
        while (event := await self.tab.receive_output(PATIENCE_S))["type"] != "websocket.close":
            pass
        return int(event["code"])

    async def leave(self) -> None:
        await self.tab.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.tab.wait(PATIENCE_S)
