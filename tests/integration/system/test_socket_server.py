"""The socket server closes connections that never become a socket, and no others."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from uvicorn import Config, Server
from websockets.sync.client import connect

from helpdesk import socket_server
from helpdesk.launcher import preflight


async def _echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (frame := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": frame["text"]})


@contextmanager
def serving() -> Iterator[int]:
    port = preflight.free_port()
    config = Config(
        _echo, host="127.0.0.1", port=port, lifespan="off", log_level="warning", http=socket_server.PunctualProtocol
    )
    server = Server(config)
    thread = Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()


async def _ends(port: int, said: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize("said", [b"", b"GET /ws/desk/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"])
def test_connection__never_becomes_a_socket__is_closed(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(socket_server, "ASK_WITHIN_S", 0.2)
    with serving() as port:
        assert asyncio.run(_ends(port, said)) == b""


def test_connection__became_a_socket__outlives_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_server, "ASK_WITHIN_S", 0.2)
    with serving() as port, connect(f"ws://127.0.0.1:{port}/") as client:
        asyncio.run(_ends(port, b""))  # closed by the same limit, begun later
        client.send("still here")
        assert client.recv(timeout=10) == "still here"
