"""Calls in the browser: what the provider's script signs in with, made by its own library."""

from typing import Final

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tickets.models import PhoneLine

LASTS_S: Final = 15 * 60


def token(line: PhoneLine, identity: str) -> str:
    """Return a token by which somebody takes calls, and makes none, for a quarter of an hour."""
    made = AccessToken(line.account_sid, line.sdk_key, line.sdk_secret, identity=identity, ttl=LASTS_S)
    made.add_grant(VoiceGrant(incoming_allow=True))
    return str(made.to_jwt())
