"""Mail made to break readers: the outcome is a ParsedMail or an Unparsable, in bounded time, whatever the bytes."""

import base64
import random
import struct
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import Unparsable, html_text, parse

MEGABYTE = 1024 * 1024
NOISE = random.Random(7).randbytes(MEGABYTE)  # noqa: S311 - repeatable, protects nothing


def html(body: bytes) -> bytes:
    return corpus.mail(body, headers={"Content-Type": "text/html; charset=utf-8"})


def typed(content_type: str, body: bytes) -> bytes:
    return corpus.mail(body, headers={"Content-Type": content_type})


def bounce(body: bytes) -> bytes:
    return corpus.mail(body, headers={"From": "mailer-daemon@x.example", "Subject": "failure notice"})


def tnef(*properties: bytes) -> bytes:
    objects = b"".join(struct.pack("<BHHI", 1, 0x9003, 6, len(each)) + each + b"\0\0" for each in properties)
    body = base64.encodebytes(b"\x78\x9f\x3e\x22\0\0" + objects)
    fields = {"Content-Type": "application/ms-tnef", "Content-Transfer-Encoding": "base64"}
    return corpus.mail(body, headers=fields)


# 0x1003: many integers; the count is four thousand million.
ENDLESS_PROPERTY = struct.pack("<IHHI", 1, 0x1003, 0x10, 0xFFFFFFFF) + b"\0" * 8


@pytest.mark.attack("B8")
@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(html(b"<" * MEGABYTE), id="angle_brackets"),
        pytest.param(html(b"<div>" * 5_000), id="divs"),
        pytest.param(html(b"<div " * (MEGABYTE // 5)), id="open_tags"),
        pytest.param(html(b"<table><tr><td>" * 60_000), id="tables"),
        pytest.param(html(b"<script>" * 100_000), id="scripts"),
        pytest.param(html(b'<div class="gmail_quote">a' * 20_000), id="gmail_quotes"),
        pytest.param(html(b"&lt" * MEGABYTE), id="entities"),
        pytest.param(corpus.mail(b">" * MEGABYTE), id="quote_marks"),
        pytest.param(corpus.mail(b"> a\nb\n" * 40_000), id="quote_blocks"),
        pytest.param(corpus.mail(b"\n".join(b">" * i for i in range(1_400))), id="nested_quotes"),
        pytest.param(corpus.mail((b"a" * 400 + b" wrote:\n") * 4_000), id="attributions"),
        pytest.param(corpus.mail(b"On aaaa\n" * 49_000), id="attribution_starts"),
        pytest.param(corpus.mail((b"-" * 499 + b"\n") * 4_000), id="rules"),
        pytest.param(corpus.mail(b"begin 644 a\n" * 90_000 + b"\nend\n"), id="uuencode_starts"),
        pytest.param(corpus.mail(headers={"Subject": "=?utf-8?q?" * 20_000}), id="encoded_word_starts"),
        pytest.param(corpus.mail(headers={"References": "<a@b> " * 40_000}), id="references"),
        pytest.param(corpus.mail(headers={"Cc": "a@b.co," * 30_000}), id="recipients"),
        pytest.param(corpus.mail(headers={"From": "(" * 250_000}), id="comments"),
        pytest.param(typed("text/plain" + ";" * 250_000, b"x"), id="parameters"),
        pytest.param(typed("text/plain; x*" + "9" * 6_000 + "*=a", b"x"), id="parameter_section"),
        pytest.param(typed("multipart/mixed; boundary=b", b"\n--bX" * MEGABYTE), id="almost_boundaries"),
        pytest.param(typed('multipart/mixed; boundary="-"', b"-" * (8 * MEGABYTE)), id="dash_boundary"),
        pytest.param(
            typed("multipart/mixed; boundary=b", b"\n--b\n" + b"\r--b\rx" * MEGABYTE), id="bare_cr_boundaries"
        ),
        pytest.param(
            typed("multipart/mixed; boundary=b", b"\n--b\n\nx" + b"\n--b--" * MEGABYTE), id="closing_boundaries"
        ),
        pytest.param(typed("multipart/mixed; boundary=b", b"\n--b\n" + b"A: b\n" * MEGABYTE), id="part_header"),
        pytest.param(
            typed("multipart/mixed; boundary*=utf-7''+" + "A" * 9_000, b"\n--A\n" * 90_000), id="odd_boundary"
        ),
        pytest.param(corpus.whole(b"Content-Type: message/rfc822\r\n\r\n" * 5_000), id="messages_in_messages"),
        pytest.param(bounce(b"could not be delivered to " * 3_000), id="bounce_sentences"),
        pytest.param(bounce(b"a" * 60 + b"@" + b"b." * 30_000), id="bounce_address"),
        pytest.param(tnef(*[ENDLESS_PROPERTY] * 10), id="tnef_endless_property"),
        pytest.param(corpus.mail(NOISE * 2), id="noise"),
        pytest.param(html(NOISE), id="html_noise"),
    ],
)
def test_parse__built_to_be_slow__ends(raw: bytes) -> None:
    assert outcome(raw)


@pytest.mark.attack("B8")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(base64.encodebytes(NOISE * 8), id="base64"),
        pytest.param(b"ab\r\n" * (2 * MEGABYTE), id="short_lines"),
        pytest.param(b"--\r\n" * (2 * MEGABYTE), id="dashes"),
        pytest.param(NOISE * 8, id="binary"),
    ],
)
def test_parse__large_file__memory_of_three_times_the_mail(body: bytes) -> None:
    encoding = "base64" if body.endswith(b"=\n") else "binary"
    file = corpus.part("application/zip; name=a.zip", body, Content_Transfer_Encoding=encoding)
    raw = corpus.whole(corpus.multipart("mixed", corpus.part("text/plain", "see file"), file))
    tracemalloc.start()
    try:
        assert len(parse(raw).attachments) == 1
        assert tracemalloc.get_traced_memory()[1] < 3 * len(raw)
    finally:
        tracemalloc.stop()


