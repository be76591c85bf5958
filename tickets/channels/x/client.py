"""Calling X's API: signed by OAuth 1.0a (RFC 5849) in the account's name, or by the token of the application."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from oauthlib.oauth1 import Client

from tickets.channels.social.calling import Form, Request, Response, Vendor
from tickets.channels.social.shapes import VendorAway
from tickets.models import SocialAccount

Method = Literal["GET", "POST", "PUT"]
X: Final = Vendor("X_API_URL", "X")
# X counts requests in windows of a quarter of an hour.
WINDOW_S: Final = 900.0
LONGEST_WAIT_S: Final = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What X said: what stands under `data`, or the kind of problem and its words; with 429, seconds to wait."""

    status: int
    data: Any = None
    kind: str = ""
    words: str = ""
    retry_after_s: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether X has done it."""
        return self.status < http.client.MULTIPLE_CHOICES


def signature(account: SocialAccount, method: Method, url: str) -> dict[str, str]:
    """Return the header that signs a request to `url`, whose query is signed with it; no form is."""
    signer = Client(
        account.app_key,
        client_secret=account.app_secret or "",
        resource_owner_key=account.token or "",
        resource_owner_secret=account.token_secret or "",
    )
    _url, headers, _body = signer.sign(url, http_method=method)
    return {"Authorization": str(headers["Authorization"])}


def call(
    account: SocialAccount,
    method: Method,
    path: str,
    form: Form | None = None,
    *,
    hand_over: Callable[[], bool] = lambda: True,
) -> Answer:
    """Call a method in the account's name. `hand_over` is asked once connected, before anything leaves.

    Raises NotHandedOver when nothing has left, VendorAway when no answer came or none that can be read.
    """
    headers = signature(account, method, X.url.geturl() + path)
    return read(X.ask(Request(method, path, form, headers), hand_over=hand_over))


def call_as_application(method: Method, path: str, headers: Mapping[str, str], form: Form | None = None) -> Answer:
    """Call a method in the application's own name, by the `headers`. Raises NotHandedOver, VendorAway."""
    return read(X.ask(Request(method, path, form, headers)))


def read(response: Response) -> Answer:
    """Return what an answer says. Raises VendorAway for one that says yes and cannot be read."""
    try:
        said = json.loads(response.content or b"{}")
    except (ValueError, RecursionError):
        said = None
    if response.status < http.client.MULTIPLE_CHOICES:
        if not isinstance(said, dict):
            raise VendorAway("X's answer cannot be read.")
        return Answer(response.status, data=said.get("data", said))
    problem = said if isinstance(said, dict) else {}
    return Answer(
        response.status,
        kind=str(problem.get("type") or "").rpartition("/")[2][:80],
        words=_words(problem)[:200] or http.client.responses.get(response.status, ""),
        retry_after_s=_wait(response.headers) if response.status == http.client.TOO_MANY_REQUESTS else None,
    )


def _words(problem: dict[str, Any]) -> str:
    errors = problem.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    said = problem.get("detail") or first.get("detail") or first.get("message") or problem.get("title")
    return said if isinstance(said, str) else ""


def _wait(headers: Mapping[str, str]) -> float:
    """Return how long to wait: until the moment that X names, else a whole window."""
    reset = headers.get("x-rate-limit-reset", "")
    if not (reset.isascii() and reset.isdecimal()) or len(reset) > 12:
        return WINDOW_S
    return min(max(int(reset) - time.time(), 1.0), LONGEST_WAIT_S)
