"""Passwords at rest: scrypt with a salt of their own."""

import hashlib
import hmac
import secrets

COST = {"n": 2**14, "r": 8, "p": 1}


def protect(password: str) -> str:
    """Return what is stored for a password."""
    salt = secrets.token_hex(16)
    return f"{salt}${_derive(password, salt)}"


def matches(password: str, stored: str) -> bool:
    """Return whether this is the password; takes its time either way."""
    salt, _, derived = stored.partition("$")
    return hmac.compare_digest(_derive(password, salt or "none"), derived)


def _derive(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), **COST).hex()
