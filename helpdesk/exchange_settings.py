"""The deployment check of the exchange's addresses: all of them or none, and nothing that matters in the clear."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

# Inside one network of containers the back channel may be plain HTTP: each request and answer of weight is signed.
BROWSED = ("EXCHANGE_SITE_URL",)


def check(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """Return what is wrong with the exchange's addresses; nothing when no exchange is named."""
    given = {
        "EXCHANGE_URL": settings.EXCHANGE_URL,
        "EXCHANGE_SITE_URL": settings.EXCHANGE_SITE_URL,
        "EXCHANGE_ISSUER": settings.EXCHANGE_ISSUER,
        "EXCHANGE_JWKS_URL": settings.EXCHANGE_JWKS_URL,
    }
    if not any(given.values()):
        return []
    found: list[CheckMessage] = [
        Error(f"{name} is not set, but other addresses of the exchange are.", id="helpdesk.E001")
        for name, value in given.items()
        if not value
    ]
    found += [
        Error(f"{name} must begin with https://: customers are sent there.", id="helpdesk.E002")
        for name in BROWSED
        if given[name] and not given[name].startswith("https://")
    ]
    found += [
        Caution(f"{name} is plain HTTP: keep it inside a network of its own.", id="helpdesk.W001")
        for name in ("EXCHANGE_URL", "EXCHANGE_JWKS_URL")
        if given[name].startswith("http://")
    ]
    return found
