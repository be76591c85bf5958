"""Keyed fingerprints of texts, addresses and Message-IDs; the same words give the same whatever mail programs did."""

import hashlib
import hmac
import re
import unicodedata

from tickets.mail_keys import mail_keys

# How much of the beginning knows a message again that somebody has altered further down.
START_CHARS = 60
# Of what is pasted: how many lines, and how many of them may stand before ours (headers, words of a forwarder).
MAX_LINES = 400
MAX_BEFORE = 20
_QUOTE_MARKS = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "´": "'"})
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTED = re.compile(r"^(?:[>|｜]\s?)+")


def canonical(text: str) -> str:
    """Return the words alone: no wrapping, no marks of quoting, no case, one kind of quotation mark and dash."""
    text = text.encode("utf-8", "replace").decode()
    lines = (_QUOTED.sub("", line.strip()) for line in text.splitlines())
    plain = unicodedata.normalize("NFKC", " ".join(lines)).translate(_QUOTE_MARKS).translate(_DASHES)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(seen.split()).casefold()


def of_text(text: str) -> str:
    """Return the fingerprint of a whole text, by the first key."""
    return _digests("text", canonical(text))[0]


def of_start(text: str) -> str:
    """Return the fingerprint of how it begins; that of a short text is its own."""
    return _digests("start", canonical(text)[:START_CHARS])[0]


def of_identity(message_id: str) -> str:
    """Return the fingerprint of a Message-ID, nothing without one."""
    return _digests("identity", message_id.strip())[0] if message_id.strip() else ""


def of_recipient(address: str) -> str:
    """Return the fingerprint of who gets it."""
    return recipients(address)[0]


def recipients(address: str) -> list[str]:
    """Return the fingerprints of an address by every key that may have been used."""
    return _digests("recipient", address.strip().lower())


def identities(message_id: str) -> list[str]:
    """Return the fingerprints of a Message-ID by every key."""
    return _digests("identity", message_id.strip()) if message_id.strip() else []


def lines_of(text: str) -> list[str]:
    """Return the lines of what somebody pasted that are looked at."""
    return [line for line in text.splitlines() if canonical(line)][:MAX_LINES]


def of_passages(text: str) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Return (whole texts, beginnings) that may be ours within what somebody pasted, by every key.

    Ours begins at a line and ends at one: headers before it, a signature and the history after it do no harm. For each
    whole text it is said between which of `lines_of(text)` it stands, the end excluded.
    """
    lines = [canonical(line) for line in lines_of(text)]
    wholes: dict[str, tuple[int, int]] = {}
    starts: set[str] = set()
    for first in range(min(MAX_BEFORE, len(lines))):
        # Each line is read once for each beginning: what is pasted may be long.
        running = [hmac.new(_derived(key, "text"), digestmod=hashlib.sha256) for key in mail_keys()]
        for last, line in enumerate(lines[first:], first + 1):
            for one in running:
                one.update((f" {line}" if last > first + 1 else line).encode())
                wholes.setdefault(one.copy().digest()[:16].hex(), (first, last))
        starts.update(_digests("start", " ".join(lines[first:])[:START_CHARS]))
    return wholes, starts


def _digests(label: str, text: str) -> list[str]:
    return [hmac.digest(_derived(key, label), text.encode(), hashlib.sha256)[:16].hex() for key in mail_keys()]


def _derived(key: bytes, label: str) -> bytes:
    """Return a key of this purpose's own."""
    return hmac.digest(key, f"pharos sent fingerprint 1 {label}".encode(), hashlib.sha256)
