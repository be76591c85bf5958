"""One-way forms of secrets that we hand out: what rests in the database opens nothing."""

import hashlib
import hmac

from django.conf import settings


def of_token(token: str) -> str:
    """Return the sha256 of a random token of 128 bits or more, in hex: no key is needed against guessing."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed(purpose: str, owner: str, secret: str) -> str:
    """Return the HMAC-SHA-256 of a short secret under SECRET_KEY, bound to its purpose and owner, in hex."""
    message = f"{purpose}\x1f{owner}\x1f{secret}"
    return hmac.new(settings.SECRET_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()
