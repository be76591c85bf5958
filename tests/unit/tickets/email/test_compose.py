"""Outgoing mail: right headers, the same bytes each time, nothing that escapes its field."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.compose import Outgoing, OutgoingFile, Party, QuotedHistory, compose, reply_subject
from tickets.channels.email.parse import parse

LONG_ID = "<" + "a" * 180 + "@pharos.example>"
BASIC = Outgoing(
    sender=Party("support@pharos.example", "Pharos Support"),
    to=(Party("li.wei@customer.example", "李伟"),),
    subject="Withdrawal pending",
    text="Hello,\n\nplease see https://pharos.example/help?a=1&b=2.\nMaya",
    message_id="<t.m.tag@pharos.example>",
    date=datetime(2026, 11, 23, 10, 31, 44, tzinfo=UTC),
    reply_to="support+abc.def@pharos.example",
    in_reply_to="<m1@customer.example>",
    references=("<m0@customer.example>",),
    is_reply=True,
    signature="Maya\nPharos",
)


def read(outgoing: Outgoing) -> EmailMessage:
    message = message_from_bytes(compose(outgoing), policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_compose__reply__headers_of_a_thread() -> None:
    message = read(BASIC)
    assert message["Subject"] == "Re: Withdrawal pending"
    assert message["From"] == "Pharos Support <support@pharos.example>"
    assert message["To"].addresses[0].display_name == "李伟"
    assert message["Reply-To"] == "support+abc.def@pharos.example"
    assert message["Message-ID"] == "<t.m.tag@pharos.example>"
    assert message["In-Reply-To"] == "<m1@customer.example>"
    assert message["References"].split() == ["<m0@customer.example>", "<m1@customer.example>"]
    assert message["Date"].datetime == BASIC.date
    assert message["Content-Language"] == "en"
    assert message["Auto-Submitted"] is None
    assert message["Bcc"] is None


def test_compose__same_input__same_bytes() -> None:
    outgoing = replace(BASIC, files=(OutgoingFile("a.png", "image/png", corpus.PIXEL),))
    assert compose(outgoing) == compose(replace(outgoing))


def test_compose__own_reader__reads_it_back() -> None:
    history = QuotedHistory("On 2026-11-22 Li Wei wrote:", "Where is it?\n\nLi")
    file = OutgoingFile("凭证 2026.pdf", "application/pdf", b"%PDF")
    mail = parse(compose(replace(BASIC, history=history, files=(file,), text="你好，已经处理。", signature="")))
    assert mail.text == "你好，已经处理。"
    assert mail.quoted_text == "On 2026-11-22 Li Wei wrote:\n> Where is it?\n>\n> Li"
    assert [(found.filename, found.content) for found in mail.attachments] == [("凭证 2026.pdf", b"%PDF")]
    assert mail.kind == "normal"
    assert mail.warnings == ()


def test_compose__both_bodies__same_words_links_escaped() -> None:
    message = read(replace(BASIC, text='<script>alert(1)</script> "x" & (https://a.example/(b)). javascript:alert(1)'))
    assert "<script>alert(1)</script>" in body(message, "plain")
    markup = body(message, "html")
    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup
    assert 'href="https://a.example/(b)"' in markup
    assert 'href="javascript' not in markup


@pytest.mark.attack("B1")
@pytest.mark.parametrize("url", ['https://a.example/?q="onmouseover=x', "https://a.example/'><img src=x>"])
def test_compose__hostile_url__cannot_leave_its_attribute(url: str) -> None:
    markup = body(read(replace(BASIC, text=f"see {url} now")), "html")
    assert "<img" not in markup
    assert '"onmouseover' not in markup


def test_compose__signature_and_history__in_both_bodies() -> None:
    message = read(replace(BASIC, history=QuotedHistory("On Monday Li wrote:", "old words")))
    plain = body(message, "plain").replace("\r\n", "\n")
    assert "\n-- \nMaya\nPharos\n" in plain
    assert "On Monday Li wrote:\n> old words" in plain
    assert "old words</blockquote>" in body(message, "html")


def test_compose__automatic__says_so() -> None:
    message = read(replace(BASIC, automatic="auto-replied"))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert parse(compose(replace(BASIC, automatic="auto-replied"))).kind == "auto_reply"


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "wide " * 1_000},
        {"text": "x" * 5_000},
        {"text": "提" * 5_000},
        {"subject": "long words " * 40},
        {"subject": "提现" * 100},
        {"subject": "=?utf-8?q?already?="},
        {"references": tuple(f"<{number}{LONG_ID[1:]}" for number in range(60)), "in_reply_to": LONG_ID},
        {"to": tuple(Party(f"a{number}@customer.example", "名" * 60) for number in range(40))},
        {"sender": Party("support@pharos.example", 'Quote " and \\ and, comma')},
        {"language": "zh-CN", "text": ".\n.\nFrom here"},
    ],
)
def test_compose__long_or_foreign__seven_bit_with_short_lines(changes: dict[str, object]) -> None:
    raw = compose(replace(BASIC, **changes))  # type: ignore[arg-type]
    assert raw.isascii()
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 220
    parsed = parse(raw)
    assert parsed.sender.address == "support@pharos.example"
    assert not parsed.warnings


def test_compose__long_identifiers__never_encoded_at_most_twenty() -> None:
    chain = tuple(f"<{number}{LONG_ID[1:]}" for number in range(60))
    mail = parse(compose(replace(BASIC, references=chain, in_reply_to=LONG_ID)))
    assert mail.references == (chain[0], *chain[-18:], LONG_ID)


def test_compose__names__survive() -> None:
    names = ['Quote " and \\ and, comma', "李伟", "O'Neil (Support)", "Émile " * 10, "=?utf-8?q?x?=", "a@b.example"]
    for name in names:
        sender = parse(compose(replace(BASIC, sender=Party("support@pharos.example", name)))).sender
        assert (sender.name, sender.address) == (name.strip(), "support@pharos.example")


@pytest.mark.attack("A11")
@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "hello\r\nBcc: victim@x.example"},
        {"subject": "hello\nBcc: victim@x.example"},
        {"subject": "hello\rBcc: victim@x.example"},
        {"subject": "hello\u2028Bcc: victim@x.example"},
        {"subject": "hello\x00"},
        {"sender": Party("support@pharos.example", "Pharos\r\nBcc: victim@x.example")},
        {"sender": Party("support@pharos.example\r\nBcc: victim@x.example")},
        {"to": (Party("a@x.example, victim@x.example"),)},
        {"to": (Party("a@x.example>\r\nBcc: victim@x.example"),)},
        {"to": (Party("a@x.example", "A\nBcc: victim@x.example"),)},
        {"to": ()},
        {"cc": (Party("no address"),)},
        {"reply_to": "a@x.example\r\nBcc: victim@x.example"},
        {"message_id": "<a@b>\r\nBcc: victim@x.example"},
        {"message_id": "none"},
        {"language": "en\r\nBcc: x"},
        {"files": (OutgoingFile("a\r\nBcc: x.txt", "text/plain", b""),)},
        {"files": (OutgoingFile("../a.txt", "text/plain", b""),)},
        {"files": (OutgoingFile("a.txt", "text/plain\r\nBcc: x", b""),)},
        {"date": datetime(2026, 11, 23)},  # noqa: DTZ001 - the missing zone is the point
        {"to": (Party("用户@customer.example"),)},
    ],
)
def test_compose__would_escape_its_field__value_error(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        compose(replace(BASIC, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Withdrawal", "Re: Withdrawal"),
        ("Re: Withdrawal", "Re: Withdrawal"),
        ("RE: re: AW: Re[2]: Withdrawal", "Re: Withdrawal"),
        ("回复：答复: 提现", "Re: 提现"),
        ("Regarding: x", "Re: Regarding: x"),
        ("Fwd: x", "Re: Fwd: x"),
        ("", "Re:"),
    ],
)
def test_reply_subject__any_pile_of_prefixes__re_once(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


def test_compose__message_file__travels_as_plain_bytes() -> None:
    (file,) = parse(compose(replace(BASIC, files=(OutgoingFile("a.eml", "message/rfc822", b"From: x"),)))).attachments
    assert (file.declared_type, file.content) == ("application/octet-stream", b"From: x")
