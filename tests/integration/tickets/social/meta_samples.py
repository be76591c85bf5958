"""Events in the shape of Meta's documentation, and the way of one from its signed request to its end."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from tickets.delivery import social
from tickets.models import SocialAccount, SocialEvent, SocialPost, Ticket
from tickets.services import replies, social_deliveries, social_intake
from tickets.services.senders import NewFile, Sender

PAGE, PERSON = "1906385232743451", "6001"
NUMBER, CALLER = "106540352242922", "16505551234"
APP_SECRET, VERIFY = "app-secret", "a-verify-token"
POST = f"{PAGE}_1353269864728879"
COMMENT = "1353269864728879_900"


@dataclass
class MetaHook:
    """Hands requests in by the real door as Meta does, and handles what they held as a worker does."""

    account: SocialAccount

    def sign(self, raw: bytes) -> str:
        return "sha256=" + hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()

    def url(self) -> str:
        return reverse("hook", args=[self.account.kind, self.account.public_id])

    def post(self, raw: bytes, signature: str | None = "") -> int:
        headers = {} if signature is None else {"X-Hub-Signature-256": signature or self.sign(raw)}
        client = Client(enforce_csrf_checks=True)
        return client.post(self.url(), raw, content_type="application/json", headers=headers).status_code

    def take(self, raw: bytes) -> SocialEvent:
        """Hand one in and handle it; return its last row as it stands then."""
        assert self.post(raw) == 200
        row = SocialEvent.objects.latest("pk")
        social_intake.accept_waiting()
        row.refresh_from_db()
        return row


def now_ms() -> int:
    return int(time.time() * 1000)


def page(*messaging: dict[str, Any]) -> bytes:
    """Return a request about messages of a page."""
    return json.dumps(
        {"object": "page", "entry": [{"id": PAGE, "time": now_ms(), "messaging": list(messaging)}]}
    ).encode()


def messaging(person: str = PERSON, **what: Any) -> dict[str, Any]:
    return {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": now_ms(), **what}


def said(
    text: str = "Where is my deposit?", *, mid: str = "m_1457764197618", person: str = PERSON, **more: Any
) -> bytes:
    """Return a message to a page."""
    return page(messaging(person, message={"mid": mid} | ({"text": text} if text else {}) | more))


def comment(verb: str = "add", *, number: str = COMMENT, parent: str = POST, who: str = "7002", **more: Any) -> bytes:
    """Return a change of a comment below a post of the page."""
    value = {
        "from": {"id": who, "name": "Noa Berg"},
        "item": "comment",
        "comment_id": number,
        "post_id": POST,
        "parent_id": parent,
        "verb": verb,
        "created_time": int(time.time()),
        "message": "Is the card back?",
        "post": {"status_type": "mobile_status_update", "is_published": True, "id": POST},
        **more,
    }
    change = {"field": "feed", "value": value}
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": now_ms(), "changes": [change]}]}).encode()


def whatsapp(field: str = "messages", **value: Any) -> bytes:
    """Return a request about a phone number."""
    metadata = {"display_phone_number": "15550783881", "phone_number_id": NUMBER}
    change = {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}, "field": field}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [change]}]}
    ).encode()


def wa_message(kind: str = "text", *, wamid: str = "wamid.HBgLMTY1", **content: Any) -> dict[str, Any]:
    content = content or {"text": {"body": "Where is my deposit?"}}
    return {"from": CALLER, "id": wamid, "timestamp": str(int(time.time())), "type": kind, **content}


def wa_said(*messages: dict[str, Any]) -> bytes:
    """Return messages to a phone number."""
    contacts = [{"profile": {"name": "Sheena Nelson"}, "wa_id": CALLER}]
    return whatsapp(contacts=contacts, messages=list(messages) or [wa_message()])


def wa_status(wamid: str, status: str, **more: Any) -> bytes:
    """Return what became of a message of ours."""
    told = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": CALLER, **more}
    return whatsapp(statuses=[told])


def answer(ticket: Ticket, agent: Staff, text: str = "It is on its way.", *files: NewFile) -> SocialPost:
    written = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="social", words=replies.Words(text=text), attached=files
    )
    return SocialPost.objects.get(message=written)


def send(post: SocialPost) -> SocialPost:
    SocialPost.objects.filter(pk=post.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    social.deliver_post(post.pk)
    social_deliveries.record(post_pk=post.pk)
    post.refresh_from_db()
    return post
