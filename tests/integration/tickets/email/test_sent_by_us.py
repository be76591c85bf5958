"""Did you send me this? Only who holds the words and names the address they went to is told."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Staff
from tests.factories.tickets import mail_ticket
from tickets.delivery import sending
from tickets.models import Mailbox, OutboundMail, SentFingerprint
from tickets.selectors import sent
from tickets.services import deliveries, replies
from tickets.services.senders import Sender

WORDS = (
    "Hello Mina, your withdrawal of 0.5 BTC has left us an hour ago and is confirmed by the network.\n\n"
    "There is nothing for you to do. We will write again when it has arrived.\n\nMara"
)
TO = "mina@example.com"


@pytest.fixture
def postbox(settings: Settings, tmp_path: Path) -> Path:
    settings.POSTBOX_TRANSPORT = True
    settings.POSTBOX_DIR = tmp_path / "postbox"
    settings.UNDO_SEND_S = 0
    return tmp_path / "postbox"


@pytest.fixture
def left(mailbox: Mailbox, agent: Staff, postbox: Path) -> OutboundMail:
    """A mail that has left."""
    message = replies.add(
        ticket=mail_ticket(mailbox=mailbox), sender=Sender.of_staff(agent), channel="email",
        words=replies.Words(text=WORDS),
    )  # fmt: skip
    row = OutboundMail.objects.get(message=message)
    sending.deliver_email(row.pk)
    deliveries.record(outbound_pk=row.pk)
    row.refresh_from_db()
    return row


def asked(**given: object) -> str:
    answer = Client().post(reverse("verify"), {"what": "message", **given})
    assert answer.status_code == 200
    return answer.content.decode()


def test_record__mail_left__is_remembered_without_its_words(left: OutboundMail) -> None:
    row = SentFingerprint.objects.get(message=left.message)
    kept = f"{row.text_digest}{row.start_digest}{row.identity_digest}{row.recipients}"
    assert row.channel == "email"
    assert "mina" not in kept
    assert "@" not in kept


def test_record__remembering__costs_one_statement(left: OutboundMail) -> None:
    OutboundMail.objects.filter(pk=left.pk).update(is_reported=False)
    with CaptureQueriesContext(connection) as seen:
        deliveries.record(outbound_pk=left.pk)
    assert len([one for one in seen if "sentfingerprint" in one["sql"]]) == 1
    assert SentFingerprint.objects.count() == 1


def test_page__words_and_address_fit__says_when_and_where_to(left: OutboundMail) -> None:
    said = asked(text=WORDS, address=" Mina@Example.com ")
    assert "We sent this text." in said
    assert "m***@e***" in said or "m•" in said or TO not in said.split("answer")[1][:600]


def test_page__another_address__is_told_what_anybody_is_told(left: OutboundMail) -> None:
    said = asked(text=WORDS, address="eve@example.com")
    assert "We find no such message to this address." in said
    assert sent.by_text(text=WORDS, address="eve@example.com") == sent.by_text(text="Never sent.", address=TO)


def test_page__words_changed_further_down__warns(left: OutboundMail) -> None:
    said = asked(text=WORDS.replace("There is nothing for you to do.", "Send 0.1 BTC first."), address=TO)
    assert "A message of ours, but with other words." in said


def test_page__words_with_more_around_them__says_which_are_ours(left: OutboundMail) -> None:
    for held in (f"{WORDS}\n\nSend 0.1 BTC to bc1qother first.", f"Call +1 212 555 0100 now.\n{WORDS}"):
        said = asked(text=held, address=TO)
        assert "Only these words are ours." in said
        assert "We sent this text." not in said


@pytest.mark.parametrize(
    "held",
    [
        f"From: Mara <support@pharos.test>\nSubject: Re: Hi\n\n{WORDS}",
        f"{WORDS}\n\n-- \nPharos Support",
        f"{WORDS}\n\n-- \nPharos Support\n\nOn Monday you wrote:\n> Where is it?\n> Mina",
        "\n".join(f"> {line}" for line in WORDS.splitlines()),
    ],
)
def test_page__words_with_what_every_mail_has__are_ours(left: OutboundMail, held: str) -> None:
    assert "We sent this text." in asked(text=held, address=TO)


def test_page__mail_as_a_file__is_known(left: OutboundMail, postbox: Path) -> None:
    (file,) = postbox.glob("*.eml")
    said = asked(file=SimpleUploadedFile("a.eml", file.read_bytes()), address=TO)
    assert "We sent this text." in said


def test_page__foreign_words_under_our_message_id__warns(left: OutboundMail) -> None:
    raw = (
        f"From: Pharos <support@pharos.test>\r\nTo: {TO}\r\nMessage-ID: {left.message_id_header}\r\nSubject: Hi\r\n\r\n"
        "Your account is closed. Call us at once.\r\n"
    )
    said = asked(file=SimpleUploadedFile("a.eml", raw.encode()), address=TO)
    assert "A message of ours, but with other words." in said


@pytest.mark.parametrize("raw", [b"", b"\x00" * 100, b"From: a@b.c\r\n\r\n", b"\xff\xfe" * 50])
def test_page__file_that_is_no_mail__is_answered(left: OutboundMail, raw: bytes) -> None:
    answer = Client().post(
        reverse("verify"), {"what": "message", "file": SimpleUploadedFile("a.eml", raw), "address": TO}
    )
    assert answer.status_code in {200, 422}


def test_page__words_quoted_in_an_answer__are_known(left: OutboundMail) -> None:
    held = "On Monday Pharos wrote:\n" + "\n".join(f"> {line}" for line in WORDS.splitlines())
    assert sent.by_text(text=held, address=TO).found in {"sent", "partly"}


def test_command__mail_of_before__is_remembered_once(left: OutboundMail, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('tickets_sentfingerprint', 'DELETE')")
        assert cursor.fetchone()[0] is False
    call_command("fingerprint_sent")
    assert "0 mails remembered." in capsys.readouterr().out


def test_command__mail_that_was_never_remembered__is(
    mailbox: Mailbox, agent: Staff, postbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = replies.add(
        ticket=mail_ticket(mailbox=mailbox), sender=Sender.of_staff(agent), channel="email",
        words=replies.Words(text=WORDS),
    )  # fmt: skip
    OutboundMail.objects.filter(message=message).update(state="sent", sent_at="2026-01-01T00:00:00Z")
    call_command("fingerprint_sent")
    assert "1 mails remembered." in capsys.readouterr().out
    answer = sent.by_text(text=WORDS, address=TO)
    assert answer.sent_at is not None
    assert answer.sent_at.year == 2026
    assert answer.sent_at.month == 1
