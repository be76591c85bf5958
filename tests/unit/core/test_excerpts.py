"""Beginnings of texts end between two signs, wherever the cut falls."""

import pytest

from core.excerpts import LONGEST, cut
from tickets.services.timeline import first_line

SIGNS = {
    "family, three joiners": "👨‍👩‍👧‍👦",
    "joiner with a variation": "🏳️‍🌈",
    "flag": "🇨🇭",
    "flag of a region": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "skin tone": "👍🏽",
    "skin tone and joiner": "👩🏿‍💻",
    "keycap": "1️⃣",
    "accent": "e\u0301",
    "heart": "❤️",
}


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_cut__inside_a_sign__leaves_it_out_whole(sign: str) -> None:
    for kept in range(1, len(sign)):
        assert cut(f"ab{sign}cd", 2 + kept) == "ab"
    assert cut(f"ab{sign}cd", 2 + len(sign)) == f"ab{sign}"
    assert cut(f"ab{sign}", 2 + len(sign)) == f"ab{sign}"


def test_cut__flags_in_a_row__leaves_pairs() -> None:
    flags = "🇨🇭🇨🇳🇺🇸"
    assert [len(cut(f"{flags}x", most)) for most in range(1, 7)] == [1, 2, 2, 4, 4, 6]


def test_cut__nothing_but_marks__ends_all_the_same() -> None:
    assert len(cut("e" + "\u0301" * 500, 200)) == 200
    assert len(cut("a\u200d" * 500, 3 * LONGEST)) == 3 * LONGEST


def test_cut__words_and_chinese__are_cut_where_asked() -> None:
    assert cut("我的充值在哪里", 3) == "我的充"
    assert cut("deposit", 3) == "dep"
    assert cut("", 3) == ""


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_first_line__at_its_limit__has_no_half_sign(sign: str) -> None:
    for before in range(200 - len(sign) + 1, 200):
        assert first_line("a" * before + sign + "b" * 500) == "a" * before
