"""Plain text as HTML: escaped, links that show where they go, line breaks kept."""

import re
from html import escape
from urllib.parse import urlsplit

# The Bidi_Control characters of Unicode: they can make a link or a file name read backwards.
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_URL = re.compile(r"https?://[^\s<>\"'`{}|\\^“”‘’「」『』（），。；：！？、]+", re.IGNORECASE)
_TRAILING = ".,;:!?*_~"
_BRACKETS = {")": "(", "]": "["}
_MAX_URL = 4_096


def safe_text(text: str) -> str:
    """Escape `text` and link its http(s) URLs; each link shows its whole target. Linear."""
    text = _CONTROLS.sub("", _BIDI_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    pieces: list[str] = []
    position = 0
    for match in _URL.finditer(text):
        url = _without_trailing(match.group()) if match.end() - match.start() <= _MAX_URL else ""
        target = _target(url)
        if target is None:
            continue
        pieces += (escape(text[position : match.start()]), _link(target))
        position = match.start() + len(url)
    pieces.append(escape(text[position:]))
    return "".join(pieces).replace("\n", "<br>\n")


def _without_trailing(url: str) -> str:
    """Leave out the punctuation of the sentence, and a closing bracket that was opened before the URL."""
    # Counted once: a URL of nothing but brackets would be read again for each of them.
    unopened = {closing: url.count(closing) - url.count(opening) for closing, opening in _BRACKETS.items()}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in _BRACKETS and unopened[last] > 0:
            unopened[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return url[:end]


def _target(url: str) -> str | None:
    """The URL with its host in ASCII (RFC 5891), so that look-alike letters show; None when it has no host."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host:
            return None
        if host.isascii():
            return url
        return url.replace(parts.netloc, parts.netloc.lower().replace(host, host.encode("idna").decode("ascii")), 1)
    except ValueError:  # UnicodeError is one
        return None


def _link(url: str) -> str:
    shown = escape(url)
    return f'<a href="{shown}" target="_blank" rel="noopener noreferrer nofollow">{shown}</a>'
