"""What every token of the exchange has to be: of its type, signed by a published key, for us, and young (RFC 8725)."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from jwt import PyJWK, PyJWKClient, PyJWKClientError, PyJWTError

from core import clock
from security.exchange import client, keys

LIFE = timedelta(seconds=60)
# Clocks that are kept in step differ by less.
LEEWAY = timedelta(seconds=5)
KEYS_LAST_S = 300
# A stranger's word makes us look for new keys no more often than this.
REST_S = 5.0


class BadToken(Exception):
    """The token does not prove what it should; the one word says why, for the audit log."""


class KeysResting(Exception):
    """The token names a key that we do not know, and we have looked a moment ago: ask again in REST_S."""


class _Keys(PyJWKClient):
    """The exchange's keys by its JWKS; an unknown kid is looked for once more, so that a new key counts at once."""

    _looked_at = float("-inf")

    def fetch_data(self) -> Any:  # noqa: ANN401 -- as PyJWT declares it
        """Read them over our own back channel, which follows no redirect and no proxy."""
        self._looked_at = time.monotonic()
        return dict(client.public_keys())

    def named(self, kid: str, *, rest_s: float) -> PyJWK:
        """Return the key of this name, looking for it at the exchange unless we did in the last `rest_s` seconds."""
        if rest_s and time.monotonic() - self._looked_at < rest_s:
            known = self.jwk_set_cache.get() if self.jwk_set_cache else None
            if known is None or self.match_kid(self.get_signing_keys(), kid) is None:
                raise KeysResting
        return self.get_signing_key(kid)


def read(token: str, *, kind: str, audience: str, needed: Sequence[str], is_strangers: bool = False) -> dict[str, Any]:
    """Return the claims of a token of type `kind`. Raises BadToken, ExchangeAway.

    With `is_strangers` anybody may have sent it: an unknown key is looked for now and then only. Raises KeysResting.
    """
    try:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != kind:
            raise BadToken("typ")
        if header.get("alg") != keys.ALGORITHM:
            raise BadToken("alg")
        kid = str(header.get("kid", ""))
        claims = jwt.decode(
            token,
            _exchange_keys(settings.EXCHANGE_JWKS_URL).named(kid, rest_s=REST_S if is_strangers else 0),
            algorithms=[keys.ALGORITHM],
            audience=audience,
            issuer=settings.EXCHANGE_ISSUER,
            # Times are compared with the database's clock below, not with this machine's.
            options={"require": list(needed), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except PyJWKClientError as error:
        raise BadToken("kid") from error
    except PyJWTError as error:
        raise BadToken(_word(error)) from error
    _check_times(claims)
    return dict(claims)


def not_in_future(*moments: datetime) -> None:
    """Raise BadToken for what has not happened yet."""
    if max(moments) > clock.now() + LEEWAY:
        raise BadToken("future")


def moment(seconds: object) -> datetime:
    """Return a claim of seconds as a time. Raises BadToken."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise BadToken("time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise BadToken("time") from error


@cache
def _exchange_keys(url: str) -> _Keys:
    # No rest of the library's own: how long one rests depends on who asks.
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
    issued, ends = moment(claims["iat"]), moment(claims["exp"])
    if not issued < ends <= issued + LIFE:
        raise BadToken("life")
    if ends <= clock.now():
        raise BadToken("expired")
    not_in_future(issued, *([moment(claims["nbf"])] if "nbf" in claims else []))
