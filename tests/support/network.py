"""No test reaches beyond this machine: connections to anything but loopback fail loudly."""

import ipaddress
import os
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest


class OutsideNetworkError(RuntimeError):
    """A test tried to reach another machine; not an OSError, so that no retry swallows it."""


def allowed(host: str) -> bool:
    """Return whether `host` is this machine, or a store that the environment names."""
    named = {urlsplit(os.environ.get(name, "")).hostname for name in ("DATABASE_URL", "REDIS_URL")}
    if host in {"", "localhost", *named}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def check(family: int, address: Any) -> None:
    """Raise OutsideNetworkError for an address on another machine."""
    if family in {socket.AF_INET, socket.AF_INET6} and not allowed(str(address[0])):
        message = f"This test tried to connect to {address[0]}: tests stay on this machine."
        raise OutsideNetworkError(message)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Guard every Python socket of this process for the whole session."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(self: socket.socket, address: Any, /) -> None:
        check(self.family, address)
        connect(self, address)

    def guarded_ex(self: socket.socket, address: Any, /) -> int:
        check(self.family, address)
        return connect_ex(self, address)

    patch.setattr(socket.socket, "connect", guarded)
    patch.setattr(socket.socket, "connect_ex", guarded_ex)
    config.add_cleanup(patch.undo)
