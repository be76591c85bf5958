"""The demo's stand-in for the SMS provider: a customer's phone, played by really signed forms to the real webhook.

What was said is kept as for Telegram; the provider's API is answered below `/demo/channels/sms/api`.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from helpdesk.demo import channels
from helpdesk.demo.channels import Said
from tickets.channels.sms.door import SIGNATURE_HEADER, hook_url
from tickets.models import SocialAccount, SocialKind

KINDS: Final = (SocialKind.SMS.value,)
THEM: Final = "+15550100003"


def say(of: SocialAccount, *, text: str, photo: bytes = b"") -> None:
    """Send an SMS as the customer; a picture is left out. Raises HookSilent."""
    del photo
    number = channels.new_number()
    _tell(of, From=THEM, To=of.external_id, Body=text, MessageSid=_sid(number), NumMedia="0", SmsStatus="received")
    channels.keep(of, Said(number, is_ours=False, text=text))


def read(of: SocialAccount) -> None:
    """Say, as the network does, that what was sent has been delivered. Raises HookSilent."""
    for one in channels.conversation(of):
        if one.is_ours:
            _tell(of, From=of.external_id, To=THEM, MessageSid=_sid(one.number), MessageStatus="delivered")


def answer(of: SocialAccount, method: str, path: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Answer a call of the provider's API; None for what is not played."""
    if method == "POST" and path == "Messages.json":
        number = channels.new_number()
        channels.keep(of, Said(number, is_ours=True, text=fields.get("Body", "")))
        return {"sid": _sid(number), "status": "queued"}
    here = {"sid": f"PN{0:032d}", "phone_number": of.external_id, "friendly_name": of.name}
    return {"incoming_phone_numbers": [here], **here} if path.startswith("IncomingPhoneNumbers") else None


def _sid(number: int) -> str:
    return f"SM{number:032d}"


def _tell(of: SocialAccount, **form: str) -> None:
    signature = str(RequestValidator(of.token).compute_signature(hook_url(of), form))
    headers = {SIGNATURE_HEADER: signature, "Content-Type": "application/x-www-form-urlencoded"}
    channels.hand_in(of, urlencode(form).encode(), headers)
