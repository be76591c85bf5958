"""Calling the Graph API: the token is a header field, in no address, no message and no log."""

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from tickets.channels.meta.door import inner
from tickets.channels.social.calling import Form, NotHandedOver, Request, Vendor
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import SocialAccount

META: Final = Vendor("META_GRAPH_URL", "Meta")
LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Graph API said: `said` when it is ok, else HTTP's status, its code with the finer one, and its words."""

    is_ok: bool
    said: dict[str, Any] = field(default_factory=dict)
    status: int = 0
    code: int = 0
    subcode: int = 0
    words: str = ""
    is_transient: bool = False
    retry_after_s: float | None = None


def call(
    account: SocialAccount,
    path: str,
    form: Form | None = None,
    *,
    token: str = "",
    fields: str = "",
    hand_over: Callable[[], bool] = lambda: True,
) -> Answer:
    """Ask for what is at `path`, or send `form` there, with the account's token or another.

    Raises NotHandedOver when nothing has left, VendorAway when no answer came or none that can be read.
    """
    bearer = token or account.token or ""
    address = f"/{quote(path, safe='/')}" + (f"?{urlencode({'fields': fields})}" if fields else "")
    headers = {"Authorization": f"Bearer {bearer}"}
    answer = META.ask(Request("POST" if form else "GET", address, form, headers), hand_over=hand_over)
    return _read(answer.status, answer.content, answer.headers.get("retry-after", ""), bearer)


def result(
    account: SocialAccount, path: str, form: Form | None = None, *, token: str = "", fields: str = ""
) -> dict[str, Any]:
    """Do the same and return what was said. Raises VendorAway for what passes, VendorRefused for a no."""
    try:
        answer = call(account, path, form, token=token, fields=fields)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if answer.is_ok:
        return answer.said
    if answer.status >= 500 or answer.status == 429 or answer.is_transient:
        raise VendorAway(spoken(answer))
    raise VendorRefused(spoken(answer))


def spoken(answer: Answer) -> str:
    """Return the vendor's no as a sentence."""
    return f"Meta says {answer.code or answer.status}: {answer.words}".removesuffix(": ")


def _read(status: int, content: bytes, retry_after: str, token: str) -> Answer:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if status < http.client.BAD_REQUEST:
        if not isinstance(said, dict):
            raise VendorAway("Meta's answer cannot be read.")
        return Answer(is_ok=True, said=said, status=status)
    error = inner(said, "error")
    details = inner(error, "error_data").get("details")
    words = details if isinstance(details, str) and details else str(error.get("message") or "")
    return Answer(
        is_ok=False,
        status=status,
        code=_number(error.get("code")),
        subcode=_number(error.get("error_subcode")),
        # An error about a token may repeat it.
        words=(words.replace(token, "…") if token else words)[:LONGEST_WORDS] or http.client.responses.get(status, ""),
        is_transient=error.get("is_transient") is True,
        retry_after_s=float(retry_after) if retry_after.isdecimal() and int(retry_after) <= 24 * 60 * 60 else None,
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
