"""What a mail says, read out of the many ways in which mailers write it."""

from datetime import UTC, datetime

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import ParsedMail, Unparsable, parse


def read(name: str) -> ParsedMail:
    return parse(corpus.READABLE[name]())


def test_corpus__size__covers_eighty_mails() -> None:
    assert len(corpus.READABLE) + len(corpus.QUARANTINED) >= 80


@pytest.mark.parametrize("name", corpus.CHARSETS)
def test_parse__charset_and_label__text_as_written(name: str) -> None:
    build, expected = corpus.CHARSETS[name]
    assert parse(build()).text == expected


@pytest.mark.parametrize("name", corpus.READABLE)
def test_parse__any_readable_mail__strings_fit_the_database(name: str) -> None:
    mail = read(name)
    strings = [mail.subject, mail.text, mail.quoted_text, mail.html or "", mail.sender.name, mail.sender.raw]
    strings += [attachment.filename for attachment in mail.attachments]
    for string in strings:
        assert "\x00" not in string
        string.encode()
    assert "\n" not in mail.subject + mail.sender.name


@pytest.mark.attack("A10")
@pytest.mark.parametrize("name", corpus.QUARANTINED)
def test_parse__mail_to_quarantine__reason_code(name: str) -> None:
    reason, build = corpus.QUARANTINED[name]
    with pytest.raises(Unparsable) as raised:
        parse(build())
    assert raised.value.reason == reason
    assert raised.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("subject_split_within_character", "提现失败"),
        ("subject_raw_gbk", "关于提现的问题"),
        ("subject_raw_utf8", "关于提现的问题"),
        ("subject_with_controls", "pay Bcc: x@y.z fdp.exe end"),
        ("subject_missing_and_duplicate_to", ""),
    ],
)
def test_parse__subject__one_safe_line(name: str, subject: str) -> None:
    assert read(name).subject == subject


@pytest.mark.attack("A10")
@pytest.mark.parametrize(
    ("name", "display_name", "address", "warnings"),
    [
        ("sender_idn", "李伟", "Li@xn--bcher-kva.example", ()),
        ("sender_unquoted_dots_and_comma", "Smith John Q.", "john@customer.example", ("from_unquoted_comma",)),
        ("sender_name_equals_address", "", "li.wei@customer.example", ()),
        (
            "sender_name_holds_other_address", "support@pharos.example", "evil@attacker.example",
            ("display_name_holds_another_address",),
        ),
        ("mbox_from_line", "Li Wei", "li.wei@customer.example", ()),
        ("bare_lf", "Li Wei", "li.wei@customer.example", ()),
        ("bare_cr", "Li Wei", "li.wei@customer.example", ()),
    ],
)  # fmt: skip
def test_parse__sender__certain(name: str, display_name: str, address: str, warnings: tuple[str, ...]) -> None:
    mail = read(name)
    assert (mail.sender.name, mail.sender.address) == (display_name, address)
    assert mail.warnings == warnings


def test_parse__recipients__envelope_first_each_once_broken_skipped() -> None:
    mail = read("recipients_of_every_kind")
    assert mail.to == ()
    assert [address.address for address in mail.cc] == ["a@x.example", "b@x.example"]
    assert [address.address for address in mail.recipients] == [
        "support+abc@pharos.example", "help@pharos.example", "a@x.example", "b@x.example",
    ]  # fmt: skip
    assert [address.key for address in mail.reply_to] == ["other@elsewhere.example"]
    assert "recipient_unreadable" in mail.warnings


def test_parse__threading_headers__identifiers_in_order() -> None:
    mail = read("threading_headers")
    assert mail.message_id == "<bare@x.example>"
    assert mail.in_reply_to == "<two@x.example>"
    assert mail.references == ("<one@x.example>", "<two@x.example>")


def test_parse__date__utc_or_none() -> None:
    assert read("bare_lf").date == datetime(2026, 11, 23, 2, 31, 44, tzinfo=UTC)
    assert read("date_nonsense").date is None


