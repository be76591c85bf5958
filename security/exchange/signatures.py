"""Detached signatures of the gateway: whoever holds the bytes and our public key checks them without asking us."""

from jwt.api_jws import PyJWS

from security.exchange import keys

RECORD = "pharos-record+jws"
WHO_SAW = "pharos-who-saw+jws"


def detached(payload: bytes, *, kind: str) -> str:
    """Return a compact JWS (RFC 7515) over `payload`, which it does not carry (appendix F), unencoded (RFC 7797)."""
    headers = {"typ": kind, "kid": keys.gateway_key_id()}
    return PyJWS().encode(
        payload, keys.gateway_key(), algorithm=keys.ALGORITHM, headers=headers, is_payload_detached=True
    )
