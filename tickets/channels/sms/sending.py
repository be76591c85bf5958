"""Sending SMS: plain text, each message named by the provider, whose receipts come to the same address as messages."""

from tickets.channels.sms.client import call
from tickets.channels.sms.counting import parts
from tickets.channels.sms.door import hook_url
from tickets.channels.sms.outcomes import outcome
from tickets.channels.sms.reading import SID
from tickets.channels.social.calling import NotHandedOver
from tickets.channels.social.shapes import NO_FILES, HandOver, OutgoingFile, Sent, VendorAway
from tickets.models import SocialAccount

__all__ = ["parts", "send_file", "send_text"]


def send_text(account: SocialAccount, chat_id: str, text: str, *, hand_over: HandOver) -> Sent:
    """Send one message; the network cuts it into SMS."""
    given = {"To": chat_id, "From": account.external_id, "Body": text, "StatusCallback": hook_url(account)}
    try:
        answer = call(account, "POST", "/Messages.json", given, hand_over=hand_over)
    except NotHandedOver as error:
        return Sent("retry", str(error), is_channel_down=not error.is_lost)
    except VendorAway as error:
        return Sent("retry", str(error), is_unanswered=True)
    sid = answer.said.get("sid")
    return outcome(answer, sid if isinstance(sid, str) and SID.match(sid) else "")


def send_file(account: SocialAccount, chat_id: str, file: OutgoingFile, *, hand_over: HandOver) -> Sent:
    """Fail: an SMS carries no file."""
    return Sent("failed", NO_FILES)
