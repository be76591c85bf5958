"""Calling the Bot API: the token is part of each address, and in no message and no log."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from tickets.channels.social.calling import Form, Request, Vendor, json_form
from tickets.channels.social.shapes import VendorAway
from tickets.models import SocialAccount

TELEGRAM: Final = Vendor("TELEGRAM_API_URL", "Telegram")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Bot API said: `result` when it is ok, else its code, its words and, with 429, seconds to wait."""

    is_ok: bool
    result: Any = None
    code: int = 0
    description: str = ""
    retry_after_s: float | None = None


def call(
    account: SocialAccount, method: str, form: Form | None = None, *, hand_over: Callable[[], bool] = lambda: True
) -> Answer:
    """Call a method. `hand_over` is asked once connected, before anything leaves.

    Raises NotHandedOver when nothing has left, VendorAway when no answer came or none that can be read.
    """
    path = f"/bot{quote(account.token or '', safe=':')}/{method}"
    answer = TELEGRAM.ask(Request("POST", path, form or json_form()), hand_over=hand_over)
    return _read(answer.status, answer.content)


def download(account: SocialAccount, file_path: str, *, limit: int) -> tuple[int, bytes]:
    """Return status and content of a file, at most one byte more than `limit`. Raises NotHandedOver, VendorAway."""
    token = quote(account.token or "", safe=":")
    path = f"/file/bot{token}/{quote(file_path, safe='/')}"
    answer = TELEGRAM.ask(Request("GET", path), limit=limit + 1)
    return answer.status, answer.content


def _read(status: int, content: bytes) -> Answer:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        if status >= http.client.BAD_REQUEST:
            return Answer(is_ok=False, code=status, description=http.client.responses.get(status, ""))
        raise VendorAway("Telegram's answer cannot be read.")
    if said.get("ok") is True:
        return Answer(is_ok=True, result=said.get("result"))
    parameters = said.get("parameters")
    wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return Answer(
        is_ok=False,
        code=_number(said.get("error_code"), status),
        description=str(said.get("description") or "")[:200],
        retry_after_s=float(wait) if isinstance(wait, int | float) and 0 <= wait <= 24 * 60 * 60 else None,
    )


def _number(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise
