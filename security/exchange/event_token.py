"""The exchange's signature over one event: a token that covers the very bytes it came with."""

import hashlib

from django.utils.crypto import constant_time_compare
from jwt.utils import base64url_encode

from security.exchange import signed_token
from security.exchange.signed_token import BadToken

AUDIENCE = "pharos-events"
TYPE = "exchange-event+jwt"
NEEDED = ["iss", "aud", "iat", "exp", "jti", "bh"]
LONGEST_ID = 100


def read(authorization: str, body: bytes) -> str:
    """Return the id of the event that the exchange has signed. Raises BadToken, KeysResting, ExchangeAway."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadToken("missing")
    claims = signed_token.read(token.strip(), kind=TYPE, audience=AUDIENCE, needed=NEEDED, is_strangers=True)
    covered = base64url_encode(hashlib.sha256(body).digest()).decode("ascii")
    if not isinstance(claims["bh"], str) or not constant_time_compare(claims["bh"], covered):
        raise BadToken("bh")
    event_id = claims["jti"]
    if not isinstance(event_id, str) or not 0 < len(event_id) <= LONGEST_ID or not event_id.isprintable():
        raise BadToken("jti")
    return event_id
