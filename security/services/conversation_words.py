"""Two words that both sides of a conversation see at the same time: who cannot say them is not the other side.

For a page that shows them to a signed-in person who may see the case; they are never kept, logged or sent.
"""

import hashlib
import hmac
from functools import cache

from django.conf import settings
from mnemonic import Mnemonic

from core import rate_limits

WINDOW_S = 600
# What was read out a moment ago still counts.
WINDOWS_ACCEPTED = 2


def current(*, case: str) -> tuple[str, str]:
    """Return the two words of a case (its opaque reference) for these ten minutes: 22 bits."""
    return _words(case, _window())


def changes_in_s() -> int:
    """Return in how many seconds others come."""
    return WINDOW_S - int(rate_limits.now_s()) % WINDOW_S


def verify(*, case: str, given: str) -> bool:
    """Whether `given` are the words of now or of the ten minutes before, in constant time; callers limit the tries."""
    said = " ".join(given.casefold().replace("-", " ").split())
    window = _window()
    right = [" ".join(_words(case, window - before)) for before in range(WINDOWS_ACCEPTED)]
    # Each is compared, whichever fits.
    return sum(hmac.compare_digest(said.encode(), words.encode()) for words in right) > 0


def _window() -> int:
    return int(rate_limits.now_s()) // WINDOW_S


def _words(case: str, window: int) -> tuple[str, str]:
    digest = hmac.digest(settings.CONVERSATION_KEY, f"{case} {window}".encode(), hashlib.sha256)
    words = _list()
    number = int.from_bytes(digest[:8], "big") % len(words) ** 2
    return words[number // len(words)], words[number % len(words)]


@cache
def _list() -> tuple[str, ...]:
    """Return BIP-39's English words: 2048, none of which shares its first four letters with another."""
    return tuple(Mnemonic("english").wordlist)
