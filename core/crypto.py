"""Encryption at rest for small secrets: a model field on MultiFernet with key rotation."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        message = (
            "PHAROS_FIELD_KEYS must be comma-separated Fernet keys (32 bytes, base64url), the current one first: "
            "`manage.py make_secrets` prints a fresh one."
        )
        raise ImproperlyConfigured(message) from error


def check() -> None:
    """Raise ImproperlyConfigured unless every one of settings.FIELD_KEYS is a key."""
    _box(tuple(settings.FIELD_KEYS))


def encrypt(clear: str) -> str:
    """Encrypt with the first of settings.FIELD_KEYS."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(clear.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt with any of settings.FIELD_KEYS; raises ImproperlyConfigured when none of them fits."""
    try:
        return _box(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        message = "A stored secret does not open with PHAROS_FIELD_KEYS: put the former key back behind the new one."
        raise ImproperlyConfigured(message) from error


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database and clear in Python; cannot be searched."""

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        """Decrypt a value read from the database."""
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:  # noqa: ANN401 -- as Django declares it
        """Encrypt a value on its way to the database."""
        prepared = super().get_prep_value(value)
        return encrypt(prepared) if prepared else prepared
