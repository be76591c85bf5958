"""Best-effort publishing to channel groups from synchronous code, through one long-lived loop per process.

`async_to_sync(group_send)` opens a new Redis connection each time; one loop keeps one connection.
"""

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}
PUBLISH_TIMEOUT_S = 2


def _loop() -> asyncio.AbstractEventLoop:
    """Return this process's publishing loop, starting it at first use (also after a fork)."""
    process = os.getpid()
    with _lock:
        loop = _loops.get(process)
        if loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="broadcast", daemon=True).start()
            _loops[process] = loop
    return loop


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        await asyncio.wait_for(layer.group_send(group, message), PUBLISH_TIMEOUT_S)


def _report(future: "Future[None]") -> None:
    error = future.exception()
    if error is not None:
        log.warning("broadcast_lost", reason=type(error).__name__)


def publish(group: str, message: dict[str, Any]) -> None:
    """Send `message` (with its Channels `type`) to `group`; a lost one is logged, clients resync by sequence."""
    asyncio.run_coroutine_threadsafe(_send(group, message), _loop()).add_done_callback(_report)


async def _send_all(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    for group, message in messages:
        await _send(group, message)


def publish_all(messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Do the same with many, each with its group, one after the other; the first that is lost ends it.

    Then the layer is away, and each of the others would wait for it as long.
    """
    asyncio.run_coroutine_threadsafe(_send_all(messages), _loop()).add_done_callback(_report)
