"""What a request says of the browser behind it: shown to its owner, never trusted."""

import ipaddress
import re

from django.http import HttpRequest

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def browser(request: HttpRequest) -> str:
    """Return "Firefox, Linux", or the start of an unknown User-Agent with everything unprintable removed."""
    agent = request.headers.get("User-Agent", "")
    names = [next((name for mark, name in known if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(name for name in names if name) or UNPRINTABLE.sub("", agent)[:60]


def address(request: HttpRequest) -> str | None:
    """Return the peer's IP address, or None when it is not one (a unix socket)."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
