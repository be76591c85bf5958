"""The demo's stand-in for Discord: a customer's direct messages, forum posts and commands, and what we answered.

It has no gateway: what that would tell is handed to the function that the listening process calls. Commands are signed
as Discord signs them and go to the real endpoint; the worker's calls of the API are answered. What was said lies in files.
"""

import http.client
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from nacl.signing import SigningKey

from helpdesk.demo.channels import HookSilent
from tickets.channels.discord.accounts import SIGNATURE_HEADER, TIMESTAMP_HEADER
from tickets.channels.discord.events import CREATED, Event
from tickets.channels.discord.interactions import COMMAND, QUESTION
from tickets.models import SocialAccount, SocialKind
from tickets.services import discord_events, social_accounts

THEM, SERVER, FORUM, OUR_BOT = "7000002", "7000010", "7000020", "7000003"
HANDLE: Final = "pharos_demo_bot"
TIMEOUT_S: Final = 10
SHOWN: Final = 200
# Discord's numbers: milliseconds from its epoch on, above 22 bits.
EPOCH_MS: Final = 1_420_070_400_000
DIRECT, POSTED, ALONE = "direct", "post", "alone"


@dataclass(frozen=True, slots=True)
class Said:
    """One message, as its number tells when; `way` is how it was said, `title` a forum post's."""

    number: int
    is_ours: bool
    way: str
    text: str
    title: str = ""

    @property
    def at_s(self) -> float:
        """When, in seconds since 1970."""
        return ((self.number >> 22) + EPOCH_MS) / 1000


def account() -> SocialAccount | None:
    """Return the account that is played with: the oldest active one."""
    return SocialAccount.objects.filter(kind=SocialKind.DISCORD, is_active=True).order_by("pk").first()


def by_token(token: str) -> SocialAccount | None:
    """Return the account with this token; secrets cannot be searched, and there are few."""
    found = SocialAccount.objects.filter(kind=SocialKind.DISCORD)
    return next((one for one in found if token and one.token == token), None)


def conversation(of: SocialAccount) -> list[Said]:
    """Return what was said, oldest first."""
    names = sorted(_folder(of).glob("*.json"), key=lambda path: path.stem)[-SHOWN:]
    return [Said(**json.loads(path.read_text())) for path in names]


def say(of: SocialAccount, *, text: str, title: str = "") -> None:
    """Write to us as the customer: a direct message, or with a title a post of the watched forum."""
    number = _number()
    user = {"id": THEM, "username": "democustomer", "global_name": "Demo Customer"}
    data: dict[str, Any] = {"id": str(number), "author": user, "content": text, "type": 0, "mentions": []}
    thread = None
    if title:
        data |= {"channel_id": str(number), "guild_id": SERVER, "member": {"nick": None, "roles": []}}
        thread = {"id": str(number), "parent": FORUM, "owner": THEM, "name": title}
    else:
        data["channel_id"] = f"9{THEM}"
    event = Event(CREATED, data, OUR_BOT, thread)
    discord_events.take(account=of, event=event, wanted=discord_events.wanted(of))
    _keep(of, Said(number, is_ours=False, way=POSTED if title else DIRECT, text=text, title=title))


def command(of: SocialAccount, name: str, *, text: str = "") -> None:
    """Give the bot a command, signed, and keep what only its asker is told. Raises HookSilent."""
    number = _number()
    options = [{"name": QUESTION, "type": 3, "value": text}] if text else []
    what = {
        "id": str(number), "type": COMMAND, "application_id": of.external_id, "token": "demo", "locale": "en-GB",
        "channel_id": FORUM, "guild_id": SERVER, "data": {"name": name, "options": options},
        "member": {"roles": [], "user": {"id": THEM, "username": "democustomer", "global_name": "Demo Customer"}},
    }  # fmt: skip
    told = _ask(of, json.dumps(what).encode())
    _keep(of, Said(number, is_ours=False, way=ALONE, text=f"/{name} {text}".strip()))
    _keep(of, Said(_number(), is_ours=True, way=ALONE, text=str(told.get("content") or "")))


def answer(of: SocialAccount, method: str, path: str, fields: dict[str, Any]) -> Any:  # noqa: ANN401 -- as Discord says it
    """Answer a call of Discord's API; None for a method that is not played."""
    number = _number()
    parts = path.split("/")
    if path == "users/@me":
        return {"id": OUR_BOT, "username": HANDLE, "bot": True}
    if path == "applications/@me":
        return {"id": of.external_id, "name": of.name, "verify_key": of.app_key}
    if path == "users/@me/channels":
        return {"id": f"9{fields.get('recipient_id')}", "type": 1}
    if (method, parts[0], parts[-1]) == ("PUT", "applications", "commands"):
        return []
    if (method, parts[0], parts[-1]) == ("POST", "channels", "messages"):
        way = DIRECT if parts[1] == f"9{THEM}" else POSTED
        _keep(of, Said(number, is_ours=True, way=way, text=str(fields.get("content") or fields.get("file") or "")))
        return {"id": str(number), "channel_id": parts[1]}
    return None


def _ask(of: SocialAccount, raw: bytes) -> dict[str, Any]:
    """Send a request to the endpoint of interactions, over the network and signed; return what is said."""
    url, stamp = urlsplit(social_accounts.hook_url(of)), str(int(time.time()))
    signature = SigningKey(bytes.fromhex(of.app_secret or "")).sign(stamp.encode() + raw).signature.hex()
    headers = {SIGNATURE_HEADER: signature, TIMESTAMP_HEADER: stamp, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", url.path, raw, headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise HookSilent(type(error).__name__) from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise HookSilent(str(response.status))
    told = json.loads(content).get("data")
    return told if isinstance(told, dict) else {}


def _keep(of: SocialAccount, said: Said) -> None:
    (_folder(of) / f"{said.number:020d}.json").write_text(json.dumps(asdict(said)))


def _folder(of: SocialAccount) -> Path:
    folder = Path(settings.POSTBOX_DIR).with_name("channels") / of.public_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _number() -> int:
    now = time.time_ns()
    return ((now // 1_000_000 - EPOCH_MS) << 22) | ((now // 1_000) % 1_000 << 12)
