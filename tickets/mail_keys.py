"""Keys that sign reply addresses and Message-IDs; the first signs, all are accepted."""

from django.conf import settings


def mail_keys() -> tuple[bytes, ...]:
    """Return settings.MAIL_KEYS as bytes, the signing key first."""
    return tuple(key.encode() for key in settings.MAIL_KEYS)
