"""Tests cannot leave this machine."""

import socket

import pytest

from tests.support.network import OutsideNetworkError, allowed


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80, 0, 0), ("example.com", 80)])
def test_guard__connection_to_another_machine__is_refused_before_it_is_tried(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    with socket.socket(family) as client, pytest.raises(OutsideNetworkError, match="tests stay on this machine"):
        client.connect(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_guard__this_machine__is_allowed(host: str) -> None:
    assert allowed(host)
