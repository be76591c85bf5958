"""Out: from the outbox row to the wire, and what the wire answered."""

import email
import email.policy
import smtplib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import CustomerAddress, Staff
from core.models import AuditEntry, Notice
from tests.factories.accounts import ProvenAddressFactory
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import bounce, letter
from tests.support.smtp_server import MailServer, mail_server
from tickets.channels.email import tokens
from tickets.channels.email.smtp import Smtp
from tickets.delivery import letters, sending
from tickets.mail_keys import mail_keys
from tickets.models import Mailbox, Message, OutboundMail, Participant, Ticket
from tickets.selectors import mailboxes, troubles
from tickets.services import deliveries, errors, replies
from tickets.services.senders import Sender


@pytest.fixture
def postbox(settings: Settings, tmp_path: Path) -> Path:
    settings.POSTBOX_TRANSPORT = True
    settings.POSTBOX_DIR = tmp_path / "postbox"
    return tmp_path / "postbox"


@pytest.fixture
def owed(mailbox: Mailbox, agent: Staff, settings: Settings) -> OutboundMail:
    settings.UNDO_SEND_S = 0
    return owe(mail_ticket(mailbox=mailbox), agent)


def owe(ticket: Ticket, agent: Staff, text: str = "It is on its way.\n.dot first\n") -> OutboundMail:
    message = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=text))
    return OutboundMail.objects.get(message=message)


def send(row: OutboundMail) -> OutboundMail:
    sending.deliver_email(row.pk)
    deliveries.record(outbound_pk=row.pk)
    row.refresh_from_db()
    return row


def due(row: OutboundMail) -> None:
    OutboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")


@pytest.fixture
def through(mailbox: Mailbox) -> Callable[[MailServer], None]:
    def use(server: MailServer, security: str = "starttls") -> None:
        Mailbox.objects.filter(pk=mailbox.pk).update(
            smtp_host="127.0.0.1", smtp_port=server.port, smtp_security=security, ca_certificate=server.ca_certificate
        )

    return use


def test_deliver__postbox__writes_one_file_with_the_right_headers(owed: OutboundMail, postbox: Path) -> None:
    row = send(owed)
    (file,) = postbox.glob("*.eml")
    sent = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    ticket = row.message.ticket
    assert row.state == "sent"
    assert sent["Message-ID"] == row.message_id_header
    assert sent["In-Reply-To"] == "<first@example.com>"
    assert sent["To"] == "mina@example.com"
    assert sent["Subject"] == "Re: Withdrawal pending"
    assert tokens.ticket_from_address(str(sent["Reply-To"]), mail_keys()) == ticket.public_id
    assert (
        tokens.message_from_bounce_address(str(sent["Return-Path"]).strip("<>"), mail_keys()) == row.message.public_id
    )
    assert sent["Auto-Submitted"] is None
    assert sent["X-Loop"] is None
    body = sent.get_body(("plain",))
    assert body is not None
    assert "My withdrawal of 0.5 BTC" in body.get_content()
    assert AuditEntry.objects.filter(action="mail.sent").count() == 1


def test_deliver__sent_again_after_a_lost_answer__is_the_same_file(owed: OutboundMail, postbox: Path) -> None:
    send(owed)
    before = [file.read_bytes() for file in postbox.glob("*.eml")]
    OutboundMail.objects.filter(pk=owed.pk).update(
        state="queued", is_reported=False, next_attempt_at="2020-01-01T00:00:00Z"
    )
    send(owed)
    assert [file.read_bytes() for file in postbox.glob("*.eml")] == before


@pytest.mark.attack("A1")
def test_deliver__unproven_requester__gets_no_history(
    mailbox: Mailbox, agent: Staff, postbox: Path, settings: Settings
) -> None:
    settings.UNDO_SEND_S = 0
    send(owe(mail_ticket(mailbox=mailbox, is_proven=False), agent))
    (file,) = postbox.glob("*.eml")
    sent = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert all("0.5 BTC" not in part.get_content() for part in sent.walk() if not part.is_multipart())


