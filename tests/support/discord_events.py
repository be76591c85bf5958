"""A bot at Discord, payloads in the shapes of Discord's documentation, and the way of one from its door to its end."""

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from nacl.signing import SigningKey

from tests.support.small_discord import APPLICATION, SERVER, TOKEN, US
from tickets.channels.discord.events import Event
from tickets.models import SocialAccount, SocialEvent
from tickets.services import discord_events, social_intake

# The first test vector of RFC 8032, 7.1.
KEY = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
PUBLIC_KEY = KEY.verify_key.encode().hex()
THEM, CHANNEL, DIRECT, FORUM, POST = "53908232506183680", "290926798999357250", "319674150115610528", "6000", "6001"
USER = {
    "id": THEM,
    "username": "mina",
    "discriminator": "0",
    "global_name": "Mina Park",
    "avatar": "a_bab14f271d565501444b2ca3be944b25",
}
MEMBER: dict[str, Any] = {
    "roles": [],
    "nick": None,
    "mute": False,
    "deaf": False,
    "joined_at": "2017-03-13T19:19:14.040000+00:00",
}
POST_THREAD = {"id": POST, "parent": FORUM, "owner": THEM, "name": "My deposit is missing"}


def said(text: str = "Where is my deposit?", *, number: str = "334385199974967042", **more: Any) -> dict[str, Any]:
    """Return a message object of a direct message, as the page on messages shows it."""
    return {
        "id": number, "channel_id": DIRECT, "author": USER, "content": text, "type": 0, "tts": False,
        "timestamp": "2017-07-11T17:27:07.299000+00:00", "edited_timestamp": None, "mention_everyone": False,
        "mentions": [], "mention_roles": [], "attachments": [], "embeds": [], "reactions": [], "pinned": False,
        "flags": 0, "components": [], "channel_type": 1, **more,
    }  # fmt: skip


def mentioning(
    text: str = f"<@{US}> where is my deposit?", *, number: str = "334385199974967100", **more: Any
) -> dict[str, Any]:
    """Return a message of a server's channel that names the bot."""
    us = {"id": US, "username": "pharos_bot", "discriminator": "0", "global_name": None, "avatar": None, "bot": True}
    on_server = {"channel_id": CHANNEL, "guild_id": SERVER, "member": MEMBER, "channel_type": 0, "mentions": [us]}
    return said(text, number=number, **(on_server | more))


def posted(text: str = "It has been a day.", *, number: str = POST, **more: Any) -> dict[str, Any]:
    """Return a message of a forum's post: the first has the post's own number."""
    return mentioning(text, number=number, **({"channel_id": POST, "channel_type": 11, "mentions": []} | more))


def deleted(number: str = "334385199974967042", **more: Any) -> dict[str, Any]:
    return {"id": number, "channel_id": DIRECT, **more}


def command(name: str, *, number: str = "786008729715212338", **options: str) -> dict[str, Any]:
    """Return an interaction as the page on receiving and responding shows it."""
    given = [{"type": 3, "name": key, "value": value} for key, value in options.items()]
    return {
        "type": 2, "token": "A_UNIQUE_TOKEN", "id": number, "application_id": APPLICATION, "guild_id": SERVER,
        "channel_id": CHANNEL, "locale": "en-US", "guild_locale": "en-US", "version": 1,
        "member": {**MEMBER, "user": USER, "permissions": "2147483647", "pending": False},
        "data": {"id": "771825006014889984", "name": name, "type": 1, **({"options": given} if given else {})},
    }  # fmt: skip


@dataclass
class DiscordHook:
    """Hands in what Discord says by its real doors, and handles it as a worker does."""

    account: SocialAccount
    client: Client

    @property
    def path(self) -> str:
        return reverse("hook", args=["discord", self.account.public_id])

    def headers(self, raw: bytes, *, key: SigningKey = KEY, moment: int | None = None) -> dict[str, str]:
        at = str(int(time.time()) if moment is None else moment)
        signature = key.sign(at.encode() + raw).signature.hex()
        return {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": at}

    def ask(self, what: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        """Send a request to the endpoint of interactions; return its answer."""
        raw = json.dumps(what).encode()
        given = self.headers(raw) if headers is None else headers
        return self.client.post(self.path, raw, content_type="application/json", headers=given)

    def hear(self, name: str, data: dict[str, Any], thread: dict[str, str] | None = None) -> int:
        """Hand in an event of the gateway as the process does; return how many were kept."""
        event = Event(name, data, US, thread)
        return discord_events.take(account=self.account, event=event, wanted=discord_events.wanted(self.account))

    def take(self, name: str, data: dict[str, Any], thread: dict[str, str] | None = None) -> SocialEvent:
        """Hand one in and handle it; return its row as it stands then."""
        assert self.hear(name, data, thread) == 1
        return self.handled()

    def handled(self) -> SocialEvent:
        row = SocialEvent.objects.latest("pk")
        social_intake.accept(event_pk=row.pk)
        row.refresh_from_db()
        return row


@pytest.fixture
def discord_account(_any_database: None) -> SocialAccount:
    return SocialAccount.objects.create(
        kind="discord", name="Pharos Support", handle="@pharos_bot", external_id=APPLICATION, app_key=PUBLIC_KEY,
        token=TOKEN,
    )  # fmt: skip


@pytest.fixture
def discord_hook(discord_account: SocialAccount) -> DiscordHook:
    return DiscordHook(discord_account, Client(enforce_csrf_checks=True))
