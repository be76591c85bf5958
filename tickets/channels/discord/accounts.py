"""A bot at Discord: is a request from there, who are we, which commands are there and where do they go."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from core import clock
from tickets.channels.discord.client import Answer, Method, call
from tickets.channels.discord.interactions import COMMANDS
from tickets.channels.social.calling import Form, NotHandedOver, json_form
from tickets.channels.social.shapes import Challenge, VendorAway, VendorRefused
from tickets.models import SocialAccount

SIGNATURE_HEADER: Final = "X-Signature-Ed25519"
TIMESTAMP_HEADER: Final = "X-Signature-Timestamp"
# How far a request's time may be from ours, both ways.
WINDOW_S: Final = 300
_KEY: Final = re.compile(r"[0-9a-f]{64}\Z")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}\Z")
_TIME: Final = re.compile(r"[0-9]{1,12}\Z")


def is_genuine(account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether Discord has signed time and bytes (Ed25519, RFC 8032), lately. Without a public key: never."""
    key, signature = account.app_key.strip().lower(), headers.get(SIGNATURE_HEADER, "").lower()
    moment = headers.get(TIMESTAMP_HEADER, "")
    if not (_KEY.match(key) and _SIGNATURE.match(signature) and _TIME.match(moment)):
        return False
    try:
        VerifyKey(bytes.fromhex(key)).verify(moment.encode() + raw, bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return abs(clock.now().timestamp() - int(moment)) <= WINDOW_S


def challenge(account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
    """Discord asks nothing by GET."""
    return None


def who_are_we(account: SocialAccount) -> str:
    """Return the bot's name with its @. Raises VendorAway, VendorRefused: also for another application's settings."""
    application = _result(account, "GET", "/applications/@me")
    number, key = _text(application, "id"), _text(application, "verify_key")
    if account.external_id != number:
        raise VendorRefused(f"This token belongs to the application with the number {number}.")
    if account.app_key.strip().lower() != key:
        raise VendorRefused("The public key is not the application's.")
    name = _text(_result(account, "GET", "/users/@me"), "username")
    if not name:
        raise VendorRefused("Discord names no bot for this token.")
    return f"@{name}"[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Register the commands, and have them sent to `url`; Discord asks a sign of life there meanwhile.

    Raises VendorAway, VendorRefused.
    """
    if not account.external_id.isdecimal():
        raise VendorRefused("The number of the application is missing.")
    form = Form(json.dumps(COMMANDS).encode(), "application/json")
    _result(account, "PUT", f"/applications/{account.external_id}/commands", form)
    _result(account, "PATCH", "/applications/@me", json_form(interactions_endpoint_url=url))


def delete_webhook(account: SocialAccount) -> None:
    """Discord keeps no events for polling. Raises VendorRefused."""
    raise VendorRefused("Discord cannot be polled: switch the account off instead.")


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """Discord cannot be polled. Raises VendorRefused."""
    raise VendorRefused("Discord cannot be polled: its gateway is listened to.")


def _result(account: SocialAccount, method: Method, path: str, form: Form | None = None) -> Any:  # noqa: ANN401 -- as Discord says it
    try:
        return checked(call(account, method, path, form))
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error


def checked(answer: Answer) -> Any:  # noqa: ANN401 -- as Discord says it
    """Return what it says. Raises VendorAway for what passes, VendorRefused for a no."""
    if answer.is_ok:
        return answer.data
    words = f"Discord says {answer.status}: {answer.words}"
    if answer.status >= 500 or answer.status == 429:
        raise VendorAway(words)
    raise VendorRefused(words)


def _text(found: object, name: str) -> str:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""
