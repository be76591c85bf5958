"""An SMS provider for tests: forms signed as its are, and its API as real HTTP, answered by a small Twilio."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.conf import settings as here
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.support.small_twilio import ACCOUNT, TOKEN, SmallTwilio, running, signature
from tickets.models import SocialAccount, SocialEvent
from tickets.services import social_intake

OURS, THEM = "+442079460018", "+14158675310"
RIGHT = "right"


def sid(number: int = 1) -> str:
    return f"SM{number:032x}"


def text(body: str = "Where is my deposit?", *, number: int = 1, **more: str) -> dict[str, str]:
    """Return a message as the vendor's page on its webhook lists the fields."""
    return {
        "ToCountry": "GB", "SmsMessageSid": sid(number), "NumMedia": "0", "SmsSid": sid(number), "FromState": "CA",
        "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "US", "To": OURS, "NumSegments": "1",
        "MessageSid": sid(number), "AccountSid": ACCOUNT, "From": THEM, "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip


def receipt(name: str, state: str, **more: str) -> dict[str, str]:
    return {
        "SmsSid": name, "SmsStatus": state, "MessageStatus": state, "To": THEM, "MessageSid": name,
        "AccountSid": ACCOUNT, "From": OURS, "ApiVersion": "2010-04-01", **more,
    }  # fmt: skip


@dataclass
class SmsHook:
    """Hands forms in by the real door, and handles them as a worker does."""

    account: SocialAccount
    client: Client

    @property
    def path(self) -> str:
        return reverse("hook", args=["sms", self.account.public_id])

    def post(self, form: dict[str, str], signed: str | None = RIGHT, raw: bytes | None = None) -> int:
        given = signature(f"{here.SITE_URL}{self.path}", form) if signed == RIGHT else signed
        content = urlencode(form).encode() if raw is None else raw
        answer = self.client.post(
            self.path, content, content_type="application/x-www-form-urlencoded",
            headers={} if given is None else {"X-Twilio-Signature": given},
        )  # fmt: skip
        return answer.status_code

    def take(self, form: dict[str, str]) -> SocialEvent:
        """Hand one in and handle it; return its row as it stands then."""
        assert self.post(form) == 200
        row = SocialEvent.objects.latest("pk")
        social_intake.accept(event_pk=row.pk)
        row.refresh_from_db()
        return row


@pytest.fixture
def sms(_any_database: None) -> SmsHook:
    account = SocialAccount.objects.create(
        kind="sms", name="Pharos by SMS", external_id=OURS, app_key=ACCOUNT, token=TOKEN
    )
    return SmsHook(account, Client(enforce_csrf_checks=True))


@pytest.fixture
def small_sms(settings: Settings) -> Iterator[SmallTwilio]:
    """A small API that this process's settings name."""
    with running(SmallTwilio()) as found:
        settings.SMS_API_URL = found.url
        yield found
