"""An account at X: is an event from there, who are we, where do events go."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from tickets.channels.social.calling import Form, NotHandedOver, json_form
from tickets.channels.social.shapes import Challenge, VendorAway, VendorRefused
from tickets.channels.x.client import Answer, Method, call, call_as_application
from tickets.models import SocialAccount

SIGNATURE_HEADER: Final = "X-Twitter-Webhooks-Signature"
# One key signs events and answers challenges: whoever may have any bytes signed by asking us could sign events. So
# only what can be no event is signed as a challenge, and only an object in braces is taken as an event.
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_\-+/=.]{1,200}\Z")
_ID: Final = re.compile(r"[0-9]{1,20}\Z")


def signed(account: SocialAccount, content: bytes) -> str:
    """Return the signature of `content` as X writes it, by the application's secret."""
    digest = hmac.new((account.app_secret or "").encode(), content, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(digest).decode()}"


def is_genuine(account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether the header is X's signature over the bytes. An account without the application's secret takes nothing."""
    given = headers.get(SIGNATURE_HEADER, "")
    is_signed = hmac.compare_digest(signed(account, raw).encode(), given.encode("utf-8", "replace"))
    return is_signed and bool(account.app_secret) and raw.lstrip()[:1] == b"{"


def challenge(account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
    """Answer X's challenge-response check, at the setting of the webhook and every hour from then on."""
    token = asked.get("crc_token", "")
    if not account.app_secret or not _CHALLENGE.match(token):
        return None
    return Challenge(json.dumps({"response_token": signed(account, token.encode())}), "application/json")


def who_are_we(account: SocialAccount) -> str:
    """Return our user name with its @. Raises VendorAway, VendorRefused: also when the number is another user's."""
    found = _result(account, "GET", "/2/users/me")
    name, number = _text(found, "username"), _text(found, "id")
    if not name:
        raise VendorRefused("X names no user for this token.")
    if account.external_id and account.external_id != number:
        raise VendorRefused(f"This token belongs to the user with the number {number}.")
    return f"@{name}"[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Have the account's events sent to `url`; X asks a challenge meanwhile. Raises VendorAway, VendorRefused."""
    bearer = _bearer(account)
    known = _as_application("GET", "/2/webhooks", bearer)
    listed = known if isinstance(known, list) else []
    number = next((_text(one, "id") for one in listed if _text(one, "url") == url), "")
    if number:
        _as_application("PUT", f"/2/webhooks/{_number(number)}", bearer)
    else:
        number = _text(_as_application("POST", "/2/webhooks", bearer, json_form(url=url)), "id")
    path = f"/2/account_activity/webhooks/{_number(number)}/subscriptions/all"
    subscribed = _result(account, "GET", path)
    if not (isinstance(subscribed, dict) and subscribed.get("subscribed") is True):
        _result(account, "POST", path, json_form())


def delete_webhook(account: SocialAccount) -> None:
    """X keeps no events for polling. Raises VendorRefused."""
    raise VendorRefused("X cannot be polled: switch the account off instead.")


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """X cannot be polled. Raises VendorRefused."""
    raise VendorRefused("X cannot be polled: set the webhook.")


def _bearer(account: SocialAccount) -> dict[str, str]:
    """Return the header by which the application speaks for itself (RFC 6749, 4.4)."""
    pair = f"{quote(account.app_key, safe='')}:{quote(account.app_secret or '', safe='')}"
    basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    form = Form(b"grant_type=client_credentials", "application/x-www-form-urlencoded;charset=UTF-8")
    token = _text(_as_application("POST", "/oauth2/token", basic, form), "access_token")
    if not token.isascii() or not token.isprintable() or not token:
        raise VendorRefused("X gives the application no token.")
    return {"Authorization": f"Bearer {token}"}


def _as_application(method: Method, path: str, headers: Mapping[str, str], form: Form | None = None) -> Any:  # noqa: ANN401 -- as X says it
    try:
        return checked(call_as_application(method, path, headers, form))
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error


def _result(account: SocialAccount, method: Method, path: str, form: Form | None = None) -> Any:  # noqa: ANN401 -- as X says it
    try:
        return checked(call(account, method, path, form))
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error


def checked(answer: Answer) -> Any:  # noqa: ANN401 -- as X says it
    """Return what it says. Raises VendorAway for what passes, VendorRefused for a no."""
    if answer.is_ok:
        return answer.data
    words = f"X says {answer.status}: {answer.words}"
    if answer.status >= 500 or answer.status == 429:
        raise VendorAway(words)
    raise VendorRefused(words)


def _text(found: object, name: str) -> str:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def _number(given: str) -> str:
    if not _ID.match(given):
        raise VendorRefused("X names no webhook.")
    return given