@pytest.mark.parametrize(
    ("name", "text", "markup"),
    [
        ("alternative", "plain words", "<p>rich words</p>"),
        ("alternative_plain_blank", "rich\nwords", "<p>rich<br>words</p>"),
        ("apple_mixed_in_alternative", "above below", "<p>above</p>\n<p>below</p>"),
        ("boundary_never_used", "just words", None),
        ("boundary_wrong", "found anyway", None),
        ("boundary_not_closed", "first\n\nsecond", None),
        ("boundary_shared_with_inner", "preamble\n\ninner words\n\nouter words", None),
        ("empty_parts", "words", None),
        ("multipart_base64", "inside", None),
        ("damaged_base64", "the text survives", None),
        ("unknown_transfer_encoding", "as it is", None),
        ("content_type_nonsense", "still text", None),
        ("flowed_delsp", "提现失败", None),
        ("nul_and_controls", "abc", None),
        ("no_body", "", None),
        ("signed_pgp", "signed words", None),
    ],
)
def test_parse__body__words_found(name: str, text: str, markup: str | None) -> None:
    mail = read(name)
    assert (mail.text, mail.html) == (text, markup)


def test_parse__html_only__text_derived_without_style_and_links() -> None:
    mail = read("html_only")
    assert mail.text == "Dear team,\n\n  * one\n  * two\nl"
    assert mail.html is not None
    assert "<style>" in mail.html


def test_parse__flowed__paragraphs_joined_and_quote_folded() -> None:
    mail = read("flowed")
    assert mail.text == "This is a soft wrapped line.\n\n-- \nLi"
    assert mail.quoted_text == "> quoted soft line"


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("related_inline_image", [("logo.png", "image/png", True)]),
        ("mixed_with_attachments", [("凭证.pdf", "application/pdf", False), ("订单.csv", "text/csv", False)]),
        ("apple_mixed_in_alternative", [("attachment-1.pdf", "application/pdf", False)]),
        ("boundary_missing", [("attachment-1.pdf", "application/pdf", False)]),
        ("uuencoded", [("note.txt", "application/octet-stream", False)]),
        ("tnef", [("report.txt", "application/octet-stream", False)]),
        ("tnef_broken", [("winmail.dat", "application/ms-tnef", False)]),
        ("text_attachment_is_no_letter", [("log.txt", "text/plain", False)]),
        ("digest", [("attachment-1.eml", "message/rfc822", False), ("attachment-2.eml", "message/rfc822", False)]),
        ("smime_opaque", [("smime.p7m", "application/pkcs7-mime", False)]),
    ],
)
def test_parse__files__kept_with_printable_names(name: str, files: list[tuple[str, str, bool]]) -> None:
    found = [(file.filename, file.declared_type, file.is_inline) for file in read(name).attachments]
    assert found == files


@pytest.mark.attack("C1")
def test_parse__hostile_filenames__neither_path_nor_dotfile_nor_device() -> None:
    names = [file.filename for file in read("hostile_filenames").attachments]
    assert names == ["passwd", "htaccess", "_CON", "invoicefdp.exe", "ab.php", "x.sh", "attachment-7.bin"]


def test_parse__inline_image__content_and_cid() -> None:
    (image,) = read("related_inline_image").attachments
    assert image.content == corpus.PIXEL
    assert image.content_id == "logo@x"


def test_parse__tnef__body_and_file_out_of_the_envelope() -> None:
    mail = read("tnef")
    assert mail.text == "body from outlook"
    assert mail.attachments[0].content == b"file content"


def test_parse__calendar__gist_and_file() -> None:
    mail = read("calendar")
    (invite,) = mail.calendar
    assert invite.method == "REQUEST"
    assert invite.summary == "Call about, the withdrawal"
    assert (invite.start, invite.time_zone) == ("2026-11-24T10:00:00", "Asia/Shanghai")
    assert invite.end == "2026-11-24T02:30:00Z"
    assert invite.organizer == "li.wei@customer.example"
    assert [file.filename for file in mail.attachments] == ["invite.ics"]


def test_parse__forwarded_message__file_and_summary() -> None:
    mail = read("forwarded_rfc822")
    (forwarded,) = mail.forwarded
    assert forwarded.subject == "提现"
    assert forwarded.message_id == "<inner@x.example>"
    assert forwarded.text == "the forwarded words"
    assert mail.attachments[0].filename == forwarded.filename
    assert mail.text == "see below"


