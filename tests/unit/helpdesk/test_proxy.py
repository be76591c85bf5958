"""Whose word about the client's address counts."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from helpdesk.proxy import ClientAddressMiddleware


def seen(peer: str, forwarded: str) -> str:
    found: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    ClientAddressMiddleware(view)(RequestFactory().get("/", REMOTE_ADDR=peer, headers={"x-forwarded-for": forwarded}))
    return found[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("10.0.0.2", "not an address", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_client_address__counts_only_the_proxys_own_word(
    settings: Settings, peer: str, forwarded: str, expected: str
) -> None:
    settings.TRUSTED_PROXY_NETWORKS = ["10.0.0.0/8"]
    assert seen(peer, forwarded) == expected
