"""An account at Telegram: is an update from there, who are we, where do updates go."""

import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from tickets.channels.social.calling import Form, NotHandedOver, json_form
from tickets.channels.social.shapes import Challenge, VendorAway, VendorRefused
from tickets.channels.telegram.client import Answer, call
from tickets.models import SocialAccount

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 -- the name of a header
# What we take; anything else is not even sent to us.
WANTED: Final = ["message", "edited_message"]
POLLED: Final = 100


def is_genuine(account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether the header carries the account's secret: Telegram signs no bytes.

    An account without one takes nothing by webhook.
    """
    secret = account.webhook_secret or ""
    given = headers.get(SECRET_HEADER, "")
    return hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")) and bool(secret)


def challenge(account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
    """Telegram asks nothing of the kind."""
    return None


def who_are_we(account: SocialAccount) -> str:
    """Return the bot's user name with its @. Raises VendorAway, VendorRefused."""
    found = _result(account, "getMe")
    name = found.get("username") if isinstance(found, dict) else None
    if not isinstance(name, str) or not name:
        raise VendorRefused("Telegram names no bot for this token.")
    return f"@{name}"[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Have updates sent to `url`, with the account's secret. Raises VendorAway, VendorRefused."""
    _result(
        account,
        "setWebhook",
        json_form(url=url, secret_token=account.webhook_secret, allowed_updates=WANTED, max_connections=40),
    )


def delete_webhook(account: SocialAccount) -> None:
    """Have updates kept for polling; those that wait are not dropped. Raises VendorAway, VendorRefused."""
    _result(account, "deleteWebhook", json_form(drop_pending_updates=False))


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """Return the updates since the offset, each in bytes of its own, and the next offset. At most a hundred.

    Telegram forgets what is below an offset that was asked for: keep them before asking with the next.
    Raises VendorAway, VendorRefused.
    """
    found = _result(
        account,
        "getUpdates",
        json_form(offset=account.poll_offset, limit=POLLED, timeout=0, allowed_updates=WANTED),
    )
    updates = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    ids = [one["update_id"] for one in updates if isinstance(one.get("update_id"), int)]
    return [json.dumps(one).encode() for one in updates], max([account.poll_offset, *(number + 1 for number in ids)])


def _result(account: SocialAccount, method: str, form: Form | None = None) -> Any:  # noqa: ANN401 -- as Telegram says it
    try:
        answer = call(account, method, form)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    return checked(answer)


def checked(answer: Answer) -> Any:  # noqa: ANN401 -- as Telegram says it
    """Return the result. Raises VendorAway for what passes, VendorRefused for a no."""
    if answer.is_ok:
        return answer.result
    words = f"Telegram says {answer.code}: {answer.description}"
    if answer.code >= 500 or answer.code == 429:
        raise VendorAway(words)
    raise VendorRefused(words)
