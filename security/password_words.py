"""Passwords that somebody who knows us would guess: our own words, and a common password with trimmings."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Listed in docs/protection.md (ASVS 6.1.2); the names of the installation's hosts and mail domain come to them.
WORDS = (
    "pharos", "support", "helpdesk", "desk", "ticket", "customer", "service", "exchange", "crypto", "bitcoin",
    "ethereum", "wallet", "agent", "lead", "team", "auditor", "admin", "administrator", "compliance", "password",
    "passwort", "welcome", "secret", "login",
)  # fmt: skip
# Left over beside our words, this many letters make a password one's own.
OWN_LETTERS = 4
_READ_AS = str.maketrans("013457@$!", "oleastasi")


class GuessableWordsValidator(CommonPasswordValidator):
    """Refuses what is a common password or our own words once digits, signs and usual disguises are taken away."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError for such a password; any composition passes otherwise (ASVS 6.2.5, 6.2.11)."""
        folded = password.casefold().strip()
        if any(self._is_guessable(_letters(text)) for text in (folded, folded.translate(_READ_AS))):
            words = _("This password is made of words that others would try first. Use words of your own.")
            raise ValidationError(words, code="password_guessable")

    def get_help_text(self) -> str:
        """Return the rule in a sentence."""
        return _("Not our name, what we do, or a common password with digits around it.")

    def _is_guessable(self, letters: str) -> bool:
        if any(
            letters == once * (len(letters) // len(once)) for once in _beginnings(letters) if once in self.passwords
        ):
            return True
        own = _ours().sub("", letters)
        return own != letters and len(own) < OWN_LETTERS


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


def _beginnings(letters: str) -> list[str]:
    """What the letters may be a repetition of, themselves included."""
    return [letters[:size] for size in range(OWN_LETTERS, len(letters) + 1) if len(letters) % size == 0]


def _ours() -> re.Pattern[str]:
    hosts = (urlsplit(settings.SITE_URL).hostname, settings.MAIL_DOMAIN)
    labels = {label for host in hosts for label in str(host).casefold().split(".") if len(label) >= OWN_LETTERS}
    return re.compile("|".join(re.escape(word) for word in sorted({*WORDS, *labels}, key=len, reverse=True)))
