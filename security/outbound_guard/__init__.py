"""What must not leave in our name: asking for secrets or remote access, links that are not ours, wallet addresses.

Read before an agent's or a bot's words are stored. Customers learn from it what we never ask for, and nobody who holds
an agent's session or writes a bot can make our own chat the phishing page. How much of that it sees, and how often it
is wrong, is measured by `tests/integration/security/test_outbound_corpus.py`.
"""

from collections.abc import Iterator
from enum import StrEnum

from security.outbound_guard import chinese, english, links, wallets
from security.outbound_guard.reading import plain, sentences
from security.redaction.folding import fold


class Danger(StrEnum):
    """Why a text is held back."""

    SECRET = "secret"  # noqa: S105 -- a word
    REMOTE_ACCESS = "remote_access"
    LINK = "link"
    WALLET = "wallet"


def dangers(text: str) -> frozenset[Danger]:
    """Return why `text` must not leave; empty when it may. Looks behind invisible and alike characters."""
    return frozenset(_found(text, fold(text).text))


def _found(text: str, folded: str) -> Iterator[Danger]:
    for said in sentences(plain(text)):
        language = chinese if chinese.HAN.search(said.text) else english
        if language.asks_for_a_secret(said):
            yield Danger.SECRET
        if language.asks_for_the_screen(said):
            yield Danger.REMOTE_ACCESS
    if any(links.foreign(part) for part in {text, folded}):
        yield Danger.LINK
    if wallets.stand_in(folded):
        yield Danger.WALLET
