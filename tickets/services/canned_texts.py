"""Texts that are kept to be said again: what would be held back at each sending is refused when they are kept."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from security import outbound_guard
from security.outbound_guard import Danger
from security.redaction import redact
from tickets import canned_words
from tickets.services import errors


class UnknownPlaceholder(errors.Refused):
    """A placeholder outside the closed list."""

    code = "unknown_placeholder"
    message = _("There is a placeholder in it that is not in the list. Write only those below in braces.")


def check(texts: Collection[str], *, is_sent: bool = True) -> None:
    """Refuse what would be held back at each sending; what is never sent may name links.

    Raises UnknownPlaceholder, NotToBeSent.
    """
    if any(canned_words.unknown(text) for text in texts):
        raise UnknownPlaceholder
    dangers: frozenset[Danger] = frozenset()
    if is_sent:
        dangers = dangers.union(*(outbound_guard.dangers(text) for text in texts))
    if any(redact(text).findings for text in texts):
        dangers |= {Danger.SECRET}
    if dangers:
        raise errors.NotToBeSent(dangers)
