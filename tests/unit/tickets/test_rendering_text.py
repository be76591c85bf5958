"""Plain text as shown: escaped, whole targets in links, no bidi tricks."""

import re

import pytest

from tests.corpus.xss import PAYLOADS
from tickets.rendering import safe_text

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LINK = '<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>'


@pytest.mark.parametrize("payload", PAYLOADS)
def test_safe_text__payload__is_text(payload: str) -> None:
    tags = re.findall(r"<[^>]*>", safe_text(payload))
    assert [
        tag
        for tag in tags
        if not re.fullmatch(r'<br>|</a>|<a href="https?://[^"<>]+" target="_blank" rel="[a-z ]+">', tag)
    ] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\ntwo\r\nthree\rfour", "one<br>\ntwo<br>\nthree<br>\nfour"),
        ("see https://x.example/a?b=1&c=2.", f"see {LINK.format('https://x.example/a?b=1&amp;c=2')}."),
        ("(https://x.example/a_(b))", f"({LINK.format('https://x.example/a_(b)')})"),
        ("打开 https://x.example/提现。谢谢", f"打开 {LINK.format('https://x.example/提现')}。谢谢"),
        ("https://рharos.example/", LINK.format("https://xn--haros-uye.example/")),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://", "https://"),
        ("http://[::1", "http://[::1"),
        ("<https://x.example>", f"&lt;{LINK.format('https://x.example')}&gt;"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("", ""),
    ],
)
def test_safe_text__text__is_escaped_and_linked(text: str, expected: str) -> None:
    assert safe_text(text) == expected


def test_safe_text__bidi_controls__are_gone() -> None:
    result = safe_text(f"invoice{BIDI}fdp.exe https://x.example/{BIDI}a")
    assert not set(result) & set(BIDI)
    assert LINK.format("https://x.example/a") in result


@pytest.mark.parametrize(
    "unit", ["<", "&", "http://", "http://a", "http://a)", "\n", "https://x.example/ ", "(", "\u202e"]
)
def test_safe_text__much_of_one_thing__is_shown(unit: str) -> None:
    assert safe_text(unit * 100_000 + "end").endswith(("end", "end</a>"))
