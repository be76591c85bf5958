"""Transfer encodings as they arrive: damaged, under odd names, with strangers' lines among them. Nothing gets lost."""

import base64
import quopri

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import ParsedMail, parse

WORDS = "您好，我的提现一直没有到账，请帮忙查询一下。"
CODED = base64.encodebytes(WORDS.encode())


def read(body: bytes, encoding: str) -> ParsedMail:
    fields = {"Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": encoding}
    return parse(corpus.mail(body, headers=fields))


@pytest.mark.parametrize("name", ["base64", "BASE64", '"base64"', "base-64", "Base 64", "base64; x=1", "base64 (rfc)"])
def test_parse__base64_by_any_name__decoded(name: str) -> None:
    assert read(CODED, name).text == WORDS


@pytest.mark.parametrize("name", ["quoted-printable", "Quoted_Printable", "quotedprintable", "quote-printable"])
def test_parse__quoted_printable_by_any_name__decoded(name: str) -> None:
    assert read(quopri.encodestring(WORDS.encode()), name).text == WORDS


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (CODED.replace(b"\n", b"\r\n \t"), WORDS),
        (CODED[:30] + b"\r\n\r\n" + CODED[30:], WORDS),
        (CODED[:30] + b"\x00\xff!*" + CODED[30:], WORDS),
        (CODED.rstrip(b"=\n"), WORDS),
        (CODED.rstrip(b"\n") + b"====", WORDS),
        (base64.b64encode(b"first one ") + b"\r\n" + base64.b64encode(b"second one"), "first one second one"),
        (CODED + b"_______________\r\nThis mail was scanned by X\r\n", f"{WORDS}\n_______________\nThis mail was scanned by X"),
        (b"This is simply text that says base64.\r\nAnd more.", "This is simply text that says base64.\nAnd more."),
        (b"", ""),
        (b"A", ""),
    ],
)  # fmt: skip
def test_parse__damaged_base64__readable(body: bytes, text: str) -> None:
    assert read(body, "base64").text == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"soft=  \r\n wrap=\t\r\nped", "soft wrapped"),
        (b"caf=c3=a9", "café"),
        (b"=ZZ = =4 100=", "=ZZ = =4 100"),
        (b"a=3Db =\r\n=\r\nc", "a=b c"),
        (b"raw \xe6\x8f\x90 too", "raw 提 too"),
        (b"=E6=8F=\r\n=90", "提"),
        (b"end=\r\n", "end"),
        (b"end=0D=0Anext", "end\nnext"),
    ],
)
def test_parse__broken_quoted_printable__readable(body: bytes, text: str) -> None:
    assert read(body, "quoted-printable").text == text


def test_parse__footer_behind_a_base64_file__file_whole() -> None:
    content = bytes(range(256)) * 3
    body = base64.encodebytes(content) + b"_____\r\nUnsubscribe from this list here\r\n"
    file = corpus.part("application/pdf; name=a.pdf", body, Content_Transfer_Encoding="base64")
    mail = parse(corpus.whole(corpus.multipart("mixed", corpus.part("text/plain", "words"), file)))
    assert [attachment.content for attachment in mail.attachments] == [content]
    assert "damaged_base64" in mail.warnings


@pytest.mark.attack("B8")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("body", [b"QQ=" * 3_000_000, b"a\n" * 4_000_000 + b"!", b"A" + b" " * 8_000_000 + b"!"])
def test_parse__base64_built_to_be_slow__ends(body: bytes) -> None:
    file = corpus.part("application/pdf; name=a.pdf", body, Content_Transfer_Encoding="base64")
    assert parse(corpus.whole(corpus.multipart("mixed", file))).attachments


def test_parse__forwarded_message_in_base64_by_an_odd_name__summary() -> None:
    inner = base64.encodebytes(corpus.mail("inner words", headers={"Subject": "inner"}))
    entity = corpus.multipart("mixed", corpus.part("message/rfc822", inner, Content_Transfer_Encoding='"BASE64"'))
    (forwarded,) = parse(corpus.whole(entity)).forwarded
    assert (forwarded.subject, forwarded.text) == ("inner", "inner words")


@pytest.mark.parametrize(
    ("body", "names", "text"),
    [
        ("see\nbegin 644 note.txt\n#0V%T\n`\nend\nbye", ["note.txt"], "see\nbye"),
        ("begin 644 a b.txt\n#0V%T\n \nend\n\nbegin 755 c.txt\n#0V%T\n`\nend", ["a b.txt", "c.txt"], ""),
        ("begin 644 never.txt\n#0V%T", [], "begin 644 never.txt\n#0V%T"),
        ("begin 644 odd.txt\nwords that are none of it\nend", [], "begin 644 odd.txt\nwords that are none of it\nend"),
        ("begin at 644 o'clock\nend", [], "begin at 644 o'clock\nend"),
    ],
)
def test_parse__uuencoded_in_text__files_out_words_kept(body: str, names: list[str], text: str) -> None:
    mail = parse(corpus.mail(body))
    assert [file.filename for file in mail.attachments] == names
    assert all(file.content == b"Cat" for file in mail.attachments)
    assert mail.text.strip() == text
