"""The exchange's word for who has signed in: one token, every claim of it checked (RFC 7519, RFC 8725)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare
from jwt import PyJWKClient, PyJWKClientError, PyJWTError

from core import clock
from security.exchange import client, keys

AUDIENCE = "pharos-portal"
TYPE = "hand-off+jwt"
LIFE = timedelta(seconds=60)
# Clocks that are kept in step differ by less.
LEEWAY = timedelta(seconds=5)
KEYS_LAST_S = 300
MAX_TEXT = 320
NEEDED = ["iss", "aud", "sub", "nonce", "jti", "iat", "exp", "auth_time", "amr"]


class BadToken(Exception):
    """The token does not prove what it should; the one word says why, for the audit log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """A hand-off that was proven: whose account, how and when they signed in there, and what they are called."""

    issuer: str
    account_id: str
    jti: str
    auth_time: datetime
    amr: tuple[str, ...]
    name: str
    email: str
    is_email_verified: bool
    locale: str
    time_zone: str


class _Keys(PyJWKClient):
    """The exchange's keys by its JWKS; an unknown kid is looked for once more, so that a new key counts at once."""

    def fetch_data(self) -> Any:  # noqa: ANN401 -- as PyJWT declares it
        """Read them over our own back channel, which follows no redirect and no proxy."""
        return dict(client.public_keys())


def read(token: str, *, nonce: str) -> Claims:
    """Return what `token` proves to the browser that was given `nonce`. Raises BadToken, ExchangeAway."""
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != TYPE:
            raise BadToken("typ")
        if header.get("alg") != keys.ALGORITHM:
            raise BadToken("alg")
        key = _exchange_keys(settings.EXCHANGE_JWKS_URL).get_signing_key(str(header.get("kid", "")))
        claims = jwt.decode(
            token,
            key,
            algorithms=[keys.ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.EXCHANGE_ISSUER,
            # Times are compared with the database's clock below, not with this machine's.
            options={"require": NEEDED, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except PyJWKClientError as error:
        raise BadToken("kid") from error
    except PyJWTError as error:
        raise BadToken(_word(error)) from error
    _check_times(claims)
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise BadToken("nonce")
    return _claims(claims)


@cache
def _exchange_keys(url: str) -> _Keys:
    # No rest between two looks: only the exchange's own answer makes us look, never a stranger's token.
    return _Keys(url, lifespan=KEYS_LAST_S, cooldown_duration=0)


def _word(error: PyJWTError) -> str:
    words = {
        jwt.InvalidAudienceError: "aud",
        jwt.InvalidIssuerError: "iss",
        jwt.InvalidSignatureError: "signature",
        jwt.MissingRequiredClaimError: "missing",
    }
    return next((word for kind, word in words.items() if isinstance(error, kind)), "token")


def _check_times(claims: Mapping[str, Any]) -> None:
    now = clock.now()
    issued, ends, signed_in = (_moment(claims[name]) for name in ("iat", "exp", "auth_time"))
    if not issued < ends <= issued + LIFE:
        raise BadToken("life")
    if ends <= now:
        raise BadToken("expired")
    if max(issued, signed_in) > now + LEEWAY:
        raise BadToken("future")
    if "nbf" in claims and _moment(claims["nbf"]) > now + LEEWAY:
        raise BadToken("future")


def _moment(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadToken("time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadToken("time") from error


def _claims(claims: Mapping[str, Any]) -> Claims:
    amr = claims["amr"]
    if not isinstance(amr, list) or not all(isinstance(one, str) and len(one) <= 20 for one in amr) or len(amr) > 10:
        raise BadToken("amr")
    account_id, jti = _text(claims, "sub"), _text(claims, "jti")
    if not account_id or len(account_id) > 100 or not jti or len(jti) > 200:
        raise BadToken("sub" if not account_id or len(account_id) > 100 else "jti")
    return Claims(
        issuer=settings.EXCHANGE_ISSUER,
        account_id=account_id,
        jti=jti,
        auth_time=_moment(claims["auth_time"]),
        amr=tuple(amr),
        name=_text(claims, "name"),
        email=_text(claims, "email"),
        is_email_verified=claims.get("email_verified") is True,
        locale=_text(claims, "locale"),
        time_zone=_text(claims, "zoneinfo"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise BadToken(name)
    return value[:MAX_TEXT]
