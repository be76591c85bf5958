"""Fund-related actions in words: nothing shortened, nothing hidden, a sentence for every kind."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from sandbox.kinds import KINDS
from security import fund_words
from security.models import FundAction

ADDRESS = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"


def action(kind: str = "withdrawal_release", **given: Any) -> FundAction:
    return FundAction(kind=kind, **given)


def test_title__release__says_what_and_how_much() -> None:
    found = action(amount=Decimal("2.500000000000000000"), asset="BTC")
    assert fund_words.title(found) == "Release a withdrawal of 2.5 BTC"
    with translation.override("zh-hans"):
        assert fund_words.title(found) == "放行一笔 2.5 BTC 的提现"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", ["add", "remove", "credit", "debit", ""])
def test_title__any_kind__is_a_sentence(kind: str, operation: str) -> None:
    words = fund_words.title(action(kind, operation=operation, amount=Decimal(1), asset="BTC"))
    assert words != kind
    assert "%" not in words


def test_lines__release__names_everything_and_groups_identifiers() -> None:
    found = action(
        amount=Decimal("2.5"), asset="BTC", network="bitcoin", destination=ADDRESS, tag="104217", subject="wd_93f1"
    )
    assert [(line.label, line.shown) for line in fund_words.lines(found)] == [
        ("Amount", "2.5 BTC"),
        ("To", "bc1q xy2k gdyg jrsq tzq2 n0yr f249 3p83 kkfj hx0w lh"),
        ("Tag or memo", "1042 17"),
        ("Network", "Bitcoin"),
        ("Withdrawal at the exchange", "wd_9 3f1"),
    ]
    assert "".join(fund_words.lines(found)[1].shown.split()) == ADDRESS


def test_lines__email_change__is_an_address_of_a_person() -> None:
    (line,) = fund_words.lines(action("email_change", destination="mina@example.com"))
    assert (line.label, line.shown, line.is_identifier) == ("New email address", "mina@example.com", False)


@pytest.mark.parametrize(
    ("number", "words"), [("0.000000010000000000", "0.00000001"), ("1000000", "1000000"), ("1E+3", "1000")]
)
def test_amount__is_plain_digits(number: str, words: str) -> None:
    assert fund_words.amount(Decimal(number)) == words


def test_grouped__what_cannot_be_seen__is_written_out() -> None:
    assert fund_words.grouped("ab\u202ecdef") == "ab‹U+202E›c def"
