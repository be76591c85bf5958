"""A large mail is kept, fetched and read in pieces, one at a time, and holds up nobody (F18)."""

import base64
import os
import tracemalloc

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from core import files, sealing
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import Attachment, InboundMail, Message, Ticket
from tickets.services import handling, intake, raw_mail

CARD = "4111 1111 1111 1111"
MEGABYTE = 1024 * 1024
FILE = os.urandom(12 * MEGABYTE)


RAW = letter(
    subject="large",
    text="\n".join(
        [
            "--b", "Content-Type: text/plain", "", "See the file.", "--b", "Content-Type: application/octet-stream",
            "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=photo.bin", "",
            base64.encodebytes(FILE).decode(), "--b--",
        ]
    ),
    content_type="multipart/mixed; boundary=b",
)  # fmt: skip


def test_accept__large_mail__is_a_case_with_its_file(mail: Mail) -> None:
    row = mail.take(RAW)
    assert (row.state, row.size) == ("processed", len(RAW))
    assert files.read(Attachment.objects.get(message=row.message).stored) == FILE


def test_store__large_mail__can_be_opened_again_whole_and_in_pieces(mail: Mail) -> None:
    row = mail.store(RAW)
    assert sealing.unseal(bytes(InboundMail.objects.get(pk=row.pk).raw)) == RAW
    assert b"".join(raw_mail.pieces(row)) == RAW


def test_store__large_mail_again__is_the_same_row(mail: Mail) -> None:
    assert mail.store(RAW).pk == mail.store(RAW).pk


def test_store_and_accept__large_mail__never_stands_in_memory_again(mail: Mail) -> None:
    mail.take(letter())  # whatever is loaded once is loaded
    tracemalloc.start()
    try:
        row = mail.store(RAW)
        _, stored = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _piece in raw_mail.pieces(row):
            pass
        _, fetched = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored < 8 * MEGABYTE
    assert fetched < 8 * MEGABYTE


def test_accept__large_mail_while_another_is_handled__waits_and_small_mail_goes_on(clone_db: str, mail: Mail) -> None:
    row = mail.store(RAW)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(intake.LARGE_TURN)
            assert cursor.fetchone()[0]
        intake.accept(inbound_pk=row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts, row.lease_token) == ("stored", 0, None)
        assert mail.take(letter(subject="small")).state == "processed"
        with other.cursor() as cursor:
            cursor.execute(intake.LARGE_TURN_ENDS)  # the end of a connection alone reaches its server some time later
    finally:
        other.close()
    intake.accept(inbound_pk=row.pk)
    assert set(Ticket.objects.values_list("subject", flat=True)) == {"small", "large"}


def test_accept__more_text_files_than_can_be_masked_in_time__leaves_the_rest_out(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "MASKED_BYTES_PER_MAIL", 5_000)
    part = "--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename={name}\n\n{body}\n"
    files_ = [("a.txt", "a " * 1_500), ("b.txt", f"{CARD} " * 300), ("c.bin", "\x01" * 9_000), ("d.txt", "d")]
    text = "".join(part.format(name=name, body=body) for name, body in files_) + "--b--"
    row = mail.take(letter(text=text, content_type="multipart/mixed; boundary=b"))
    kept = [attachment.stored for attachment in Attachment.objects.filter(message=row.message).select_related("file")]
    assert [file.name for file in kept] == ["a.txt", "c.bin", "d.txt"]
    assert not any(CARD.encode() in files.read(file) for file in kept)
    assert Message.objects.get(event="files_left_out").event_data == {"count": 1, "names": "b.txt"}


@pytest.mark.parametrize("cut", [1, 200, 2 * MEGABYTE, MEGABYTE + 17])
def test_unseal_pieces__cut_off__is_refused(cut: int) -> None:
    sealed = b"".join(sealing.seal_pieces(FILE))
    assert len(sealed) == sealing.sealed_size(len(FILE))
    with pytest.raises(ImproperlyConfigured):
        list(sealing.unseal_pieces([sealed[:-cut]]))
