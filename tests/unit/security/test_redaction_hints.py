"""Texts are looked at closely only where a word of interest may stand: no spelling that a pattern reads slips past."""

import re

import pytest

from security.redaction import redact
from security.redaction.folding import caseless

SPELLINGS = ["authorization", "AUTHORIZATION", "author\u0131zation", "AUTHOR\u0130ZATION", "\u017fecret", "to\u212aen"]


@pytest.mark.parametrize("written", SPELLINGS)
def test_caseless__whatever_the_patterns_take_for_a_word__contains_it(written: str) -> None:
    word = next(one for one in ("authorization", "secret", "token") if re.fullmatch(one, written, re.IGNORECASE))
    assert word in caseless(written)


@pytest.mark.parametrize(
    "text",
    [
        "AUTHOR\u0130ZATION: Bearer 8f14e45fceea167a5a36dedd4bea2543",
        "My API \u017fecret: 8f14e45fceea167a5a36dedd4bea2543",
        "ACCESS TO\u212aEN = 8f14e45fceea167a5a36dedd4bea2543",
        "Your VER\u0130FICATION CODE is 481516",
        "OTPAUTH://totp/Pharos:me?secret=JBSWY3DPEHPK3PXP",
    ],
)
def test_redact__odd_letters_in_the_label__the_secret_is_masked(text: str) -> None:
    assert redact(text).findings
