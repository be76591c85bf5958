"""Whether a request is the provider's: its signature over our address and the form, by its own library."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from django.conf import settings
from twilio.request_validator import RequestValidator

from tickets.channels.social.shapes import Challenge
from tickets.models import SocialAccount

SIGNATURE_HEADER: Final = "X-Twilio-Signature"
MOST_FIELDS: Final = 100


def hook_url(account: SocialAccount) -> str:
    """Return where the provider sends messages and receipts: behind a proxy it is not the address that reached us."""
    return f"{settings.SITE_URL}/hooks/{account.kind}/{account.public_id}/"


def is_genuine(account: SocialAccount, headers: Mapping[str, str], raw: bytes) -> bool:
    """Whether the account's token has signed our address with this form. Without one nothing is taken."""
    signature, form = headers.get(SIGNATURE_HEADER, ""), fields(raw)
    if not (account.token and signature and form):
        return False
    return bool(RequestValidator(account.token).validate(hook_url(account), form, signature))


def challenge(account: SocialAccount, asked: Mapping[str, str]) -> Challenge | None:
    """Return None: no such provider asks."""
    del account, asked
    return None


def split(raw: bytes) -> list[bytes]:
    """Return the one event that a request holds."""
    return [raw]


def fields(raw: bytes) -> dict[str, str]:
    """Return the fields of a form; none of bytes that are no form, or that say a name twice, as no provider does."""
    try:
        said = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        return {}
    found = dict(said)
    return found if len(found) == len(said) else {}