def outcome(raw: bytes) -> str:
    """'readable' or the reason of the quarantine; a reader that fell over is a failed test."""
    try:
        parse(raw)
    except Unparsable as unparsable:
        if unparsable.reason == "parser_failure":
            pytest.fail(unparsable.sentence)
        return unparsable.reason
    return "readable"


def test_parse__mutated_anywhere__parsed_or_unparsable() -> None:
    source = random.Random(20261123)  # noqa: S311 - repeatable, protects nothing
    builders = [*corpus.READABLE.values(), *(build for _, build in corpus.QUARANTINED.values())]
    originals = [raw for raw in (build() for build in builders) if len(raw) < 20_000]
    outcomes = {outcome(_mutated(source.choice(originals), source)) for _ in range(500)}
    assert "readable" in outcomes


def test_parse__mutated_below_the_sender__ninety_nine_per_cent_readable() -> None:
    source = random.Random(20261124)  # noqa: S311 - repeatable, protects nothing
    originals = [build().partition(b"\r\nTo: ") for build in corpus.READABLE.values()]
    outcomes = []
    for _ in range(500):
        head, to, rest = source.choice(originals)
        outcomes.append(outcome(head + to + (_mutated(rest, source) if rest else b"")))
    assert outcomes.count("readable") >= 495


def _mutated(raw: bytes, source: random.Random) -> bytes:
    data = bytearray(raw)
    for _ in range(source.randint(1, 8)):
        at = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0:
                data[at : at + 1] = bytes([source.randrange(256)])
            case 1:
                del data[at : at + source.randint(1, 60)]
            case 2:
                other = source.randrange(len(data) + 1)
                data[at:at] = data[other : other + source.randint(1, 200)]
            case 3:
                data[at:at] = source.choice(
                    [b"\r\n", b"\r", b"\n\n", b"\0", b"--=_b\r\n", b"=?", b"?=", b";", b'"', b"\xff\xfe"]
                )
            case _:
                del data[at:]
        if not data:
            data += b"x"
    return bytes(data)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2_000))
def test_parse__any_bytes__parsed_or_unparsable(raw: bytes) -> None:
    assert outcome(raw)
    assert outcome(corpus.mail(raw))
    assert outcome(corpus.mail(headers={"From": raw.replace(b"\n", b"") or b"x"}))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_parse__any_text_in_a_part__comes_back(words: str) -> None:
    mail = parse(corpus.text(words.encode("utf-8", "surrogatepass"), "utf-8", encoding="base64"))
    shown = {*mail.text, *mail.quoted_text}
    assert {character for character in words if character.isalnum()} <= shown or mail.attachments


def test_to_text__tag_of_half_a_megabyte__leaves_the_words_alone() -> None:
    markup = "<p style='" + "color:red;" * 50_000 + "'>Hello</p><p>5 < 6 and <b>more</b></p>"
    assert html_text.to_text(markup).split() == ["Hello", "5", "<", "6", "and", "more"]
