"""Answers of guided forms: amounts, times and tags as they are written, and never a guess."""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tickets.guided import sentence, values
from tickets.guided.values import AnswerRefused, Asset, Value

NOW = datetime(2026, 11, 28, 17, 5, tzinfo=UTC)
BTC, USDT, XRP = Asset("BTC", "bitcoin"), Asset("USDT", "tron"), Asset("XRP", "ripple")


def strkey(version: int, payload: bytes) -> str:
    """Return a strkey of Stellar (SEP-23)."""
    body = bytes((version,)) + payload
    return base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).decode()


def refused(read: Callable[[], object]) -> str:
    with pytest.raises(AnswerRefused) as why:
        read()
    return str(why.value)


def test_amount__any_writing__is_taken_exactly_or_refused() -> None:
    for written, asset, canonical in (
        ("1.25", BTC, "1.25"),
        ("007", BTC, "7"),
        ("0.00000001", BTC, "0.00000001"),
        ("1.250000000000", BTC, "1.25"),
        ("100", None, "100"),
        ("0.000000000000000001", Asset("ETH", "ethereum"), "0.000000000000000001"),
    ):
        assert values.amount(written, asset) == Value(canonical)
    for written, asset, words in (
        ("1,25", BTC, "with a point"),
        ("1,250.5", BTC, "with a point"),
        ("1 250", BTC, "with a point"),
        ("-1", BTC, "with a point"),
        ("1e8", BTC, "with a point"),
        ("\u0661", BTC, "with a point"),
        (".5", BTC, "with a point"),
        ("0.000000001", BTC, "BTC has at most 8 decimals"),
        ("0.0000001", USDT, "USDT has at most 6 decimals"),
        ("0.00", BTC, "more than nothing"),
        ("9" * 31, BTC, "more digits"),
    ):
        assert words in refused(lambda text=written, of=asset: values.amount(text, of)), written  # type: ignore[misc]


def test_time__with_its_zone__is_told_in_utc_and_never_guessed() -> None:
    for written, canonical in (
        ("2026-11-28T14:02@UTC", "2026-11-28 14:02"),
        ("2026-11-28T22:02:30@Asia/Shanghai", "2026-11-28 14:02"),
        ("2026-11-28T17:10@UTC", "2026-11-28 17:10"),
    ):
        assert values.time(written, NOW) == Value(canonical)
    for written, words in (
        ("2026-11-28T14:02", "time zone"),
        ("2026-11-28T14:02@Mars/Olympus", "time zone"),
        ("28.11.2026 14:02@UTC", "2026-11-28 14:02"),
        ("2026-11-28T17:20@UTC", "yet to come"),
        ("2008-12-31T00:00@UTC", "nothing to be sent"),
        ("2026-03-29T02:30@Europe/Paris", "no such time"),
        ("2026-10-25T02:30@Europe/Paris", "came twice"),
    ):
        assert words in refused(lambda text=written: values.time(text, NOW)), written  # type: ignore[misc]


def test_asset_hash_address_tag__are_read_by_their_network() -> None:
    assert values.asset(" usdt @tron") == USDT
    assert "Choose the network" in refused(lambda: values.asset("USDT@"))
    assert "short name" in refused(lambda: values.asset("my tether@tron"))
    assert "asset and network first" in refused(lambda: values.tx_hash("a" * 64, None))
    assert values.address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", USDT).network == "tron"
    lower = values.address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", Asset("ETH", "ethereum"))
    assert lower.text == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert "without capitals" in lower.note
    wrong = refused(lambda: values.address("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", Asset("USDT", "ethereum")))
    assert "an address of Tron; you chose Ethereum" in wrong
    assert values.tag("0012", XRP) == Value("12", "ripple")
    seed = strkey(18 << 3, bytes(32))
    assert "secret key" in refused(lambda: values.address(seed, Asset("XLM", "stellar")))
    assert values.network("bsc") == Value("BNB Smart Chain", "bsc")


def test_sentence__from_answers__says_what_is_known_and_nothing_else() -> None:
    said = sentence.build(
        matter="deposit",
        outcome="not credited",
        asset=BTC,
        values={
            "amount": Value("1.25"),
            "tx_hash": Value("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", "bitcoin"),
            "tag": Value("Call this number"),
            "time": Value("2026-11-28 14:02"),
            "text": Value("Call me"),
        },
        choices=(),
        now=NOW,
    )
    assert said == (
        "1.25 BTC deposit on Bitcoin, transaction 4a5e1e4b…eda33b, sent 2026-11-28 14:02 UTC, not credited after 3 hours"
    )
    bare = sentence.build(
        matter="cannot sign in", outcome="", asset=None, values={}, choices=["the code is refused"], now=NOW
    )
    assert bare == "Cannot sign in, the code is refused"
