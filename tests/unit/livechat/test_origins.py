"""Origins: one canonical spelling, and nothing else passes for one."""

import pytest
from django.core.exceptions import ValidationError

from livechat import origins


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://exchange.example", "https://exchange.example"),
        ("https://Exchange.Example:443", "https://exchange.example"),
        ("https://exchange.example:8443", "https://exchange.example:8443"),
        ("http://localhost:8100", "http://localhost:8100"),
        ("http://127.0.0.1:8100", "http://127.0.0.1:8100"),
        ("http://[::1]:8100", "http://[::1]:8100"),
    ],
)
def test_canonical__an_origin__is_written_as_browsers_do(given: str, found: str) -> None:
    assert origins.canonical(given) == found


@pytest.mark.parametrize(
    "given",
    [
        "", "null", "*", "https://*", "https://*.example", "exchange.example", "https://exchange.example/", "https://a b",
        "https://exchange.example/x", "https://user@exchange.example", "https://exchange.example?", "https://exchange.example#",
        "http://exchange.example", "http://localhost.evil.example", "javascript:alert(1)", "data:text/html,x",
        "https://exchange.example:99999", "https://", "https://exchange.example;script-src *", "https://ex\u0430mple.com",
        "https://exchange.example\nx", "https://" + "a" * 300,
    ],
)  # fmt: skip
@pytest.mark.attack("G2")
def test_canonical__anything_else__is_none(given: str) -> None:
    assert origins.canonical(given) == ""
    with pytest.raises(ValidationError):
        origins.validate(given or "x")