def test_deliver__within_the_undo_window__does_nothing(mailbox: Mailbox, agent: Staff, postbox: Path) -> None:
    row = send(owe(mail_ticket(mailbox=mailbox), agent))
    assert (row.state, row.attempts) == ("queued", 0)
    assert not postbox.exists()


@pytest.mark.attack("A7")
def test_deliver__acknowledgement__has_fixed_words_and_says_it_is_automatic(mail: Mail, postbox: Path) -> None:
    mail.take(letter(subject="BUY NOW http://evil.example", text="attacker text that must not come back to anybody"))
    send(OutboundMail.objects.get())
    (file,) = postbox.glob("*.eml")
    sent = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert sent["Auto-Submitted"] == "auto-replied"
    assert sent["X-Loop"] == "support@pharos.test"
    assert b"evil" not in file.read_bytes()
    assert all("attacker" not in part.get_content() for part in sent.walk() if not part.is_multipart())


@pytest.mark.attack("A1")
def test_deliver__recipient_who_is_no_party__is_refused(
    owed: OutboundMail, postbox: Path, owner_connection: object
) -> None:
    row = owed
    row.to_address = "victim@example.com"
    with pytest.raises(letters.NotToBeSent):
        letters.of_message(row)
    row.refresh_from_db()
    row.cc_addresses = ["victim@example.com"]
    assert letters.of_message(row).envelope.recipients == ("mina@example.com",)


def test_deliver__smtp_with_starttls__arrives_once_with_copies(
    mailbox: Mailbox, agent: Staff, through: Callable[[MailServer], None], settings: Settings
) -> None:
    settings.UNDO_SEND_S = 0
    ticket = mail_ticket(mailbox=mailbox)
    partner = ProvenAddressFactory.create(value="partner@example.com")
    Participant.objects.create(
        ticket=ticket, customer=partner.customer, address=partner.value, role="cc", is_proven=True
    )
    with mail_server() as server:
        through(server)
        row = send(owe(ticket, agent))
    (arrived,) = server.taken
    assert row.state == "sent"
    assert arrived.recipients == ["mina@example.com", "partner@example.com"]
    assert row.message_id_header.encode() in arrived.raw
    assert tokens.message_from_bounce_address(arrived.sender, mail_keys()) == row.message.public_id


@pytest.mark.parametrize("mode", ["defer", "defer_data", "drop_after_data"])
def test_deliver__f10_temporary_failure__is_tried_again_later(
    owed: OutboundMail, through: Callable[[MailServer], None], mode: str
) -> None:
    with mail_server(mode) as server:
        through(server)
        row = send(owed)
        assert (row.state, row.attempts) == ("queued", 1)
        assert row.last_error
        assert row.lease_token is None
        server.mode = "well"
        due(row)
        row = send(row)
    assert row.state == "sent"
    assert len(server.taken) == (2 if mode == "drop_after_data" else 1)
    assert all(row.message_id_header.encode() in arrived.raw for arrived in server.taken)


def test_deliver__f10_answer_always_lost__goes_out_twice_at_most_and_says_so(
    owed: OutboundMail, through: Callable[[MailServer], None]
) -> None:
    with mail_server("drop_after_data") as server:
        through(server)
        row = owed
        for _ in range(4):
            row = send(row)
            due(row)
    assert len(server.taken) == 2
    assert row.state == "failed"
    assert "may have arrived" in row.detail
    assert Message.objects.get(event="mail_failed").event_data == {"seq": row.message.seq}


def test_deliver__f10_worker_dies_before_each_answer__goes_out_twice_at_most(
    owed: OutboundMail, through: Callable[[MailServer], None]
) -> None:
    with mail_server() as server:
        through(server)
        for _ in range(2):
            token = OutboundMail.claim(owed.pk, lease_s=50)
            assert token is not None
            assert OutboundMail.hand_over(owed.pk, token, lease_s=50)
            OutboundMail.objects.filter(pk=owed.pk).update(lease_until="2020-01-01T00:00:00Z")
        row = send(owed)
    assert server.taken == []
    assert row.state == "failed"


