"""A number as an account of ours: is it there, and where do its messages go."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from tickets.channels.sms.client import call
from tickets.channels.social.calling import NotHandedOver
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import SocialAccount

NO_NUMBER: Final = "The SMS provider knows no such number of this account."
NO_POLLING: Final = "SMS cannot be polled: they come by webhook. To stop, switch the account off."


def who_are_we(account: SocialAccount) -> str:
    """Return the number with its name at the provider. Raises VendorAway, VendorRefused."""
    found = _number(account)
    words = [found.get(name) for name in ("phone_number", "friendly_name")]
    return " · ".join(dict.fromkeys(word for word in words if isinstance(word, str) and word))[:80]


def set_webhook(account: SocialAccount, url: str) -> None:
    """Have what is sent to the number sent on to `url`. Raises VendorAway, VendorRefused."""
    sid = _number(account)["sid"]
    _ask(account, "POST", f"/IncomingPhoneNumbers/{sid}.json", {"SmsUrl": url, "SmsMethod": "POST"})


def delete_webhook(account: SocialAccount) -> None:
    """Raise VendorRefused: there is nothing else."""
    raise VendorRefused(NO_POLLING)


def poll(account: SocialAccount) -> tuple[list[bytes], int]:
    """Raise VendorRefused: there is no such thing."""
    raise VendorRefused(NO_POLLING)


def _number(account: SocialAccount) -> Mapping[str, Any]:
    query = urlencode({"PhoneNumber": account.external_id})
    listed = _ask(account, "GET", f"/IncomingPhoneNumbers.json?{query}").get("incoming_phone_numbers")
    for one in listed if isinstance(listed, list) else ():
        is_it = isinstance(one, dict) and one.get("phone_number") == account.external_id
        if is_it and isinstance(one.get("sid"), str) and one["sid"].isalnum():
            return one  # type: ignore[no-any-return]
    raise VendorRefused(NO_NUMBER)


def _ask(account: SocialAccount, method: str, path: str, given: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    try:
        answer = call(account, method, path, given)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if answer.status >= 500 or answer.status == 429:
        raise VendorAway(answer.spoken)
    if not answer.is_ok:
        raise VendorRefused(answer.spoken)
    return answer.said
