"""MIME as it arrives: doubled fields, odd boundaries, line ends of every kind, attached mails, receipts, signatures."""

import base64
from datetime import UTC, datetime

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import parse

PLAIN = corpus.part("text/plain; charset=utf-8", "first words")
SECOND = corpus.part("text/plain; charset=utf-8", "second words")
BOTH = "first words\n\nsecond words"
FILE = corpus.part("application/pdf; name=a.pdf", "%PDF")


@pytest.mark.parametrize(
    ("ends", "lines"), [("lf", b"\n"), ("cr", b"\r"), ("cr cr lf", b"\r\r\n"), ("crlf", b"\r\n")]
)  # fmt: skip
def test_parse__line_ends_of_one_kind__all_parts_found(ends: str, lines: bytes) -> None:
    mail = parse(corpus.whole(corpus.multipart("mixed", PLAIN, SECOND, FILE)).replace(b"\r\n", lines))
    assert (mail.subject, mail.text, len(mail.attachments)) == ("Withdrawal pending", BOTH, 1), ends


def test_parse__bare_cr_with_the_line_end_of_smtp_behind__all_parts_found() -> None:
    raw = corpus.whole(corpus.multipart("mixed", PLAIN, SECOND, FILE)).replace(b"\r\n", b"\r") + b"\r\n"
    mail = parse(raw)
    assert (mail.subject, mail.text, len(mail.attachments)) == ("Withdrawal pending", BOTH, 1)


@pytest.mark.parametrize("at", range(12))
def test_parse__one_line_end_without_cr__all_parts_found(at: int) -> None:
    raw = corpus.whole(corpus.multipart("mixed", PLAIN, SECOND, FILE))
    pieces = raw.split(b"\r\n")
    mail = parse(b"\r\n".join(pieces[: at + 1]) + b"\n" + b"\r\n".join(pieces[at + 1 :]))
    assert (mail.subject, mail.text, len(mail.attachments)) == ("Withdrawal pending", BOTH, 1)


@pytest.mark.parametrize(
    "boundary",
    ["=_b", "a b", "a'()+_,-./:=?b", "-", "--", "----=_Part", "x" * 70, "0", "b--", "=?utf-8?q?x?=", "\u00e9"],
)
def test_parse__boundary_of_any_letters__parts_found(boundary: str) -> None:
    assert parse(corpus.whole(corpus.multipart("mixed", PLAIN, SECOND, boundary=boundary))).text == BOTH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'boundary="=_b"', b"boundary='=_b'"),
        (b'boundary="=_b"', b"boundary=other; boundary==_b"),
        (b'boundary="=_b"', b'boundary="=_B"'),
        (b'boundary="=_b"', b"boundary"),
        (b'boundary="=_b"', b"charset=utf-8"),
        (b'boundary="=_b"', b'boundary="=_b'),
        (b'mixed; boundary="=_b"', b'mixed boundary="=_b"'),
        (b"--=_b--", b""),
        (b"--=_b--", b"--=_b"),
        (b"preamble\r\n", b""),
    ],
)
def test_parse__boundary_misstated__parts_found(old: bytes, new: bytes) -> None:
    raw = corpus.whole(corpus.multipart("mixed", PLAIN, SECOND))
    assert old in raw
    text = parse(raw.replace(old, new)).text
    assert [line for line in text.split("\n") if "words" in line] == ["first words", "second words"]


@pytest.mark.parametrize(("outer", "inner"), [("b", "b1"), ("b1", "b"), ("b", "b--b")])
def test_parse__boundaries_that_begin_alike__every_part_once(outer: str, inner: str) -> None:
    letter = corpus.multipart("alternative", PLAIN, corpus.part("text/html", "<p>first words</p>"), boundary=inner)
    mail = parse(corpus.whole(corpus.multipart("mixed", letter, SECOND, boundary=outer)))
    assert mail.text == BOTH
    assert mail.html is not None


@pytest.mark.parametrize(
    ("extra", "subject", "text"),
    [
        ([("Subject", "second")], "Withdrawal pending", "Hello caf\u00e9"),
        ([("Date", "Mon, 1 Jan 2001 00:00:00 +0000")], "Withdrawal pending", "Hello caf\u00e9"),
        ([("Content-Type", "text/plain; charset=utf-8"), ("Content-Type", "text/html")], "Withdrawal pending",
         "Hello caf\u00e9"),
        ([("Content-Transfer-Encoding", "8bit"), ("Content-Transfer-Encoding", "base64")], "Withdrawal pending",
         "Hello caf\u00e9"),
        ([("MIME-Version", "1.0"), ("MIME-Version", "2.0")], "Withdrawal pending", "Hello caf\u00e9"),
    ],
)  # fmt: skip
def test_parse__field_twice__the_first_counts(extra: list[tuple[str, str | bytes]], subject: str, text: str) -> None:
    mail = parse(corpus.mail("Hello caf\u00e9", extra=extra))
    assert (mail.subject, mail.text) == (subject, text)
    assert mail.date == datetime(2026, 11, 23, 2, 31, 44, tzinfo=UTC)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"\n\n\n", b"From someone Mon Nov 23\r\n"])
