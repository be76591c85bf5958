"""The demo's stand-in for Telegram: what a customer and our bot have said to each other, kept as files.

It plays the customer by real updates to the real webhook, and the Bot API by answering what the worker asks.
"""

import http.client
import json
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from core.filenames import safe_filename
from tickets.channels.telegram.accounts import SECRET_HEADER
from tickets.models import SocialAccount, SocialKind
from tickets.services import social_accounts

CHAT_ID: Final = 7_000_001
PROFILE: Final = {"id": CHAT_ID, "is_bot": False, "first_name": "Demo", "last_name": "Customer"}
TIMEOUT_S: Final = 10
SHOWN: Final = 200
_NAME = re.compile(r"[0-9]{1,20}\Z")


class HookSilent(Exception):
    """The webhook could not be reached or refused the update; the text says which."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `number` is its message_id and tells the time, in milliseconds."""

    number: int
    is_ours: bool
    text: str
    file: str = ""
    is_corrected: bool = False


def account(kind: str = SocialKind.TELEGRAM) -> SocialAccount | None:
    """Return the account that is played with: the oldest active one of the channel."""
    return SocialAccount.objects.filter(kind=kind, is_active=True).order_by("pk").first()


def by_token(token: str, *kinds: str) -> SocialAccount | None:
    """Return the account of Telegram, or of other channels, with this token; secrets cannot be searched, few are there."""
    found = SocialAccount.objects.filter(kind__in=kinds or [SocialKind.TELEGRAM])
    return next((one for one in found if one.token == token), None)


def conversation(of: SocialAccount) -> list[Said]:
    """Return what was said, oldest first."""
    names = sorted((path for path in _folder(of).glob("*.json")), key=lambda path: path.stem)[-SHOWN:]
    return [Said(**json.loads(path.read_text())) for path in names]


def say(of: SocialAccount, *, text: str, photo: bytes = b"") -> None:
    """Say something as the customer. Raises HookSilent."""
    number = new_number()
    said = Said(number, is_ours=False, text=text, file="photo.jpg" if photo else "")
    message = _message(number)
    if photo:
        file_path(of, str(number)).write_bytes(photo)
        sizes = [{"file_id": str(number), "file_unique_id": str(number), "width": 1, "height": 1}]
        message |= {"photo": [{**sizes[0], "file_size": len(photo)}]} | ({"caption": text} if text else {})
    else:
        message |= {"text": text}
    _tell(of, {"message": message})
    keep(of, said)


def correct(of: SocialAccount, *, number: int, text: str) -> None:
    """Let one of the customer's messages say something else. Raises HookSilent."""
    said = next((one for one in conversation(of) if one.number == number and not one.is_ours), None)
    if said is None:
        return
    words = {"caption": text} if said.file else {"text": text}
    _tell(of, {"edited_message": {**_message(number), "edit_date": int(time.time()), **words}})
    keep(of, Said(number, is_ours=False, text=text, file=said.file, is_corrected=True))


def answer(of: SocialAccount, method: str, fields: dict[str, str], file: str = "") -> dict[str, Any]:
    """Answer a call of the Bot API."""
    if method == "getMe":
        return {"id": 1, "is_bot": True, "first_name": of.name, "username": "pharos_demo_bot"}
    if method == "getFile":
        return {"file_id": fields.get("file_id", ""), "file_path": fields.get("file_id", "")}
    if method in {"sendMessage", "sendPhoto", "sendDocument"}:
        number = new_number()
        keep(of, Said(number, is_ours=True, text=fields.get("text", ""), file=safe_filename(file) if file else ""))
        return {"message_id": number}
    return {}


def file_path(of: SocialAccount, name: str) -> Path:
    """Return where a file that the customer sent lies. Raises ValueError for a name that is none."""
    if not _NAME.match(name):
        raise ValueError(name)
    return _folder(of) / f"{name}.file"


def _message(number: int) -> dict[str, Any]:
    chat = {"id": CHAT_ID, "type": "private", "first_name": "Demo", "last_name": "Customer"}
    return {"message_id": number, "date": int(time.time()), "chat": chat, "from": PROFILE}


def _tell(of: SocialAccount, what: dict[str, Any]) -> None:
    """Hand in an update with the account's secret, as Telegram does."""
    hand_in(of, json.dumps({"update_id": new_number(), **what}).encode(), {SECRET_HEADER: of.webhook_secret or ""})


def hand_in(of: SocialAccount, raw: bytes, headers: dict[str, str]) -> None:
    """Hand bytes to the webhook over the network, as a vendor does. Raises HookSilent."""
    url = urlsplit(social_accounts.hook_url(of))
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", url.path, raw, {"Content-Type": "application/json", **headers})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise HookSilent(type(error).__name__) from error
    finally:
        connection.close()
    if status != http.client.OK:
        raise HookSilent(str(status))


def keep(of: SocialAccount, said: Said) -> None:
    """Keep a message of the conversation, in the place of the one with its number."""
    (_folder(of) / f"{said.number:020d}.json").write_text(json.dumps(asdict(said)))


def _folder(of: SocialAccount) -> Path:
    folder = Path(settings.POSTBOX_DIR).with_name("channels") / of.public_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def new_number() -> int:
    """Return a number for a message that tells the time."""
    return time.time_ns() // 1_000_000
