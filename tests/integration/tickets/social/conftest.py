"""A connected account, updates in the shape of Telegram's documentation, and the way of one from its door to its end."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.integration.tickets.social.meta_samples import APP_SECRET, NUMBER, PAGE, VERIFY, MetaHook
from tests.support import small_meta
from tests.support.small_telegram import TOKEN
from tickets.models import SocialAccount, SocialEvent
from tickets.services import social_intake

SECRET = "a-secret_of-the-webhook"
USER = {
    "id": 1111,
    "is_bot": False,
    "first_name": "Mina",
    "last_name": "Park",
    "username": "mina",
    "language_code": "en",
}


@pytest.fixture
def account(_any_database: None) -> SocialAccount:
    return SocialAccount.objects.create(kind="telegram", name="Pharos Support", token=TOKEN, webhook_secret=SECRET)


def message(text: str = "Where is my deposit?", *, number: int = 1365, **more: Any) -> dict[str, Any]:
    """Return a message in a private chat, as the Bot API's page on webhooks shows it."""
    said: dict[str, Any] = {
        "message_id": number,
        "date": 1441645532,
        "chat": {"id": 1111, "type": "private", "first_name": "Mina", "last_name": "Park", "username": "mina"},
        "from": USER,
    }
    return said | ({"text": text} if text else {}) | more


def update(update_id: int = 10000, /, **what: Any) -> bytes:
    return json.dumps({"update_id": update_id, **what}).encode()


@dataclass
class Hook:
    """Hands updates in by the real door, and handles them as a worker does."""

    account: SocialAccount
    client: Client

    def post(self, raw: bytes, secret: str | None = SECRET, public_id: str = "") -> int:
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        url = reverse("hook", args=["telegram", public_id or self.account.public_id])
        return self.client.post(url, raw, content_type="application/json", headers=headers).status_code

    def take(self, raw: bytes) -> SocialEvent:
        """Hand one in and handle it; return its row as it stands then."""
        assert self.post(raw) == 200
        row = SocialEvent.objects.latest("pk")
        social_intake.accept(event_pk=row.pk)
        row.refresh_from_db()
        return row


@pytest.fixture
def hook(account: SocialAccount) -> Hook:
    return Hook(account, Client(enforce_csrf_checks=True))


def meta_account(kind: str, number: str) -> SocialAccount:
    return SocialAccount.objects.create(
        kind=kind, name="Pharos", token=small_meta.TOKEN, app_secret=APP_SECRET, webhook_secret=VERIFY,
        external_id=number,
    )  # fmt: skip


@pytest.fixture
def messenger(_any_database: None, meta: small_meta.SmallMeta) -> MetaHook:
    """A page; who writes to it is asked for what they are called, which nobody here tells unless it is planned."""
    return MetaHook(meta_account("messenger", PAGE))


@pytest.fixture
def whatsapp(_any_database: None) -> MetaHook:
    return MetaHook(meta_account("whatsapp", NUMBER))
