"""A page as an account of ours: who are we, where do its events go."""

from typing import Final

from tickets.channels.meta.accounts import subscribe
from tickets.channels.meta.graph import result
from tickets.channels.social.calling import json_form
from tickets.channels.social.shapes import VendorRefused
from tickets.models import SocialAccount

# What we take; anything else is not even sent to us.
WANTED: Final = "messages,messaging_postbacks,message_deliveries,message_reads,message_edits,feed"
NO_POLLING: Final = "Meta keeps no events for polling: they come by webhook. To stop, switch the account off."


def who_are_we(account: SocialAccount) -> str:
    """Return the page's name. Raises VendorAway, VendorRefused: also when the token is another page's."""
    found = result(account, "me", fields="id,name")
    if account.external_id and found.get("id") != account.external_id:
        raise VendorRefused("This token belongs to another page.")
    name = found.get("name")
    if not isinstance(name, str) or not name:
        raise VendorRefused("Meta names no page for this token.")
    return name[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Tell the application where events go, if its number is known, and subscribe it to the page.

    Raises VendorAway, VendorRefused.
    """
    subscribe(account, "page", WANTED, url)
    result(account, f"{account.external_id or 'me'}/subscribed_apps", json_form(subscribed_fields=WANTED))


def delete_webhook(account: SocialAccount) -> None:
    """Raise VendorRefused: there is nothing else."""
    raise VendorRefused(NO_POLLING)


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """Raise VendorRefused: there is no such thing."""
    raise VendorRefused(NO_POLLING)
