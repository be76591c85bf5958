"""What a process makes sure of before it starts: its settings can be read and its keys fit; one sentence if not."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core import crypto, sealing

SHORTEST_MAIL_KEY = 32


def settings_or_exit() -> None:
    """Read the settings; ends the process with one sentence that names the variable, never with a trace."""
    try:
        _ = settings.SECRET_KEY
    except ImproperlyConfigured as problem:
        raise SystemExit(_sentence(problem)) from None


def keys_or_exit(*, opens_mail: bool = False) -> None:
    """Check that every key is one, and for a process that opens raw mail that the seal's halves belong together."""
    try:
        check_keys(opens_mail=opens_mail)
    except ImproperlyConfigured as problem:
        raise SystemExit(_sentence(problem)) from None


def check_keys(*, opens_mail: bool) -> None:
    """Do the same and raise ImproperlyConfigured."""
    crypto.check()
    if any(len(key) < SHORTEST_MAIL_KEY for key in settings.MAIL_KEYS):
        message = (
            f"Each of PHAROS_MAIL_KEYS must have at least {SHORTEST_MAIL_KEY} characters: `manage.py make_secrets` "
            "prints fresh ones. Put a new one in front and keep the old one behind it."
        )
        raise ImproperlyConfigured(message)
    sealing.check(opens=opens_mail)


def _sentence(problem: ImproperlyConfigured) -> str:
    return f"Pharos does not start: {problem}"