def test_parse__something_before_the_header__read(before: bytes) -> None:
    assert parse(before + corpus.mail("words")).text == "words"


@pytest.mark.parametrize("content_type", ["text/plain (a); charset=gb2312 (Chinese)", "TEXT/PLAIN ; CHARSET = GB2312"])
def test_parse__comment_or_blanks_in_content_type__charset_known(content_type: str) -> None:
    mail = parse(corpus.mail("\u8c22\u8c22".encode("gbk"), headers={"Content-Type": content_type}))
    assert (mail.text, mail.warnings) == ("\u8c22\u8c22", ())


def test_parse__attached_mails_within_each_other__outer_one_kept_byte_for_byte() -> None:
    innermost = corpus.mail("deepest words", headers={"Subject": "deepest"})
    carrying = corpus.multipart("mixed", SECOND, corpus.part("message/rfc822", innermost), boundary="in")
    middle = corpus.whole(carrying, Subject="middle")
    mail = parse(corpus.whole(corpus.multipart("mixed", PLAIN, corpus.part("message/rfc822", middle))))
    assert mail.text == "first words"
    assert [(summary.subject, summary.text) for summary in mail.forwarded] == [("middle", "second words")]
    assert mail.attachments[0].content == middle


def test_parse__mail_that_is_nothing_but_another_one__kept_as_a_file_with_a_summary() -> None:
    inner = corpus.mail("inner words", headers={"Subject": "inner"})
    mail = parse(corpus.mail(inner, headers={"Content-Type": "message/rfc822"}))
    assert [file.content for file in mail.attachments] == [inner]
    assert mail.forwarded[0].subject == "inner"


@pytest.mark.parametrize("mode", ["automatic-action/MDN-sent-automatically", "manual-action/MDN-sent-manually"])
def test_parse__read_receipt__kind_told_words_shown(mode: str) -> None:
    notice = (
        "Reporting-UA: x\r\nFinal-Recipient: rfc822;a@b.example\r\nOriginal-Message-ID: <1@pharos.example>\r\n"
        f"Disposition: {mode}; displayed\r\n"
    )
    report = corpus.multipart(
        "report", PLAIN, corpus.part("message/disposition-notification", notice), report_type="disposition-notification"
    )
    mail = parse(corpus.whole(report))
    assert (mail.kind, mail.text, mail.may_be_answered_automatically) == ("read_receipt", "first words", False)


def test_parse__invitation_of_outlook_and_google__gist_words_and_one_file() -> None:
    encoded = base64.encodebytes(corpus.CALENDAR.encode()).decode()
    invite = corpus.part("text/calendar; charset=utf-8; method=REQUEST", corpus.CALENDAR)
    file = corpus.part(
        "application/ics; name=invite.ics", encoded,
        Content_Disposition="attachment; filename=invite.ics", Content_Transfer_Encoding="base64",
    )  # fmt: skip
    letter = corpus.multipart("alternative", PLAIN, corpus.part("text/html", "<p>x</p>"), invite, boundary="in")
    mail = parse(corpus.whole(corpus.multipart("mixed", letter, file)))
    assert (mail.text, [found.method for found in mail.calendar][:1]) == ("first words", ["REQUEST"])
    assert [attachment.filename for attachment in mail.attachments] == ["invite.ics"]


@pytest.mark.attack("A15")
def test_parse__signed_part_beside_unsigned_words__both_shown_no_trust() -> None:
    signature = corpus.part("application/pgp-signature", "-----BEGIN PGP SIGNATURE-----")
    signed = corpus.multipart("signed", SECOND, signature, boundary="s")
    mail = parse(corpus.whole(corpus.multipart("mixed", PLAIN, signed)))
    assert mail.text == BOTH
    assert "openpgp_or_smime_signed" in mail.warnings
    assert not any("verified" in slot or "trusted" in slot for slot in dir(mail))


def test_parse__tnef_by_name_only_or_broken__file_can_be_had() -> None:
    broken = corpus.part("application/octet-stream; name=winmail.dat", b"\x78\x9f\x3e\x22 nothing sound")
    mail = parse(corpus.whole(corpus.multipart("mixed", PLAIN, broken)))
    assert (mail.text, [file.filename for file in mail.attachments]) == ("first words", ["winmail.dat"])
    assert "tnef_unreadable" in mail.warnings


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(corpus.mail(""), id="no_words"),
        pytest.param(corpus.whole(corpus.multipart("mixed", b"", b"\r\n")), id="empty_parts"),
        pytest.param(corpus.whole(corpus.multipart("mixed")), id="no_parts"),
        pytest.param(corpus.mail("", headers={"Content-Type": "text/html"}), id="empty_html"),
        pytest.param(corpus.mail("   \r\n\t\r\n"), id="blanks"),
        pytest.param(b"From: a@b.example", id="header_cut_off"),
    ],
)
def test_parse__nothing_in_it__read_all_the_same(raw: bytes) -> None:
    mail = parse(raw)
    assert "words" not in mail.text
    assert mail.sender.address