def test_deliver__f10_deferred_after_data_again_and_again__does_not_count_as_lost(
    owed: OutboundMail, through: Callable[[MailServer], None]
) -> None:
    with mail_server("defer_data") as server:
        through(server)
        for _ in range(3):
            due(send(owed))
        server.mode = "well"
        row = send(owed)
    assert (row.state, len(server.taken)) == ("sent", 1)


@pytest.mark.parametrize("mode", ["refuse", "refuse_data"])
def test_deliver__f10_permanent_failure__fails_with_the_reason_on_the_case(
    owed: OutboundMail, through: Callable[[MailServer], None], mode: str
) -> None:
    with mail_server(mode) as server:
        through(server)
        row = send(owed)
    assert row.state == "failed"
    assert row.detail.startswith("55")
    assert "@" not in row.detail
    assert Message.objects.get(event="mail_failed").event_data == {"seq": row.message.seq}


def test_deliver__one_of_two_recipients_refused__is_sent_and_says_so(
    mailbox: Mailbox, agent: Staff, through: Callable[[MailServer], None], settings: Settings
) -> None:
    settings.UNDO_SEND_S = 0
    ticket = mail_ticket(mailbox=mailbox)
    gone = ProvenAddressFactory.create(value="gone@example.com")
    Participant.objects.create(ticket=ticket, customer=gone.customer, address=gone.value, role="cc", is_proven=True)
    with mail_server("refuse_one") as server:
        through(server)
        row = send(owe(ticket, agent))
    assert row.state == "sent"
    assert row.detail.startswith("1 of 2 recipients")


def relay_troubles() -> list[troubles.Trouble]:
    return [one for one in troubles.found(judged=troubles.BY_ANYBODY) if one.kind == "relay-down"]


