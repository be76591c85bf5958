"""A TCP proxy on a free loopback port that cuts connections after so many bytes, without a word."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PIECE = 4096
# Close by RST: what was on its way is lost.
_RESET = struct.pack("ii", 1, 0)


@dataclass
class CuttingProxy:
    """A running proxy; `cuts` are used up one a connection, and later connections live."""

    port: int
    cuts: list[int] = field(default_factory=list)
    """How many bytes from the server a connection passes on before it is cut."""
    cut: int = 0
    """How many connections were cut."""


@contextmanager
def cutting_proxy(port: int) -> Iterator[CuttingProxy]:
    """Pass connections on to `port` of this machine until the block ends."""
    proxy = CuttingProxy(0)
    loop = asyncio.new_event_loop()

    served: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served[writer] = loop.create_task(_pass_on(proxy, port, reader, writer))

    server = loop.run_until_complete(asyncio.start_server(serve, "127.0.0.1", 0))
    proxy.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        # A task that was ended before its first step has closed nothing.
        for writer in served:
            writer.transport.abort()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _pass_on(proxy: CuttingProxy, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    left = proxy.cuts.pop(0) if proxy.cuts else None
    there, back = await asyncio.open_connection("127.0.0.1", port)
    up = asyncio.ensure_future(_pump(reader, back))
    try:
        while piece := await there.read(_PIECE if left is None else min(_PIECE, left)):
            writer.write(piece)
            await writer.drain()
            left = None if left is None else left - len(piece)
            if left == 0:
                proxy.cut += 1
                break
    except OSError:
        pass
    finally:
        up.cancel()
        for end in (writer, back):
            _reset(end)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
