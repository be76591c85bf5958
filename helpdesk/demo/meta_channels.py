"""The demo's stand-in for Meta: a customer in Messenger and one in WhatsApp, played by really signed events.

What was said is kept as for Telegram; the Graph API is answered below `/demo/channels/meta`.
"""

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from core.filenames import safe_filename
from helpdesk.demo import channels
from helpdesk.demo.channels import Said
from tickets.channels.meta.door import SIGNATURE_HEADER, signature
from tickets.models import SocialAccount, SocialKind

KINDS: Final = (SocialKind.MESSENGER.value, SocialKind.WHATSAPP.value)
PERSON: Final = "7000002"
CALLER: Final = "15550100001"
NAME: Final = "Demo Customer"


def say(of: SocialAccount, *, text: str, photo: bytes = b"") -> None:
    """Say something as the customer. Raises HookSilent."""
    number = channels.new_number()
    if photo:
        channels.file_path(of, str(number)).write_bytes(photo)
    if of.kind == SocialKind.MESSENGER:
        picture = {"attachments": [{"type": "image", "payload": {"url": _file_url(of, number)}}]} if photo else {}
        _tell_of_person(of, message={"mid": f"m_demo-{number}", **({"text": text} if text else {}), **picture})
    elif photo:
        media = {"id": f"{number}", "mime_type": "image/jpeg", **({"caption": text} if text else {})}
        _tell_of_number(of, messages=[_message(number, "image", image=media)])
    else:
        _tell_of_number(of, messages=[_message(number, "text", text={"body": text})])
    channels.keep(of, Said(number, is_ours=False, text=text, file="photo.jpg" if photo else ""))


def correct(of: SocialAccount, *, number: int, text: str) -> None:
    """Let one of the customer's messages say something else. Raises HookSilent."""
    said = next((one for one in channels.conversation(of) if one.number == number and not one.is_ours), None)
    if said is None:
        return
    if of.kind == SocialKind.MESSENGER:
        changes = int(time.time())
        _tell_of_person(of, message_edit={"mid": f"m_demo-{number}", "text": text, "num_edit": changes})
    else:
        edit = {
            "original_message_id": f"wamid.demo-{number}",
            "message": {"type": "text", "text": {"body": text}},
        }
        _tell_of_number(of, messages=[_message(channels.new_number(), "edit", edit=edit)])
    channels.keep(of, Said(number, is_ours=False, text=text, file=said.file, is_corrected=True))


def read(of: SocialAccount) -> None:
    """Read, as the customer, what was sent. Raises HookSilent."""
    if of.kind == SocialKind.MESSENGER:
        _tell_of_person(of, read={"watermark": channels.new_number()})
        return
    ours = [one for one in channels.conversation(of) if one.is_ours]
    told = {"status": "read", "timestamp": str(int(time.time())), "recipient_id": CALLER}
    if ours:
        _tell_of_number(of, statuses=[{"id": f"wamid.demo-{one.number}", **told} for one in ours])


def answer(of: SocialAccount, method: str, path: str, fields: Mapping[str, Any], file: str = "") -> dict[str, Any]:
    """Answer a call of the Graph API."""
    what = path.rpartition("/")[2]
    if method == "GET":
        return _thing(of, what)
    number = channels.new_number()
    if what == "media":
        channels.keep(of, Said(number, is_ours=True, text="", file=safe_filename(file)))
        return {"id": f"{number}"}
    if what == "messages" and of.kind == SocialKind.WHATSAPP:
        if fields.get("type") in {"text", "template"}:
            channels.keep(of, Said(number, is_ours=True, text=_words(fields)))
        return {"messaging_product": "whatsapp", "messages": [{"id": f"wamid.demo-{number}"}]}
    if what in {"messages", "comments"}:
        name = safe_filename(file) if file else ""
        channels.keep(of, Said(number, is_ours=True, text=_words(fields), file=name))
        return {"recipient_id": PERSON, "message_id": f"m_demo-{number}", "id": f"1_{number}"}
    return {"success": True}


def _thing(of: SocialAccount, what: str) -> dict[str, Any]:
    if what in {"me", of.external_id}:
        return {"id": of.external_id, "name": of.name, "display_phone_number": "+1 555 0100", "verified_name": of.name}
    if what == PERSON:
        return {"id": what, "name": NAME}
    return {"id": what, "url": _file_url(of, int(what)) if what.isdecimal() else ""}


def _words(fields: Mapping[str, Any]) -> str:
    """Return the text that was sent, of a template its name and values."""
    template = fields.get("template")
    if isinstance(template, dict):
        values = [one["text"] for part in template.get("components", []) for one in part["parameters"]]
        return " · ".join([template["name"], *values])
    said = fields.get("text") or fields.get("message")
    return str(said.get("text") or said.get("body") or "") if isinstance(said, dict) else ""


def _file_url(of: SocialAccount, number: int) -> str:
    return f"{settings.META_GRAPH_URL}/files/{of.public_id}/{number}"


def _message(number: int, kind: str, **content: Any) -> dict[str, Any]:
    return {
        "from": CALLER, "id": f"wamid.demo-{number}", "timestamp": str(int(time.time())), "type": kind, **content,
    }  # fmt: skip


def _tell_of_person(of: SocialAccount, **what: Any) -> None:
    now = channels.new_number()
    said = {"sender": {"id": PERSON}, "recipient": {"id": of.external_id}, "timestamp": now, **what}
    _hand_in(of, {"object": "page", "entry": [{"id": of.external_id, "time": now, "messaging": [said]}]})


def _tell_of_number(of: SocialAccount, **what: Any) -> None:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": of.external_id},
        "contacts": [{"profile": {"name": NAME}, "wa_id": CALLER}],
        **what,
    }
    change = {"field": "messages", "value": value}
    _hand_in(of, {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]})


def _hand_in(of: SocialAccount, what: dict[str, Any]) -> None:
    raw = json.dumps(what).encode()
    channels.hand_in(of, raw, {SIGNATURE_HEADER: signature(of.app_secret or "", raw)})