@pytest.mark.attack("A14")
@pytest.mark.parametrize(("mode", "trusted"), [("no_starttls", True), ("well", False)])
def test_deliver__a14_no_starttls_or_foreign_certificate__sends_nothing(
    owed: OutboundMail, through: Callable[[MailServer], None], mode: str, trusted: bool
) -> None:
    with mail_server(mode, trusted=trusted) as server:
        through(server)
        row = send(owed)
    assert row.state == "queued"
    assert server.taken == []
    assert "TLS" in row.last_error or "STARTTLS" in row.last_error
    assert relay_troubles() == [troubles.Trouble("relay-down", row.mailbox.slug, row.last_error)]
    OutboundMail.objects.filter(pk=owed.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    with mail_server() as server:
        through(server)
        assert send(owed).state == "sent"
    assert relay_troubles() == []


@pytest.mark.positive_control("A14")
def test_mail_server__a14_positive_control__a_client_that_skips_tls_would_be_heard() -> None:
    with mail_server("no_starttls") as server, smtplib.SMTP("127.0.0.1", server.port) as client:
        client.sendmail("a@example.com", ["b@example.com"], b"Subject: x\r\n\r\nclear text")
    assert len(server.taken) == 1


def test_deliver__server_that_only_defers_or_refuses_a_mail__is_no_server_that_is_down(
    owed: OutboundMail, through: Callable[[MailServer], None]
) -> None:
    with mail_server("defer") as server:
        through(server)
        assert send(owed).state == "queued"
    assert relay_troubles() == []


def test_relay_troubles__longer_ago_than_any_pause__nobody_knows_any_more(
    owed: OutboundMail, through: Callable[[MailServer], None]
) -> None:
    with mail_server("no_starttls") as server:
        through(server)
        send(owed)
    assert len(relay_troubles()) == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_heartbeat SET at = at - interval '6 hours' WHERE starts_with(name, 'relay:')")
    assert relay_troubles() == []


def test_deliver__after_the_last_try__fails(owed: OutboundMail, through: Callable[[MailServer], None]) -> None:
    OutboundMail.objects.filter(pk=owed.pk).update(attempts=sending.MAX_TRIES - 1)
    with mail_server("defer") as server:
        through(server)
        assert send(owed).state == "failed"


def test_deliver__worker_died_with_the_lease__is_sent_after_it_ends(owed: OutboundMail, postbox: Path) -> None:
    assert OutboundMail.claim(owed.pk, lease_s=60) is not None
    assert send(owed).state == "queued"
    OutboundMail.objects.filter(pk=owed.pk).update(lease_until="2020-01-01T00:00:00Z")
    assert send(owed).state == "sent"


def test_deliver__lease_lost_before_data__stops(owed: OutboundMail, through: Callable[[MailServer], None]) -> None:
    letter_of = letters.of_message(owed)
    with mail_server() as server:
        through(server)
        outcome = Smtp(Mailbox.objects.get(pk=owed.mailbox_id))(
            letter_of.envelope, letter_of.raw, still_ours=lambda: False, hand_over=lambda: False
        )
    assert outcome.fate == "retry"
    assert server.taken == []


@pytest.mark.parametrize(
    "broken",
    [
        {"smtp_host": "smtp..example.com"},
        {"smtp_host": "127.0.0.1", "smtp_port": 1, "ca_certificate": "-----BEGIN CERTIFICATE-----\n\u00e9"},
    ],
)
def test_deliver__settings_that_nothing_can_be_sent_with__is_tried_again_with_a_reason_and_ends(
    owed: OutboundMail, mailbox: Mailbox, broken: dict[str, object]
) -> None:
    Mailbox.objects.filter(pk=mailbox.pk).update(**broken)
    row = send(owed)
    assert (row.state, row.attempts, row.lease_token) == ("queued", 1, None)
    assert row.last_error
    OutboundMail.objects.filter(pk=row.pk).update(attempts=sending.MAX_TRIES - 1)
    due(row)
    assert send(row).state == "failed"


@pytest.fixture
def unreadable_secret(mailbox: Mailbox) -> Mailbox:
    """A stored secret that no present key opens."""
    Mailbox.objects.filter(pk=mailbox.pk).update(smtp_host="127.0.0.1", smtp_port=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_mailbox SET smtp_secret = 'gAAAAAB-no-key' WHERE id = %s", [mailbox.pk])
    return mailbox


def test_deliver__secret_that_no_key_opens__is_tried_again_with_a_reason_and_ends(
    owed: OutboundMail, unreadable_secret: Mailbox
) -> None:
    sending.deliver_email(owed.pk)
    row = OutboundMail.objects.get(pk=owed.pk)
    assert (row.state, row.attempts, row.lease_token) == ("queued", 1, None)
    assert "ImproperlyConfigured" in row.last_error
    OutboundMail.objects.filter(pk=row.pk).update(attempts=sending.MAX_TRIES - 1)
    due(row)
    sending.deliver_email(owed.pk)
    assert OutboundMail.objects.get(pk=owed.pk).state == "failed"


def test_deliver_notice__secret_that_no_key_opens__is_tried_again_with_a_reason(
    notice: Notice, unreadable_secret: Mailbox
) -> None:
    sending.deliver_notice(notice.pk)
    notice.refresh_from_db()
    assert (notice.state, notice.body) == ("queued", "Open https://desk/one-time")
    assert "ImproperlyConfigured" in notice.last_error


def test_deliver__mail_that_keeps_killing_its_worker__fails_untried(owed: OutboundMail, postbox: Path) -> None:
    OutboundMail.objects.filter(pk=owed.pk).update(attempts=sending.MAX_TRIES)
    row = send(owed)
    assert row.state == "failed"
    assert not postbox.exists()


def test_intake__mailbox_whose_secret_no_key_opens__still_takes_mail(mail: Mail, unreadable_secret: Mailbox) -> None:
    assert mailboxes.for_address("support@pharos.test") is not None
    assert mail.take(letter()).state == "processed"


def test_deliver__answer_to_an_odd_message_id__goes_out(
    mail: Mail, agent: Staff, postbox: Path, settings: Settings
) -> None:
    settings.UNDO_SEND_S = 0
    mail.take(letter(message_id="<a@>"))
    assert send(owe(Ticket.objects.get(), agent)).state == "sent"


def test_retry__failed_mail__goes_out_under_the_same_message_id(
    owed: OutboundMail, postbox: Path, agent: Staff, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    OutboundMail.objects.filter(pk=owed.pk).update(state="failed", is_reported=True, attempts=19)
    deliveries.retry(outbound=owed, by=agent)
    assert send(owed).state == "sent"
    with pytest.raises(errors.Refused):
        deliveries.retry(outbound=owed, by=agent)


@pytest.mark.parametrize("by", ["address", "message_id"])
def test_bounce__of_our_mail__is_on_the_message_and_the_address(
    mail: Mail, owed: OutboundMail, postbox: Path, by: str
) -> None:
    send(owed)
    ticket = owed.message.ticket
    verp = tokens.bounce_address("support@pharos.test", owed.message.public_id, mail_keys()[0])
    raw = bounce(
        to=verp if by == "address" else "support@pharos.test",
        recipient="mina@example.com",
        original_message_id=owed.message_id_header if by == "message_id" else "<unknown@example.com>",
    )
    row = mail.take(raw, to=verp if by == "address" else "", envelope_from="")
    owed.refresh_from_db()
    assert (row.state, row.ticket_id) == ("processed", ticket.pk)
    assert owed.state == "bounced"
    assert "No such user" in owed.detail
    assert CustomerAddress.objects.get(value="mina@example.com").is_bouncing
    event = Message.objects.get(event="mail_bounced")
    assert event.event_data == {"seq": owed.message.seq, "status": "5.1.1", "permanent": 1}
    assert Ticket.objects.count() == 1


def test_bounce__of_an_address_that_we_did_not_write_to__marks_nobody(
    mail: Mail, owed: OutboundMail, postbox: Path
) -> None:
    send(owed)
    ProvenAddressFactory.create(value="victim@example.com")
    mail.take(
        bounce(to="support@pharos.test", recipient="victim@example.com", original_message_id=owed.message_id_header)
    )
    owed.refresh_from_db()
    assert owed.state == "sent"
    assert not CustomerAddress.objects.filter(is_bouncing=True).exists()


def test_bounce__of_mail_that_is_not_ours__waits_for_review(mail: Mail) -> None:
    row = mail.take(bounce(to="support@pharos.test", recipient="x@example.com", original_message_id="<a@b.example>"))
    assert (row.state, row.reason) == ("quarantined", "report_of_unknown_mail")
    assert not Ticket.objects.exists()


@pytest.fixture
def notice(mailbox: Mailbox) -> Notice:
    return Notice.objects.create(
        kind="password_reset", to_address="ada@pharos.test", subject="Reset", body="Open https://desk/one-time"
    )


def test_deliver_notice__sent__loses_its_body(notice: Notice, postbox: Path) -> None:
    sending.deliver_notice(notice.pk)
    notice.refresh_from_db()
    (file,) = postbox.glob("*.eml")
    assert b"https://desk/one-time" in file.read_bytes()
    assert b"Auto-Submitted: auto-generated" in file.read_bytes()
    assert (notice.state, notice.body) == ("sent", "")


def test_deliver_notice__temporary_failure__keeps_its_body(
    notice: Notice, through: Callable[[MailServer], None]
) -> None:
    with mail_server("defer") as server:
        through(server)
        sending.deliver_notice(notice.pk)
    notice.refresh_from_db()
    assert (notice.state, notice.body) == ("queued", "Open https://desk/one-time")
