"""The exchange's word for who has signed in: one token, every claim of it checked (RFC 7519, RFC 8725)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare

from security.exchange import signed_token
from security.exchange.signed_token import BadToken

AUDIENCE = "pharos-portal"
TYPE = "hand-off+jwt"
# The same word, said to a chat that the exchange's own page embeds: it opens no portal, and a hand-off no chat.
CHAT_AUDIENCE = "pharos-chat"
CHAT_TYPE = "chat-identity+jwt"
MAX_TEXT = 320
NEEDED = ["iss", "aud", "sub", "nonce", "jti", "iat", "exp", "auth_time", "amr"]


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


def read(token: str, *, nonce: str) -> Claims:
    """Return what `token` proves to the browser that was given `nonce`. Raises BadToken, ExchangeAway."""
    return _checked(signed_token.read(token, kind=TYPE, audience=AUDIENCE, needed=NEEDED), nonce)


def read_for_chat(token: str, *, nonce: str) -> Claims:
    """Return what `token` proves to the chat's frame that made `nonce`. It came through a browser: anybody may have
    sent it. Raises BadToken, KeysResting, ExchangeAway.
    """
    claims = signed_token.read(token, kind=CHAT_TYPE, audience=CHAT_AUDIENCE, needed=NEEDED, is_strangers=True)
    return _checked(claims, nonce)


def _checked(claims: Mapping[str, Any], nonce: str) -> Claims:
    signed_token.not_in_future(signed_token.moment(claims["auth_time"]))
    if not constant_time_compare(str(claims["nonce"]), nonce):
        raise BadToken("nonce")
    return _claims(claims)


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
        auth_time=signed_token.moment(claims["auth_time"]),
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
