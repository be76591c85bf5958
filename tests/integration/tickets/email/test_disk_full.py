"""A full disk for files: mail with files waits as it is, leaves nothing behind, and goes on once there is room."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from core import heartbeat
from core.models import StoredFile
from tests.factories.tickets import MailboxFactory
from tests.support.small_disk import SmallDisk, small_disk
from tickets.models import InboundMail, Ticket
from tickets.services import intake, raw_mail

pytestmark = pytest.mark.usefixtures("clone_db")


@pytest.fixture
def disk(settings: Any) -> Iterator[SmallDisk]:
    with small_disk(4) as made:
        settings.MEDIA_ROOT = made.root
        yield made


def mail_with_two_files() -> InboundMail:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "mina@example.com", "support@pharos.test", "Two files"
    mail["Message-ID"] = "<two-files@example.com>"
    mail.set_content("Both are attached.")
    for number, size in enumerate((100_000, 1_500_000)):
        mail.add_attachment(
            bytes([number]) * size, maintype="application", subtype="octet-stream", filename=f"{number}.bin"
        )
    row, _ = raw_mail.store(
        mailbox=MailboxFactory.create(), raw=mail.as_bytes(), source="smtp", envelope_from="mina@example.com",
        envelope_to="support@pharos.test", peer_is_trusted=True,
    )  # fmt: skip
    return row


def test_intake__no_room_for_the_second_file__leaves_neither_rows_nor_files(disk: SmallDisk) -> None:
    row = mail_with_two_files()
    disk.fill(leave=400_000)

    intake.accept(inbound_pk=row.pk)

    row.refresh_from_db()
    assert row.state == "stored"
    assert disk.files() == set()
    assert not StoredFile.objects.exists()
    assert not Ticket.objects.exists()
    assert "full:media" in {pulse.name for pulse in heartbeat.pulses()}


def test_intake__disk_full_for_hours__mail_is_not_taken_for_a_killer_and_is_read_once_there_is_room(
    disk: SmallDisk, move_time: Callable[[timedelta], None]
) -> None:
    row = mail_with_two_files()
    disk.fill()
    for _ in range(intake.MAX_CLAIMS + 2):
        intake.accept(inbound_pk=row.pk)
        move_time(timedelta(minutes=10))
    row.refresh_from_db()
    assert row.state == "stored"

    disk.make_room()
    intake.accept(inbound_pk=row.pk)

    row.refresh_from_db()
    assert row.state == "processed"
    assert disk.files() == set(StoredFile.objects.values_list("storage_name", flat=True))
