"""Message-ID, In-Reply-To and References (RFC 5322 section 3.6.4), and the Date."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from tickets.channels.email.parse.limits import MAX_REFERENCES

# Wider than RFC 5322 (`<a@>` is in use), narrow enough to be written into a header again: answers must be able to
# name whatever was accepted.
IDENTIFIER: Final = re.compile(r"<[!-;=?-~]{1,900}>")
_BARE: Final = re.compile(r"[^<>\s@]{1,400}@[^<>\s@]{1,400}")
_EARLIEST_YEAR: Final = 1970
_LATEST_YEAR: Final = 9990


def first(value: str) -> str | None:
    """The first identifier in a field with its angle brackets (added when a mailer left them out), or None."""
    found = every((value,))
    return found[0] if found else None


def every(values: Sequence[str]) -> tuple[str, ...]:
    """Each identifier once, in order; when there are very many, the first one and the newest ones."""
    found: dict[str, None] = {}
    for value in values:
        text = value.encode("latin-1", "replace").decode("ascii", "ignore")
        matches = IDENTIFIER.findall(text) or [f"<{bare}>" for bare in _BARE.findall(text[:2_000])]
        found.update(dict.fromkeys(match for match in matches if IDENTIFIER.fullmatch(match)))
    identifiers = tuple(found)
    return identifiers if len(identifiers) <= MAX_REFERENCES else (identifiers[0], *identifiers[1 - MAX_REFERENCES :])


def date(value: str) -> datetime | None:
    """The Date field in UTC, or None when it names no moment. The sender's claim, never used for order."""
    try:
        moment = parsedate_to_datetime(value[:100])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return moment if _EARLIEST_YEAR <= moment.year <= _LATEST_YEAR else None
