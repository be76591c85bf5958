"""The client's address behind our own reverse proxy; nobody else's word about it counts."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ClientAddressMiddleware:
    """Takes the last X-Forwarded-For entry, but only from a peer inside settings.TRUSTED_PROXY_NETWORKS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(network) for network in settings.TRUSTED_PROXY_NETWORKS]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set REMOTE_ADDR, which sessions, throttling and the audit of sign-ins read."""
        claimed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if claimed and self._is_proxy(request.META.get("REMOTE_ADDR", "")) and _is_address(claimed):
            request.META["REMOTE_ADDR"] = claimed
        return self.get_response(request)

    def _is_proxy(self, peer: str) -> bool:
        return _is_address(peer) and any(ipaddress.ip_address(peer) in network for network in self.networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
