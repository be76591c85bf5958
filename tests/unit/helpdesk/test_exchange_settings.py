"""The deployment check of the exchange's addresses."""

from typing import Any

import pytest

from helpdesk import exchange_settings

WHOLE = {
    "EXCHANGE_URL": "https://back.exchange.example",
    "EXCHANGE_SITE_URL": "https://exchange.example",
    "EXCHANGE_ISSUER": "https://back.exchange.example",
    "EXCHANGE_JWKS_URL": "https://back.exchange.example/.well-known/jwks.json",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        (dict.fromkeys(WHOLE, ""), set()),
        ({"EXCHANGE_SITE_URL": ""}, {"helpdesk.E001"}),
        ({"EXCHANGE_SITE_URL": "http://exchange.example"}, {"helpdesk.E002"}),
        ({"EXCHANGE_URL": "http://back.internal"}, {"helpdesk.W001"}),
    ],
)
def test_check__addresses_of_the_exchange__are_whole_and_not_in_the_clear(
    settings: Any, changes: dict[str, str], expected: set[str]
) -> None:
    for name, value in (WHOLE | changes).items():
        setattr(settings, name, value)

    assert {message.id for message in exchange_settings.check(None)} == expected
