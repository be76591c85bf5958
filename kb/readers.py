"""Who reads: nobody we know. A random cookie, set when somebody votes, keeps one reader from voting twice."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core import rate_limits

LIFE_S = 180 * 24 * 3600
_KEY = re.compile(r"[A-Za-z0-9_-]{22}")


def key_of(request: HttpRequest) -> str:
    """Return the reader's random key, a new one where there is none."""
    given = request.COOKIES.get(settings.READER_COOKIE_NAME, "")
    return given if _KEY.fullmatch(given) else secrets.token_urlsafe(16)


def hashed(key: str) -> str:
    """Return the key as it is kept."""
    return hmac.new(settings.SECRET_KEY.encode(), b"kb reader:" + key.encode(), hashlib.sha256).hexdigest()


def remember(response: HttpResponse, key: str) -> None:
    """Give the browser its key; only doors of the help centre get it."""
    response.set_cookie(
        settings.READER_COOKIE_NAME,
        key,
        max_age=LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_from_here(request: HttpRequest) -> bool:
    """Whether a page of ours sent this form.

    Pages of the help centre are kept by caches, so no form in them can have a token. Browsers say with each POST
    which origin it comes from (Fetch standard, 3.2); what says nothing is not let in.
    """
    return request.headers.get("Origin", "") == settings.SITE_URL


def is_over(request: HttpRequest, kind: str) -> bool:
    """Count one call of this network address; whether it is one too many."""
    limit = settings.KB_CALLS_PER_MIN[kind]
    spent = rate_limits.spend(scope=f"kb:{kind}", who=str(request.META.get("REMOTE_ADDR", "")), limit=limit)
    return spent is not None and spent.is_over
