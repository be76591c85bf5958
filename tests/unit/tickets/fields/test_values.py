"""Custom fields, read: each kind canonically or one sentence, never a guess; patterns in bounded time."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tickets.fields import pattern, values
from tickets.models import CustomField

SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


def field(kind: str, **more: Any) -> CustomField:
    return CustomField(key="key", kind=kind, name="Key", **more)


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("text", ["  A   17 "], "A 17"),
        ("long_text", ["one\r\ntwo"], "one\ntwo"),
        ("number", ["-12"], -12),
        ("decimal", ["1250.50"], Decimal("1250.50")),
        ("date", ["2026-11-30"], date(2026, 11, 30)),
        ("yes_no", ["no"], False),
        ("choice", ["red"], "red"),
        ("choices", ["blue", "red"], ["red", "blue"]),
        ("link", ["https://example.com/a?b=1"], "https://example.com/a?b=1"),
    ],
)
def test_read__what_fits__is_kept_canonically(kind: str, given: list[str], value: object) -> None:
    taken = values.read(field(kind, choices=["red", "blue"]), given)
    assert taken is not None
    assert taken.value == value
    assert type(taken.value) is type(value)
    assert values.read(field(kind), ["  "]) is None


@pytest.mark.parametrize(
    ("kind", "given", "rules"),
    [
        ("text", "x" * 301, {}),
        ("text", "ab", {"least": Decimal(3)}),
        ("text", "abcd", {"most": Decimal(3)}),
        ("text", "AB12", {"pattern": r"[A-Z]{2}\d{6}"}),
        ("number", "1.5", {}),
        ("number", "9" * 19, {}),
        ("number", "11", {"most": Decimal(10)}),
        ("decimal", "1,5", {}),
        ("decimal", "NaN", {}),
        ("date", "30.11.2026", {}),
        ("date", "2026-02-30", {}),
        ("yes_no", "maybe", {}),
        ("choice", "green", {"choices": ["red"]}),
        ("choices", "green", {"choices": ["red"]}),
        ("link", "javascript:alert(1)", {}),
        ("link", "https://user@example.com/", {}),
        ("link", "https://[", {}),
    ],
)
def test_read__what_does_not_fit__is_refused_and_not_repeated(kind: str, given: str, rules: dict[str, Any]) -> None:
    with pytest.raises(values.ValueRefused) as refused:
        values.read(field(kind, **rules), [given])
    assert given not in str(refused.value)


def test_read__secret_in_a_text__is_masked() -> None:
    taken = values.read(field("long_text"), [f"They sent {SEED}."])
    assert taken is not None
    assert taken.is_redacted
    assert "abandon" not in str(taken.value)


@pytest.mark.parametrize(
    ("written", "fitting", "others"),
    [
        (r"[A-Z]{2}\d{6}", ["AB123456"], ["AB12345", "AB1234567", "ab123456", "xAB123456", "AB123456\n"]),
        (r"\d{1,3}\.\d?", ["1.", "123.4"], ["1234.5", "1,5"]),
        ("a{0,200}" * 30 + "b", ["a" * 299 + "b"], ["a" * 300]),
        ("", [""], ["a"]),
    ],
)
def test_pattern__whole_text__fits_or_not(written: str, fitting: list[str], others: list[str]) -> None:
    assert [one for one in fitting if not pattern.fits(written, one)] == []
    assert [one for one in others if pattern.fits(written, one)] == []


@pytest.mark.parametrize(
    "written", ["(a)", "a*", "a+", "a|b", ".", "[^a]", "[z-a]", "a{201}", "a{3,2}", "^a$", "a" * 41, "\\"]
)
def test_pattern__outside_of_what_patterns_may_be__is_refused(written: str) -> None:
    with pytest.raises(pattern.PatternRefused):
        pattern.check(written)
