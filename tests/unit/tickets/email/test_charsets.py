"""Charsets as mailers really label them: wrong labels, none, and bytes that are right in two charsets at once."""

import base64

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import Unparsable, parse

SIMPLIFIED = "您好，我的提现一直没有到账，请帮忙查询一下。"
TRADITIONAL = "您好，我的提領一直沒有到帳，請幫忙查詢一下。"
JAPANESE = "出金がまだ届いていません。確認をお願いします。"
KOREAN = "안녕하세요, 출금이 아직 도착하지 않았습니다. 확인 부탁드립니다"
RUSSIAN = "Здравствуйте, вывод средств не пришёл. Помогите, пожалуйста."


def word(raw: bytes, label: str) -> str:
    return f"=?{label}?B?{base64.b64encode(raw).decode()}?="


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        # These bytes are UTF-8 as well, for something else.
        ("谢谢", "gbk", "gbk"),
        ("谢谢，谢谢", "gb2312", "GB2312"),
        ("입금", "euc_kr", "EUC-KR"),
        ("ここの", "euc_jp", "euc-jp"),
        # The other way round: UTF-8 that is GBK as well.
        ("Schöne Grüße, für die Prüfung", "utf-8", "gb2312"),
        ("Привет", "utf-8", "gbk"),
        ("πότε", "utf-8", "big5"),
        (SIMPLIFIED, "utf-8", "big5"),
    ],
)
def test_parse__bytes_that_fit_two_charsets__read_as_meant(text: str, codec: str, label: str) -> None:
    raw = text.encode(codec)
    mail = parse(corpus.text(raw, label, encoding="base64", Subject=word(raw, label)))
    assert (mail.text, mail.subject) == (text, text)


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (SIMPLIFIED, "utf-8", "utf-16"),
        ("plain words here", "ascii", "utf-16"),
        (SIMPLIFIED, "utf-16", "utf-8"),
        ("plain words", "utf-16-le", "utf-8"),
        (TRADITIONAL, "big5", "gb2312"),
        (SIMPLIFIED, "gbk", "big5"),
        (SIMPLIFIED, "gbk", "iso-8859-1"),
        (SIMPLIFIED, "gbk", "us-ascii"),
        (RUSSIAN, "cp1251", "iso-8859-1"),
        (JAPANESE, "cp932", "iso-2022-jp"),
        (JAPANESE, "euc_jp", "shift_jis"),
        (JAPANESE, "cp932", "euc-jp"),
        (JAPANESE, "iso2022_jp", "us-ascii"),
        (JAPANESE, "iso2022_jp", "utf-8"),
        (JAPANESE, "cp932", "windows-1252"),
        (KOREAN, "euc_kr", "us-ascii"),
    ],
)
def test_parse__wrong_label__text_as_written_with_a_warning(text: str, codec: str, label: str) -> None:
    mail = parse(corpus.text(text.encode(codec), label, encoding="base64"))
    assert mail.text == text
    if codec not in ("utf-16", "utf-16-le"):
        assert "wrong_charset" in mail.warnings


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (KOREAN, "euc_kr"),
        (KOREAN, "iso2022_kr"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        ("Où est mon dépôt ?", "cp1252"),
    ],
)
def test_parse__no_label__text_as_written(text: str, codec: str) -> None:
    raw = corpus.mail(text.encode(codec), headers={"Content-Type": "text/plain", "Subject": text.encode(codec)})
    assert (parse(raw).text, parse(raw).subject) == (text, text)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [SIMPLIFIED, RUSSIAN, "plain words"])
def test_parse__utf16_without_mark__read_in_the_order_that_makes_sense(text: str, codec: str) -> None:
    assert parse(corpus.text(text.encode(codec), "utf-16", encoding="base64")).text == text


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("ВЫВОД НЕ ПРИШЁЛ, ПОМОГИТЕ", "koi8-r", "koi8-r"),
        ("朱镕基，陶喆，喆喆，镕镕镕", "gbk", "gb2312"),
        ("Où est l’été à 5 €, déjà ?", "cp1252", "iso-8859-1"),
        ("ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ", "latin-1", "iso-8859-1"),
        ("東京都千代田区霞が関", "cp932", "shift_jis"),
        ("вывод", "utf-16-le", "utf-16le"),
    ],
)
def test_parse__unusual_text_under_the_right_label__label_believed(text: str, codec: str, label: str) -> None:
    mail = parse(corpus.text(text.encode(codec), label, encoding="base64"))
    assert (mail.text, mail.warnings) == (text, ())


@pytest.mark.parametrize(
    "value",
    [
        word("提现失败".encode()[:4], "utf-8").replace("=?=", "?=") + " " + word("提现失败".encode()[4:], "utf-8"),
        "=?utf-8?B?5o+Q54=?= =?utf-8?Q?=B0=E5=A4=B1=E8=B4=A5?=",
        word("提现失败".encode("gbk"), "utf-8"),
        word("提现失败".encode(), "gb2312"),
        word("提现失败".encode(), "x-unknown"),
        word("提现失败".encode(), "utf-8*zh"),
        "=?utf-8?B?5o+Q54 6w5aSx6LSl?=",
        "=?utf-8?B?5o+Q54\r\n 6w5aSx6LSl?=",
    ],
)
def test_parse__damaged_encoded_words__subject_as_meant(value: str) -> None:
    damaged = value.replace("5o+Q54=?= =?utf-8?Q?=B0", "5o+Q5w==?= =?utf-8?Q?=8E=B0")
    assert parse(corpus.mail(headers={"Subject": damaged})).subject == "提现失败"


@pytest.mark.attack("A10")
def test_parse__escapes_around_an_address_in_from__quarantined() -> None:
    # One reader sees two kanji and a good address, another one a bad address in front of it.
    value = b"\x1b$B<a@evil.example>\x1b(B \xff<b@good.example>"
    with pytest.raises(Unparsable, match="from_hidden_characters"):
        parse(corpus.mail(headers={"From": value}))


@pytest.mark.parametrize("field", ["Subject", "From", "To"])
def test_parse__utf7_in_any_header__refused(field: str) -> None:
    value = "=?utf-7?Q?+AGEAYg-?= <a@b.example>"
    with pytest.raises(Unparsable, match="utf7"):
        parse(corpus.mail(headers={field: value}))
