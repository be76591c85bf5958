"""Files of messages: redacted, kept apart by kind, claimed once, measured together, removed when nobody names them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from accounts.models import Staff
from core import files
from core.disks import StorageFull
from core.models import AuditEntry, StoredFile
from tests.factories.tickets import mail_ticket, requester
from tests.support.small_disk import small_disk
from tickets.models import Attachment, Message, Ticket, Upload
from tickets.services import drafts, errors, replies, retention
from tickets.services.senders import NewFile, Sender

SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def send(ticket: Ticket, person: Staff, *attached: NewFile | Upload) -> Message:
    return replies.add(
        ticket=ticket,
        sender=Sender.of_staff(person),
        channel="email",
        words=replies.Words(text="See file"),
        attached=attached,
    )


@pytest.mark.attack("C6")
@pytest.mark.django_db
def test_upload__text_with_a_phrase__is_stored_masked(agent: Staff) -> None:
    row = drafts.upload(ticket=mail_ticket(), author=agent, name="words.txt", content=f"\ufeff{SEED}".encode())
    assert b"sausage" not in files.read(row.file)


@pytest.mark.attack("C6")
@pytest.mark.django_db
def test_add__customers_file_with_a_phrase__is_stored_masked() -> None:
    ticket = mail_ticket()
    message = replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="my words"),
        attached=[NewFile(name="words.csv", content=SEED.encode())],
    )
    assert b"sausage" not in files.read(message.attachments.get().stored)


@pytest.mark.django_db
def test_add__file_put_into_a_note__is_refused(agent: Staff) -> None:
    ticket = mail_ticket()
    waiting = drafts.upload(ticket=ticket, author=agent, name="internal.txt", content=b"a", kind="note")
    with pytest.raises(errors.FilesVanished):
        send(ticket, agent, waiting)
    note = replies.add_note(ticket=ticket, author=agent, text="look", attached=[waiting])
    assert note.attachments.count() == 1


@pytest.mark.django_db
def test_add__colleagues_upload__is_refused(agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    waiting = drafts.upload(ticket=ticket, author=lead, name="a.txt", content=b"a")
    with pytest.raises(errors.FilesVanished):
        send(ticket, agent, waiting)


def test_add__two_tabs_at_once__attach_an_upload_once(
    clone_db: str, agent: Staff, race: Callable[..., list[object]]
) -> None:
    ticket = mail_ticket()
    waiting = drafts.upload(ticket=ticket, author=agent, name="a.txt", content=b"a")

    def write() -> None:
        try:
            send(ticket, agent, waiting)
        except errors.FilesVanished:
            return

    assert race(write, write) == [None, None]
    assert Attachment.objects.count() == 1
    assert ticket.messages.filter(direction="out", kind="reply").count() == 1


@pytest.mark.attack("C4")
@pytest.mark.django_db
def test_add__files_too_large_together__is_refused(agent: Staff, settings: Settings) -> None:
    settings.MAX_MESSAGE_BYTES = 10
    ticket = mail_ticket()
    with pytest.raises(errors.TooLarge):
        send(ticket, agent, NewFile(name="a", content=b"123456"), NewFile(name="b", content=b"123456"))
    drafts.upload(ticket=ticket, author=agent, name="a", content=b"123456")
    with pytest.raises(errors.TooLarge):
        drafts.upload(ticket=ticket, author=agent, name="b", content=b"123456")
    drafts.upload(ticket=ticket, author=agent, name="b", content=b"123456", kind="note")


@pytest.mark.django_db
def test_add__customers_files_large_together__are_kept(settings: Settings) -> None:
    settings.MAX_MESSAGE_BYTES = 10
    ticket = mail_ticket()
    message = replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="see files"),
        attached=[NewFile(name="a", content=b"123456"), NewFile(name="b", content=b"123456")],
    )
    assert message.attachments.count() == 2


@pytest.mark.django_db
def test_uploads__added_and_removed__are_in_the_audit_log(agent: Staff) -> None:
    row = drafts.upload(ticket=mail_ticket(), author=agent, name="secret name.txt", content=b"a")
    drafts.remove_upload(upload=row)
    told = AuditEntry.objects.filter(action__startswith="upload.").order_by("pk")
    assert [entry.action for entry in told] == ["upload.added", "upload.removed"]
    assert all(entry.detail["upload"] == row.public_id for entry in told)
    assert not any("secret" in str(entry.detail) for entry in told)


@pytest.mark.attack("C4")
def test_tidy__files_that_nothing_names__go_with_their_bytes(
    clone_db: str, agent: Staff, move_time: Callable[[timedelta], None]
) -> None:
    ticket = mail_ticket()
    sent = drafts.upload(ticket=ticket, author=agent, name="sent.txt", content=b"sent")
    send(ticket, agent, sent)
    removed = drafts.upload(ticket=ticket, author=agent, name="removed.txt", content=b"removed")
    drafts.remove_upload(upload=removed)
    expired = drafts.upload(ticket=ticket, author=agent, name="expired.txt", content=b"expired")
    move_time(timedelta(hours=25))
    fresh = drafts.upload(ticket=ticket, author=agent, name="fresh.txt", content=b"fresh")
    retention.tidy()
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {sent.file_id, fresh.file_id}
    root = Path(django_settings.MEDIA_ROOT)
    kept = {one.file.storage_name: (root / one.file.storage_name).exists() for one in (sent, removed, expired, fresh)}
    assert list(kept.values()) == [True, False, False, True]


def test_meanwhile__files_of_one_block__are_on_disk_when_it_ends(db: None) -> None:
    with files.meanwhile():
        rows = [files.store(f"content {number}".encode(), name=f"{number}.txt") for number in range(9)]
    assert [files.read(row) for row in rows] == [f"content {number}".encode() for number in range(9)]


def store_more_than(megabytes: int) -> None:
    for number in range(megabytes + 1):
        files.store(b"x" * 1_000_000, name=f"{number}.bin")


def test_meanwhile__disk_has_no_room__says_so_at_the_end_and_leaves_nothing(db: None, settings: Settings) -> None:
    with small_disk(2) as disk:
        settings.MEDIA_ROOT = disk.root
        with pytest.raises(StorageFull), files.all_or_none(), files.meanwhile():
            store_more_than(2)
        assert disk.files() == set()
