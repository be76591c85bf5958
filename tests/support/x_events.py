"""An account at X, events in the shapes of X's documentation, and the way of one from its door to its end."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.small_x import KEY, SECRET, TOKEN, TOKEN_SECRET, US
from tickets.models import SocialAccount, SocialEvent
from tickets.services import social_intake

THEM = "3001969357"
THEIR_USER = {
    "id": THEM,
    "created_timestamp": "1422556069340",
    "name": "Mina Park",
    "screen_name": "minapark",
    "location": "Boulder, CO",
    "protected": False,
    "verified": False,
    "followers_count": 22,
}
OUR_USER = {"id": US, "created_timestamp": "1447698226", "name": "Pharos", "screen_name": "PharosHelp"}


def request(us: str = US, /, **what: Any) -> bytes:
    """Return what X posts to the webhook."""
    return json.dumps({"for_user_id": us, **what}).encode()


def direct(text: str = "Where is my deposit?", *, number: str = "954491830116155396", **more: Any) -> dict[str, Any]:
    """Return one of `direct_message_events`, as the page on the Account Activity payload shows it."""
    data = {"text": text, "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []}, **more}
    return {
        "type": "message_create",
        "id": number,
        "created_timestamp": "1516403560557",
        "message_create": {
            "target": {"recipient_id": US},
            "sender_id": THEM,
            "source_app_id": "13090192",
            "message_data": data,
        },
    }


def told(*events: dict[str, Any]) -> bytes:
    """Return direct messages with the apps and users that X sends along."""
    apps = {"13090192": {"id": "13090192", "name": "X for iPhone", "url": "https://x.com"}}
    return request(direct_message_events=list(events), apps=apps, users={THEM: THEIR_USER, US: OUR_USER})


def post(
    text: str = "@PharosHelp my deposit is missing", *, number: str = "1050118621198921728", **more: Any
) -> dict[str, Any]:
    """Return one of `tweet_create_events` that mentions us."""
    mention = {"screen_name": "PharosHelp", "name": "Pharos", "id": int(US), "id_str": US, "indices": [0, 11]}
    return {
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "id": int(number),
        "id_str": number,
        "text": text,
        "truncated": False,
        "in_reply_to_status_id": None,
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id": None,
        "in_reply_to_user_id_str": None,
        "user": {"id": int(THEM), "id_str": THEM, "name": "Mina Park", "screen_name": "minapark", "lang": None},
        "entities": {"hashtags": [], "urls": [], "user_mentions": [mention], "symbols": []},
        "timestamp_ms": "1539202764000",
        **more,
    }


def answering(parent: str, whose: str = US) -> dict[str, Any]:
    """Return the fields by which a post answers another."""
    return {
        "in_reply_to_status_id": int(parent),
        "in_reply_to_status_id_str": parent,
        "in_reply_to_user_id": int(whose),
        "in_reply_to_user_id_str": whose,
    }


def mentioned(*posts: dict[str, Any], **more: Any) -> bytes:
    return request(tweet_create_events=list(posts), user_has_blocked=False, **more)


def deleted(number: str, whose: str = THEM) -> bytes:
    status = {"id": number, "user_id": whose}
    return request(tweet_delete_events=[{"status": status, "timestamp_ms": "1432228155593"}])


def signed(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


@dataclass
class XHook:
    """Hands events in by the real door, and handles them as a worker does."""

    account: SocialAccount
    client: Client

    @property
    def path(self) -> str:
        return reverse("hook", args=["x", self.account.public_id])

    def post(self, raw: bytes, signature: str | None = "right") -> int:
        given = signed(raw) if signature == "right" else signature
        headers = {} if given is None else {"x-twitter-webhooks-signature": given}
        return self.client.post(self.path, raw, content_type="application/json", headers=headers).status_code

    def take(self, raw: bytes) -> SocialEvent:
        """Hand one in and handle it; return its row as it stands then."""
        assert self.post(raw) == 200
        row = SocialEvent.objects.latest("pk")
        social_intake.accept(event_pk=row.pk)
        row.refresh_from_db()
        return row


@pytest.fixture
def x_account(_any_database: None) -> SocialAccount:
    return SocialAccount.objects.create(
        kind="x", name="Pharos at X", external_id=US, app_key=KEY, app_secret=SECRET, token=TOKEN,
        token_secret=TOKEN_SECRET,
    )  # fmt: skip


@pytest.fixture
def x_hook(x_account: SocialAccount) -> XHook:
    return XHook(x_account, Client(enforce_csrf_checks=True))
