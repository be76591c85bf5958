"""The demo's stand-in for X: a customer's direct messages and posts, and what we answered, kept as files.

It plays the customer by events, signed as X signs them, to the real webhook, and X's API by answering the worker.
"""

import http.client
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from helpdesk.demo.channels import HookSilent
from tickets.channels.x.accounts import SIGNATURE_HEADER, signed
from tickets.models import SocialAccount, SocialKind
from tickets.services import social_accounts

THEM: Final = "7000002"
THEIR_HANDLE, OUR_HANDLE = "democustomer", "PharosExchange"
TIMEOUT_S: Final = 10
SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Said:
    """One message or post; `number` is its id and tells the time, in milliseconds. `below` is the post it answers."""

    number: int
    is_ours: bool
    is_public: bool
    text: str
    below: str = ""


def account() -> SocialAccount | None:
    """Return the account that is played with: the oldest active one."""
    return SocialAccount.objects.filter(kind=SocialKind.X, is_active=True).order_by("pk").first()


def by_token(token: str) -> SocialAccount | None:
    """Return the account with this token; secrets cannot be searched, and there are few."""
    found = SocialAccount.objects.filter(kind=SocialKind.X)
    return next((one for one in found if token and one.token == token), None)


def conversation(of: SocialAccount) -> list[Said]:
    """Return what was said, oldest first."""
    names = sorted(_folder(of).glob("*.json"), key=lambda path: path.stem)[-SHOWN:]
    return [Said(**json.loads(path.read_text())) for path in names]


def say(of: SocialAccount, *, text: str, is_public: bool) -> None:
    """Write to us as the customer: a direct message, or a post that mentions us. Raises HookSilent."""
    number = _number()
    _tell(of, _mention(of, number, text) if is_public else _message(of, number, text))
    _keep(of, Said(number, is_ours=False, is_public=is_public, text=text))


def answer(of: SocialAccount, method: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    """Answer a call of X's API; None for a method that is not played."""
    number = _number()
    text = str(fields.get("text") or "")
    if method == "2/users/me":
        return {"id": of.external_id, "name": of.name, "username": OUR_HANDLE}
    if method == "2/tweets":
        below = fields.get("reply")
        below = str(below.get("in_reply_to_tweet_id")) if isinstance(below, dict) else ""
        _keep(of, Said(number, is_ours=True, is_public=True, text=text, below=below))
        return {"id": str(number), "text": text}
    if method == f"2/dm_conversations/with/{THEM}/messages":
        _keep(of, Said(number, is_ours=True, is_public=False, text=text))
        return {"dm_conversation_id": f"{THEM}-{of.external_id}", "dm_event_id": str(number)}
    return None


def _message(of: SocialAccount, number: int, text: str) -> dict[str, Any]:
    created = {
        "target": {"recipient_id": of.external_id},
        "sender_id": THEM,
        "message_data": {"text": text, "entities": {"urls": []}},
    }
    event = {"type": "message_create", "id": str(number), "created_timestamp": str(number), "message_create": created}
    them = {"id": THEM, "name": "Demo Customer", "screen_name": THEIR_HANDLE}
    return {"direct_message_events": [event], "users": {THEM: them}}


def _mention(of: SocialAccount, number: int, text: str) -> dict[str, Any]:
    mention = {"id_str": of.external_id, "screen_name": OUR_HANDLE}
    post = {
        "id_str": str(number),
        "text": f"@{OUR_HANDLE} {text}",
        "in_reply_to_status_id_str": None,
        "in_reply_to_user_id_str": None,
        "user": {"id_str": THEM, "name": "Demo Customer", "screen_name": THEIR_HANDLE},
        "entities": {"urls": [], "user_mentions": [mention]},
        "timestamp_ms": str(number),
    }
    return {"tweet_create_events": [post], "user_has_blocked": False}


def _tell(of: SocialAccount, what: dict[str, Any]) -> None:
    """Hand an event to the webhook, over the network and signed, as X does."""
    url = urlsplit(social_accounts.hook_url(of))
    raw = json.dumps({"for_user_id": of.external_id, **what}).encode()
    headers = {SIGNATURE_HEADER: signed(of, raw), "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", url.path, raw, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise HookSilent(type(error).__name__) from error
    finally:
        connection.close()
    if status != http.client.OK:
        raise HookSilent(str(status))


def _keep(of: SocialAccount, said: Said) -> None:
    (_folder(of) / f"{said.number:020d}.json").write_text(json.dumps(asdict(said)))


def _folder(of: SocialAccount) -> Path:
    folder = Path(settings.POSTBOX_DIR).with_name("channels") / of.public_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _number() -> int:
    return time.time_ns() // 1_000_000
