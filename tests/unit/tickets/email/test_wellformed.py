"""Whatever the making of a well-formed mail, what is read is what was written."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.wellformed import Author
from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import parse

CONTENT = b"%PDF-1.7"


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**40))
def test_parse__well_formed_mail__subject_sender_text_and_files_as_written(seed: int) -> None:
    written = Author(Random(seed)).mail()  # noqa: S311 - repeatable, protects nothing
    assert written.differences(parse(written.raw)) == [], written.how


def test_differences__each_field_changed__named() -> None:
    written = Author(Random(1)).mail()  # noqa: S311 - repeatable, protects nothing
    read = parse(written.raw)
    other = replace(
        written, subject="x", name="x", address="x@x.example", text="x", files=(*written.files, ("x", b"x"))
    )
    named = [difference.partition(":")[0] for difference in other.differences(read)]
    assert named == ["subject", "name", "address", "text", "files"]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=\"file.pdf\"; filename*=utf-8''%E5%87%AD%E8%AF%81.pdf", "凭证.pdf"),
        ("attachment; filename*=utf-8''%E5%87%AD%E8%AF%81.pdf; filename=\"file.pdf\"", "凭证.pdf"),
        ("attachment; filename*=iso-8859-2''Dobr%FD_den.pdf", "Dobrý_den.pdf"),
        ("attachment; filename*0*=utf-8''%E5%87%AD%E8%AF%81; filename*1=.pdf", "凭证.pdf"),
        ("attachment; filename*0*=utf-8''%E5%87%AD%E8; filename*1*=%AF%81.pdf", "凭证.pdf"),
        ("attachment; filename*1=.pdf; filename*0=report", "report.pdf"),
        ("attachment; filename*=%E5%87%AD%E8%AF%81.pdf", "凭证.pdf"),
        ("attachment; filename*=''plain.pdf", "plain.pdf"),
        ("attachment; filename*0*=gbk''%C6%BE%D6%A4.pdf", "凭证.pdf"),
        ("attachment; filename=report 2026.pdf", "report 2026.pdf"),
        ('attachment; filename="=?utf-8?B?5Yet?=\r\n =?utf-8?B?6K+BLnBkZg==?="', "凭证.pdf"),
        ("attachment; filename==?utf-8?B?5Yet6K+BLnBkZg==?=", "凭证.pdf"),
    ],
)
def test_parse__file_name_in_every_notation__as_meant(disposition: str, name: str) -> None:
    file = corpus.part("application/pdf", CONTENT, Content_Disposition=disposition)
    mail = parse(corpus.whole(corpus.multipart("mixed", corpus.part("text/plain", "words"), file)))
    assert [(file.filename, file.content) for file in mail.attachments] == [(name, CONTENT)]
    assert mail.text == "words"


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=x-none''%E5%87%AD.pdf",
        "attachment; filename*=utf-8''%ZZ%.pdf",
        "attachment; filename*x*=utf-8''a.pdf",
        "attachment; filename*0*=utf-8'a.pdf",
        "attachment; filename*00000000000000000000000000000000000=a.pdf",
        "attachment; filename*99999999999=a.pdf",
        "attachment; filename*-1=a.pdf",
        "attachment; filename*0=a; filename*2=.pdf",
        'attachment; filename="never closed.pdf',
        "attachment; filename",
        "attachment; ;;;=;",
        "",
    ],
)
def test_parse__broken_file_name__file_kept_under_a_name(disposition: str) -> None:
    file = corpus.part("application/pdf", CONTENT, Content_Disposition=disposition)
    mail = parse(corpus.whole(corpus.multipart("mixed", corpus.part("text/plain", "words"), file)))
    (found,) = mail.attachments
    assert found.content == CONTENT
    assert found.filename
    assert mail.text == "words"
