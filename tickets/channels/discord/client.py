"""Calling Discord's REST API in the name of the bot, within the limits that it tells."""

import http.client
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tickets.channels.social.calling import Form, Request, Response, Vendor
from tickets.channels.social.shapes import VendorAway
from tickets.models import SocialAccount

Method = Literal["GET", "POST", "PUT", "PATCH"]
DISCORD: Final = Vendor("DISCORD_API_URL", "Discord")
# Discord asks for this form.
USER_AGENT: Final = "DiscordBot (https://pharos.test, 1)"
# When it names no time to wait.
WAIT_S: Final = 5.0
LONGEST_WAIT_S: Final = 60 * 60.0
MOST_LIMITS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What Discord said: its data, or its code and words of a problem; with 429, seconds to wait."""

    status: int
    data: Any = None
    code: int = 0
    words: str = ""
    # The fields that a problem is about.
    about: frozenset[str] = frozenset()
    retry_after_s: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether Discord has done it."""
        return self.status < http.client.MULTIPLE_CHOICES


class Limits:
    """What Discord has said of each account's channels: until when nothing more is taken there."""

    def __init__(self) -> None:
        self._until: dict[tuple[int, str], float] = {}

    def left_s(self, account: SocialAccount, path: str) -> float:
        """Return how many seconds to wait before the next request there; 0: none."""
        return max(0.0, self._until.get((account.pk, path), 0.0) - time.monotonic())

    def note(self, account: SocialAccount, path: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer's header fields say."""
        if headers.get("x-ratelimit-remaining") != "0":
            return
        now = time.monotonic()
        if len(self._until) >= MOST_LIMITS:
            self._until = {key: until for key, until in self._until.items() if until > now}
        self._until[account.pk, path] = now + (_seconds(headers.get("x-ratelimit-reset-after")) or 0.0)


limits: Final = Limits()


def call(
    account: SocialAccount,
    method: Method,
    path: str,
    form: Form | None = None,
    *,
    hand_over: Callable[[], bool] = lambda: True,
) -> Answer:
    """Call a method. `hand_over` is asked once connected, before anything leaves.

    Raises NotHandedOver when nothing has left, VendorAway when no answer came or none that can be read.
    """
    headers = {"Authorization": f"Bot {_plain(account.token or '')}", "User-Agent": USER_AGENT}
    response = DISCORD.ask(Request(method, path, form, headers), hand_over=hand_over)
    limits.note(account, path, response.headers)
    return read(response)


def read(response: Response) -> Answer:
    """Return what an answer says. Raises VendorAway for one that says yes and cannot be read."""
    try:
        said = json.loads(response.content or b"{}")
    except (ValueError, RecursionError):
        said = None
    if response.status < http.client.MULTIPLE_CHOICES:
        if not isinstance(said, dict | list):
            raise VendorAway("Discord's answer cannot be read.")
        return Answer(response.status, data=said)
    problem = said if isinstance(said, dict) else {}
    code, words = problem.get("code"), problem.get("message")
    fields = problem.get("errors")
    is_limited = response.status == http.client.TOO_MANY_REQUESTS
    return Answer(
        response.status,
        code=code if isinstance(code, int) else 0,
        words=words[:200] if isinstance(words, str) else http.client.responses.get(response.status, ""),
        about=frozenset(fields) if isinstance(fields, dict) else frozenset(),
        retry_after_s=_wait(problem.get("retry_after"), response.headers) if is_limited else None,
    )


def _wait(said: object, headers: Mapping[str, str]) -> float:
    """Return how long Discord wants us to wait: the longest of what it says."""
    named = [said, headers.get("retry-after"), headers.get("x-ratelimit-reset-after")]
    found = [seconds for one in named if (seconds := _seconds(one)) is not None]
    return min(max(found, default=WAIT_S), LONGEST_WAIT_S)


def _seconds(said: object) -> float | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        seconds = float(said)
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _plain(token: str) -> str:
    """Return a token that can stand in a header field; another opens nothing anyway."""
    return token if token.isascii() and token.isprintable() else ""
