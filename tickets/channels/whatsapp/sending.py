"""Sending by WhatsApp: text, files by their number after an upload, and templates."""

from typing import Any, Final

from tickets.channels.meta.graph import call
from tickets.channels.meta.outcomes import outcome
from tickets.channels.social.calling import NotHandedOver, json_form, multipart
from tickets.channels.social.cutting import pieces
from tickets.channels.social.shapes import FilledTemplate, HandOver, OutgoingFile, Sent, VendorAway
from tickets.models import SocialAccount

LONGEST_TEXT: Final = 4096
MEGABYTE: Final = 1024 * 1024
# What is shown as what it is, up to its size in bytes; anything else goes as a document.
KINDS: Final = {
    "image": (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    "audio": (frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"}), 16 * MEGABYTE),
    "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}
NO_NUMBER: Final = "This account names no phone number of Meta's."


def parts(text: str) -> list[str]:
    """Cut a text into pieces of at most 4096 characters."""
    return pieces(text, LONGEST_TEXT)


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one piece of plain text; links in it get no preview."""
    return _send(account, chat_id, hand_over, type="text", text={"preview_url": False, "body": text})


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Upload a file and send it by its number. Only the sending counts as handed over: nobody sees an upload."""
    kind = next(
        (kind for kind, (types, limit) in KINDS.items() if file.content_type in types and len(file.content) <= limit),
        "document",
    )
    fields = {"messaging_product": "whatsapp", "type": file.content_type}
    try:
        answer = call(account, f"{account.external_id}/media", multipart(fields, "file", file))
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=True)
    except VendorAway as error:
        return Sent("retry", str(error))
    if not answer.is_ok:
        return outcome(answer)
    media: dict[str, Any] = {"id": answer.said.get("id")}
    if kind == "document":
        media["filename"] = file.name
    return _send(account, chat_id, hand_over, type=kind, **{kind: media})


def send_template(account: SocialAccount, chat_id: str, template: FilledTemplate, *, hand_over: HandOver) -> Sent:
    """Send a text that WhatsApp has approved, with its values in their order."""
    said: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if template.values:
        parameters = [{"type": "text", "text": value} for value in template.values]
        said["components"] = [{"type": "body", "parameters": parameters}]
    return _send(account, chat_id, hand_over, type="template", template=said)


def _send(account: SocialAccount, chat_id: str, hand_over: HandOver, **what: Any) -> Sent:
    if not account.external_id:
        return Sent("retry", NO_NUMBER, is_channel_down=True)
    form = json_form(messaging_product="whatsapp", recipient_type="individual", to=chat_id, **what)
    try:
        answer = call(account, f"{account.external_id}/messages", form, hand_over=hand_over)
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost)
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True)
    messages = answer.said.get("messages")
    first = messages[0] if isinstance(messages, list) and messages and isinstance(messages[0], dict) else {}
    wamid = first.get("id")
    return outcome(answer, wamid[:200] if isinstance(wamid, str) else "")
