"""Fetching a remote image for a reader who asked for it, so that the sender never sees the reader's address.

The guard sits where the connection is dialled: the address that was checked is the one connected to,
so that neither a redirect nor a second DNS answer leads inside (OWASP SSRF).
"""

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urljoin, urlsplit

TIMEOUT_S = 5
MAX_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
OK = 200
PORTS = {"http": 80, "https": 443}
# Whose last 32 bits are an IPv4 address: compatible ones, and NAT64's.
CARRIERS = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotFetchedError(Exception):
    """The image could not or must not be fetched; the text says why."""


def fetch(url: str) -> bytes:
    """Return the bytes behind `url`, at most 5 MB. Raises NotFetchedError."""
    for _hop in range(MAX_REDIRECTS + 1):
        status, location, body = _get(url)
        if status == OK:
            return body
        if status not in REDIRECTS or not location:
            message = f"the server answered {status}"
            raise NotFetchedError(message)
        url = urljoin(url, location)
    message = "too many redirects"
    raise NotFetchedError(message)


def public_address(host: str, port: int) -> str:
    """Return one address of `host`; raises NotFetchedError unless every address is public."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        message = "the host is unknown"
        raise NotFetchedError(message) from error
    for address in found:
        if any(not ip.is_global or ip.is_multicast for ip in _meant(ipaddress.ip_address(address.partition("%")[0]))):
            message = "the host is not on the public internet"
            raise NotFetchedError(message)
    return min(found)


def _meant(ip: Address) -> list[Address]:
    """Return an address and the IPv4 address that a network may turn it into.

    Mapped and compatible addresses (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056) and Teredo (RFC 4380).
    """
    if ip.version == 4:
        return [ip]
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), *(last for net in CARRIERS if ip in net)]
    return [ip.ipv4_mapped] if ip.ipv4_mapped else [ip, *(one for one in carried if one is not None)]


def _get(url: str) -> tuple[int, str, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.password:
        message = "only plain http and https addresses are fetched"
        raise NotFetchedError(message)
    port = parts.port or PORTS[parts.scheme]
    if port not in PORTS.values():
        message = "only ports 80 and 443 are fetched"
        raise NotFetchedError(message)
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT_S)
    try:
        dialled = socket.create_connection((public_address(parts.hostname, port), port), TIMEOUT_S)
        if parts.scheme == "https":
            dialled = ssl.create_default_context().wrap_socket(dialled, server_hostname=parts.hostname)
        connection.sock = dialled
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", target, headers={"User-Agent": "Pharos image proxy", "Accept": "image/*"})
        answer = connection.getresponse()
        body = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = "the server could not be reached"
        raise NotFetchedError(message) from error
    finally:
        connection.close()
    if len(body) > MAX_BYTES:
        message = "the image is larger than 5 MB"
        raise NotFetchedError(message)
    return answer.status, answer.headers.get("Location", ""), body
