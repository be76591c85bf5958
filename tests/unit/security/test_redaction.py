"""Redaction of plain text: every planted secret found, no innocent text touched, hostile input in linear time."""

import pytest

from security.redaction import Kind, redact
from tests.corpus.redaction import INNOCENT, Planted, planted, words

PLANTED = planted()


def test_corpus__size__covers_every_kind() -> None:
    assert len(PLANTED) >= 60
    assert len(INNOCENT) >= 60
    assert {item.kind for item in PLANTED} == set(Kind)


@pytest.mark.attack("C6")
@pytest.mark.parametrize("item", PLANTED, ids=lambda item: item.name)
def test_redact__planted_secret__is_masked(item: Planted) -> None:
    result = redact(item.text)
    assert item.kind in {finding.kind for finding in result.findings}
    assert [piece for piece in item.gone if piece in result.text] == []


@pytest.mark.parametrize("item", PLANTED, ids=lambda item: item.name)
def test_redact__its_own_result__stays_the_same(item: Planted) -> None:
    once = redact(item.text).text
    assert redact(once).text == once


@pytest.mark.parametrize("text", INNOCENT)
def test_redact__innocent_text__is_untouched(text: str) -> None:
    assert redact(text).findings == ()
    assert redact(text).text == text


def test_redact__innocent_texts_in_one_letter__are_untouched() -> None:
    letter = "\n\nThank you!\n\n".join(INNOCENT)
    assert redact(letter).text == letter


def test_redact__one_wrong_word__is_no_phrase() -> None:
    parts = words("english", 12)
    assert redact(" ".join(parts)).findings
    parts[0], parts[1] = parts[1], parts[0]
    assert not redact(" ".join(parts)).findings


@pytest.mark.attack("C6")
def test_redact__phrase_with_the_sign_for_kelvin__is_found() -> None:
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    assert redact(phrase.replace("k", "\u212a")).text == redact(phrase).text == "⟦removed: seed phrase⟧"


def test_redact__broken_base58_checksum__is_no_key() -> None:
    keys = [item for item in PLANTED if item.kind in (Kind.WIF, Kind.EXTENDED_PRIVATE_KEY)]
    assert keys
    for item in keys:
        key = item.gone[0]
        broken = key[:-1] + ("2" if key[-1] != "2" else "3")
        assert not redact(item.text.replace(key, broken)).findings


def test_redact__findings__are_offsets_into_the_text_given() -> None:
    text = "\u200bcard 41\u200b11 1111 1111 1111, code: 482913"
    spans = [text[finding.start : finding.end] for finding in redact(text).findings]
    assert spans == ["41\u200b11 1111 1111 1111", "482913"]


def test_redact__mask__keeps_the_text_around() -> None:
    assert redact("before OTP: 482913, after").text == "before OTP: ⟦removed: one-time code⟧, after"


@pytest.mark.attack("B8")
@pytest.mark.timeout(120)  # quadratic work would take minutes
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "4 ",
        "4111 ",
        "4111 1111 1111 1111 ",
        "的",
        "我的",
        "哈 ",
        "あ",
        "あいさつ",
        "가",
        "abandon ",
        "abandon",
        "zoo wrong ",
        "<",
        "code ",
        "code: 1",
        "2FA ",
        "Authorization: ",
        "authorization: bearer ",
        "Cookie: ",
        "cookie: a=b;",
        '"cookies":[',
        '"name":"cookie",',
        "eyJaaaaaaaa.",
        "private key ",
        "-----BEGIN PRIVATE KEY-----",
        "otpauth://",
        "api_key=",
        "api_key=a1",
        "0",
        "0x",
        "f" * 64 + " ",
        "5K",
        "xprv",
        "1. ",
        "\u200b",
        "\n",
        " ",
        "code\t",
        "mfa mfa ",
        '"value":"',
        "verification ",
        "is ",
        "{",
        "ａ",
        "5" * 51 + " ",
        "word 1 ",
        "abandon ability able about above absent absorb abstract absurd abuse access accident ",
        "的一是在不了有和人这中大为上个国我以要他 ",
    ],
)
def test_redact__much_of_one_thing__takes_linear_time(unit: str) -> None:
    text = (unit * (250_000 // len(unit) + 1))[:250_000]
    assert redact(text).text
