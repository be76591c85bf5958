"""The client's address behind our own reverse proxy; nobody else's word about it counts."""

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class ClientAddressMiddleware:
    """Takes the last X-Forwarded-For entry, but only from a peer inside settings.TRUSTED_PROXY_NETWORKS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = Proxies()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set REMOTE_ADDR, which sessions, throttling and the audit of sign-ins read."""
        claimed = self.proxies.vouched(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))
        if claimed:
            request.META["REMOTE_ADDR"] = claimed
        return self.get_response(request)


class ClientAddressScope:
    """The same for sockets: sets scope["client"], which limits of one address read."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner
        self.proxies = Proxies()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI's callables
        """Pass the scope on with the address of the client."""
        peer = str((scope.get("client") or ("",))[0])
        forwarded = [value.decode("latin1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
        claimed = self.proxies.vouched(peer, ",".join(forwarded))
        await self.inner({**scope, "client": (claimed, 0)} if claimed else scope, receive, send)


class Proxies:
    """Our own reverse proxies."""

    def __init__(self) -> None:
        self.networks = [ipaddress.ip_network(network) for network in settings.TRUSTED_PROXY_NETWORKS]

    def vouched(self, peer: str, forwarded: str) -> str:
        """Return the last address of X-Forwarded-For if one of the proxies says so, else ''."""
        claimed = forwarded.rpartition(",")[2].strip()
        return claimed if claimed and self._is_proxy(peer) and _is_address(claimed) else ""

    def _is_proxy(self, peer: str) -> bool:
        return _is_address(peer) and any(ipaddress.ip_address(peer) in network for network in self.networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
