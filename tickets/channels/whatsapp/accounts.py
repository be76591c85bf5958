"""A phone number as an account of ours: who are we, where do its events go."""

from typing import Final

from tickets.channels.meta.accounts import subscribe
from tickets.channels.meta.graph import result
from tickets.channels.social.calling import json_form
from tickets.channels.social.shapes import VendorRefused
from tickets.models import SocialAccount

NO_NUMBER: Final = "Give the number of the phone number at Meta (phone_number_id)."
NO_POLLING: Final = "WhatsApp keeps no events for polling: they come by webhook. To stop, switch the account off."


def who_are_we(account: SocialAccount) -> str:
    """Return the phone number as people dial it. Raises VendorAway, VendorRefused."""
    found = result(account, _number(account), fields="display_phone_number,verified_name")
    shown = [found.get(name) for name in ("display_phone_number", "verified_name")]
    words = " · ".join(word for word in shown if isinstance(word, str) and word)
    if not words:
        raise VendorRefused("WhatsApp names no phone number for this token.")
    return words[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Have events of this number sent to `url`, whatever else the application has. Raises VendorAway, VendorRefused."""
    subscribe(account, "whatsapp_business_account", "messages", url)
    override = {"override_callback_uri": url, "verify_token": account.webhook_secret}
    result(account, _number(account), json_form(webhook_configuration=override))


def delete_webhook(account: SocialAccount) -> None:
    """Raise VendorRefused: there is nothing else."""
    raise VendorRefused(NO_POLLING)


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """Raise VendorRefused: there is no such thing."""
    raise VendorRefused(NO_POLLING)


def _number(account: SocialAccount) -> str:
    if not account.external_id.isdecimal():
        raise VendorRefused(NO_NUMBER)
    return account.external_id
