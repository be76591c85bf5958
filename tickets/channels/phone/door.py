"""Whether a request is the provider's: its signature, by its own library, over the public address and the form."""

from collections.abc import Mapping
from hashlib import sha256

from django.conf import settings
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from tickets.models import PhoneLine

SIGNATURE = "X-Twilio-Signature"


def public_url(path: str) -> str:
    """Return the address as the provider knows it: behind a proxy it is not the one that reached us."""
    return f"{settings.SITE_URL}{path}"


def is_genuine(line: PhoneLine, headers: Mapping[str, str], url: str, form: QueryDict) -> bool:
    """Whether the provider has signed this address with this form; compared in constant time by its library."""
    signature = headers.get(SIGNATURE, "")
    return bool(line.token and signature) and bool(RequestValidator(line.token).validate(url, form, signature))


def digest(line: PhoneLine, url: str, form: QueryDict) -> str:
    """Return what names a request: what was signed. A form that is cut up otherwise has the same signature and name."""
    return sha256(RequestValidator(line.token).compute_signature(url, form).encode()).hexdigest()
