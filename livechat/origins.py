"""Web origins (RFC 6454) that may embed a chat: one canonical spelling, compared whole and never by a part."""

import ipaddress
import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 200
DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]")


def canonical(text: str) -> str:
    """Return the origin as browsers write it, or '' for anything that is not one or travels in clear text."""
    # urlsplit() takes line breaks and tabs out before it looks.
    if len(text) > MAX_LENGTH or not text.isascii() or not text.isprintable():
        return ""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    rest = parts.path + parts.query + parts.fragment
    if parts.scheme not in DEFAULT_PORTS or rest or "?" in text or "#" in text or not _HOST.fullmatch(host.lower()):
        return ""
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        return ""
    shown_port = "" if port is None or port == DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host.lower()}{shown_port}"


def validate(text: str) -> None:
    """Refuse what is not a canonical origin. Raises ValidationError."""
    if canonical(text) != text:
        raise ValidationError(
            _("%(origin)s is not an origin: write https://, the host, and its port if it has one, and nothing else."),
            params={"origin": text},
        )


def _is_loopback(host: str) -> bool:
    """Clear text never leaves the machine it is on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