def test_parse__forwarded_message__file_byte_for_byte() -> None:
    inner = corpus.mail("words  \r\n", headers={"Subject": "a" * 200 + "\r\n\tfolded \xff", "X-Odd": "  two  blanks "})
    mail = parse(corpus.whole(corpus.multipart("mixed", corpus.part("message/rfc822", inner))))
    assert mail.attachments[0].content == inner


@pytest.mark.parametrize("repeats", [1, 100, 2_000])
@pytest.mark.parametrize("line", [b"\x00\xff\r\n", b"\rA: b\r", b"--\r\n--=_\r\n", b"\n\n \n"])
def test_parse__binary_file_of_any_size__byte_for_byte(line: bytes, repeats: int) -> None:
    content = b"start" + line * repeats + b"end"
    file = corpus.part("application/octet-stream; name=a.bin", content, Content_Transfer_Encoding="binary")
    mail = parse(corpus.whole(corpus.multipart("mixed", corpus.part("text/plain", "see file"), file)))
    assert [attachment.content for attachment in mail.attachments] == [content]
    assert mail.text == "see file"


@pytest.mark.parametrize("filler", ["", " filler" * 4_000])
def test_parse__part_behind_the_closing_delimiter__kept(filler: str) -> None:
    entity = corpus.multipart("mixed", corpus.part("text/plain", f"first{filler}"))
    late = b"--=_b\r\n" + corpus.part("text/plain", "second") + b"\r\n--=_b--\r\n"
    mail = parse(corpus.whole(entity + late))
    assert mail.text == f"first{filler}\n\nsecond"


def test_parse__closing_delimiter_only__text_kept() -> None:
    body = "above\r\n--=_b--\r\nbelow"
    mail = parse(corpus.mail(body, headers={"Content-Type": 'multipart/mixed; boundary="=_b"'}))
    assert mail.text == "above\n--=_b--\nbelow"
    assert mail.warnings == ("multipart_without_parts",)


def test_parse__part_without_blank_line__next_part_found() -> None:
    entity = corpus.multipart("mixed", b"Content-Type: text/plain", corpus.part("text/plain", "words"), boundary="a:b")
    assert parse(corpus.whole(entity)).text == "words"


def test_parse__boundary_in_extended_notation__parts_found() -> None:
    entity = corpus.multipart("mixed", corpus.part("text/plain", "words"), boundary="a b")
    raw = corpus.whole(entity.replace(b'boundary="a b"', b"boundary*0*=us-ascii''a; boundary*1*=%20b"))
    assert parse(raw).text == "words"


def test_parse__lines_with_one_cr_too_many__read() -> None:
    raw = corpus.mail("one\r\ntwo").replace(b"\r\n", b"\r\r\n")
    assert (parse(raw).subject, parse(raw).text) == ("Withdrawal pending", "one\ntwo")


def test_parse__forwarded_utf7__file_without_summary() -> None:
    mail = read("forwarded_with_hidden_utf7")
    assert mail.forwarded[0].text == ""
    assert "forwarded_message_unreadable" in mail.warnings


@pytest.mark.attack("A15")
@pytest.mark.parametrize("name", ["signed_pgp", "smime_opaque"])
def test_parse__signed_mail__warned_never_trusted(name: str) -> None:
    assert any(warning.startswith("openpgp_or_smime") for warning in read(name).warnings)


@pytest.mark.attack("A11")
def test_parse__bare_cr_in_header__no_second_field() -> None:
    mail = parse(corpus.mail(headers={"Subject": b"hello\rBcc: victim@x.example"}))
    assert mail.subject == "hello Bcc: victim@x.example"
    assert not any(field.name == "bcc" for field in mail.headers)
    assert not any("\r" in field.value or "\n" in field.value for field in mail.headers)


def test_parse__text_too_long__beginning_shown_whole_attached() -> None:
    mail = parse(corpus.mail("word " * 500_000))
    assert len(mail.text) == 2_000_000
    assert mail.attachments[0].filename == "body.txt"
    assert len(mail.attachments[0].content) == 2_500_000
