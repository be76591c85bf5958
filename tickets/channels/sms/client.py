"""Calls to the provider's API: by HTTPS to the configured host alone, signed in by header, no redirect, bounded."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from tickets.channels.social.calling import Form, Request, Vendor, json_object
from tickets.models import SocialAccount

PROVIDER: Final = Vendor("SMS_API_URL", "The SMS provider")
MOST_BYTES: Final = 256 * 1024
LONGEST_WORDS: Final = 200
LONGEST_REST_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says: its status, and of a no its code and words."""

    status: int
    said: Mapping[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether it is a yes."""
        return self.status in {200, 201}

    @property
    def code(self) -> int:
        """The provider's number of what is wrong; 0 when it names none."""
        code = self.said.get("code")
        return code if isinstance(code, int) else 0

    @property
    def spoken(self) -> str:
        """Say what is wrong, for staff."""
        words = self.said.get("message")
        told = words[:LONGEST_WORDS] if isinstance(words, str) else ""
        return f"The SMS provider says {self.code or self.status}: {told}".removesuffix(": ")


def call(
    account: SocialAccount,
    method: str,
    path: str,
    given: Mapping[str, str] | None = None,
    *,
    hand_over: Callable[[], bool] = lambda: True,
) -> Answer:
    """Ask for what is below the account. Raises NotHandedOver when nothing has left, VendorAway when no answer came."""
    signed = base64.b64encode(f"{account.app_key}:{account.token}".encode()).decode()
    form = None if given is None else Form(urlencode(given).encode(), "application/x-www-form-urlencoded")
    below = f"/2010-04-01/Accounts/{quote(account.app_key, safe='')}{path}"
    request = Request(method, below, form, {"Authorization": f"Basic {signed}"})
    answer = PROVIDER.ask(request, hand_over=hand_over, limit=MOST_BYTES)
    after = answer.headers.get("retry-after", "")
    rest_s = min(float(after), LONGEST_REST_S) if after.isdecimal() and len(after) < 8 else None
    return Answer(answer.status, json_object(answer.content), rest_s)
