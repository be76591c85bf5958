"""Typed reading of environment variables that fails loudly, naming the variable and how to set it."""

import base64
import binascii
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# Runs of a statement on one connection before PostgreSQL is asked to remember its plan.
PREPARED_AFTER = 2


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or `default`; raise ImproperlyConfigured when neither is there or it is blank."""
    value = env.str(name, default=default)
    if value is None or not str(value).strip():
        message = f"{name} is not set. Set it in the environment; docs/operations.md lists every variable."
        raise ImproperlyConfigured(message)
    return str(value)


def optional(name: str) -> str:
    """Return the variable or an empty string."""
    return str(env.str(name, default="")).strip()


def number(name: str, default: int) -> int:
    """Return a whole number; raise ImproperlyConfigured when it is not one."""
    raw = optional(name)
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError as error:
        message = f"{name} must be a whole number, not {raw!r}."
        raise ImproperlyConfigured(message) from error


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no variable."""
    return bool(env.bool(name, default=default))


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without blanks."""
    return [word.strip() for word in (optional(name) or default).split(",") if word.strip()]


def secrets(name: str) -> list[str]:
    """Return a non-empty comma-separated list of secrets, the first one current, the others still accepted."""
    found = words(name)
    if not found:
        message = f"{name} is not set. `manage.py make_secrets` prints fresh values."
        raise ImproperlyConfigured(message)
    return found


def key(name: str, *, length: int = 32, default: str | None = None) -> bytes:
    """Return a base64url secret of exactly `length` bytes; raise ImproperlyConfigured otherwise."""
    raw = text(name, default)
    try:
        value = base64.urlsafe_b64decode(raw.encode() + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError) as error:
        message = f"{name} must be base64url."
        raise ImproperlyConfigured(message) from error
    if len(value) != length:
        message = f"{name} must hold {length} bytes in base64url, it holds {len(value)}."
        raise ImproperlyConfigured(message)
    return value


def database(url: str, *, options: dict[str, str] | None = None) -> dict[str, Any]:
    """Turn a `postgres://user:password@host:port/name?option=value` URL into Django's settings.

    `options` are server parameters set at connect (`-c name=value`). A unix socket folder is
    given percent-encoded as the host, or as `?host=/folder`.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = "DATABASE_URL must begin with postgres:// ; docs/operations.md says how it is made up."
        raise ImproperlyConfigured(message)
    query = dict(parse_qsl(parts.query))
    server = " ".join(f"-c {name}={value}" for name, value in (options or {}).items())
    if given := query.pop("options", ""):
        server = f"{server} {given}".strip()
    host = unquote(query.pop("host", "") or parts.netloc.rpartition("@")[2].rsplit(":", 1)[0])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(query.pop("port", "") or parts.port or ""),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            "options": server,
            "connect_timeout": 5,
            # After so many runs a statement that is written once and run with other values is planned no more.
            "prepare_threshold": PREPARED_AFTER if flag("PHAROS_DATABASE_PREPARES", default=True) else None,
        },
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def derived(secret: str, purpose: str) -> bytes:
    """Return a key of its own for `purpose`, from a secret that is at hand (HKDF, RFC 5869); nothing leads back."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"pharos {purpose}".encode()).derive(secret.encode())


def directory(name: str, default: Path) -> Path:
    """Return an absolute folder path."""
    return Path(optional(name) or default).expanduser().resolve()
