"""Mail that nobody can read as meant for us: kept where people see it, never gone without a word."""

import pytest

from accounts.models import CustomerAddress, Staff
from core.models import AuditEntry
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import bounce, letter
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys
from tickets.models import InboundMail, Mailbox, Message, OutboundMail
from tickets.services import intake, quarantine, replies
from tickets.services.senders import Sender

REPORT = (
    "--b1\nContent-Type: text/plain\n\nPlease help, my card was stolen and my account is empty.\n"
    "--b1\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"
    "Final-Recipient: rfc822; nobody@example.com\nAction: {action}\nStatus: 5.1.1\n\n--b1--"
)
REPORT_TYPE = 'multipart/report; report-type={kind}; boundary="b1"'


@pytest.fixture
def sent(mailbox: Mailbox, agent: Staff) -> OutboundMail:
    ticket = mail_ticket(mailbox=mailbox)
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="We look into it.")
    )
    OutboundMail.objects.filter(message=message).update(state="sent", is_reported=True)
    return OutboundMail.objects.get(message=message)


def verp(row: OutboundMail) -> str:
    return tokens.bounce_address(row.mailbox.address, row.message.public_id, mail_keys()[0])


def report(sent: OutboundMail) -> bytes:
    return bounce(to="support@pharos.test", recipient="mina@example.com", original_message_id=sent.message_id_header)


def audited(row: InboundMail, action: str) -> bool:
    return AuditEntry.objects.filter(action=action, object_id=row.public_id).exists()


@pytest.mark.parametrize(
    ("kind", "action", "reason"),
    [
        ("delivery-status", "failed", "report_of_unknown_mail"),
        ("delivery-status", "delayed", "report_of_unknown_mail"),
        ("delivery-status", "delivered", "read_receipt"),
        ("disposition-notification", "failed", "read_receipt"),
    ],
)
def test_accept__readable_mail_dressed_as_a_report__waits_for_review(
    mail: Mail, kind: str, action: str, reason: str
) -> None:
    row = mail.take(letter(text=REPORT.format(action=action), content_type=REPORT_TYPE.format(kind=kind)))
    assert (row.state, row.reason) == ("quarantined", reason)
    assert "my card was stolen" in row.preview


def test_retry__report_of_unknown_mail__becomes_a_case(mail: Mail, lead: Staff) -> None:
    row = mail.take(
        letter(text=REPORT.format(action="failed"), content_type=REPORT_TYPE.format(kind="delivery-status"))
    )
    quarantine.retry(inbound=row, by=lead)
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert row.state == "processed"
    assert "my card was stolen" in Message.objects.get(kind="reply").text


@pytest.mark.attack("A8")
def test_accept__from_our_own_address_but_not_ours__waits_for_review(mail: Mail, lead: Staff) -> None:
    row = mail.take(letter(sender="Support <support@pharos.test>", text="I lost access to my account."))
    assert (row.state, row.reason) == ("quarantined", "from_our_own_address")
    assert "I lost access" in row.preview
    quarantine.retry(inbound=row, by=lead)
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert row.state == "processed"


def test_accept__stranger_with_our_loop_mark__waits_for_review(mail: Mail) -> None:
    row = mail.take(letter(headers={"X-Loop": "support@pharos.test"}))
    assert (row.state, row.reason) == ("quarantined", "loop")


@pytest.mark.attack("A13")
def test_accept__stranger_under_our_message_id__waits_for_review(mail: Mail, sent: OutboundMail) -> None:
    row = mail.take(letter(message_id=sent.message_id_header))
    assert (row.state, row.reason) == ("quarantined", "our_own_mail")


def test_accept__our_own_mail__is_ignored_and_recorded(mail: Mail, sent: OutboundMail) -> None:
    row = mail.take(letter(sender="Support <support@pharos.test>", message_id=sent.message_id_header))
    assert (row.state, row.reason) == ("ignored", "our_own_mail")
    entry = AuditEntry.objects.get(action="mail.ignored", object_id=row.public_id)
    assert (entry.actor_kind, entry.detail) == ("system", {"reason": "our_own_mail"})


@pytest.mark.parametrize("door", [{"envelope_from": "mina@example.com"}, {"trusted": False}, {"source": "http"}])
def test_bounce__by_a_door_that_cannot_prove_a_null_sender__changes_nothing(
    mail: Mail, sent: OutboundMail, door: dict[str, object]
) -> None:
    row = mail.take(report(sent), to=verp(sent), **door)
    sent.refresh_from_db()
    assert (row.state, row.reason) == ("quarantined", "unverified_report")
    assert sent.state == "sent"
    assert not CustomerAddress.objects.filter(is_bouncing=True).exists()
    assert not Message.objects.filter(event="mail_bounced").exists()


@pytest.mark.parametrize(("path", "state"), [("<>", "bounced"), ("<mina@example.com>", "sent"), ("", "sent")])
def test_bounce__over_imap__needs_a_null_return_path(mail: Mail, sent: OutboundMail, path: str, state: str) -> None:
    raw = (f"Return-Path: {path}\r\n".encode() if path else b"") + report(sent)
    mail.take(raw, source="imap")
    sent.refresh_from_db()
    assert sent.state == state


def test_bounce__verified__is_audited_and_the_next_proven_mail_clears_it(mail: Mail, sent: OutboundMail) -> None:
    mail.take(report(sent), to=verp(sent))
    address = CustomerAddress.objects.get(value="mina@example.com")
    assert address.is_bouncing
    assert AuditEntry.objects.filter(action="address.bouncing", object_id=address.customer.public_id).count() == 1
    mail.take(letter(proven=False))
    address.refresh_from_db()
    assert address.is_bouncing
    mail.take(letter())
    address.refresh_from_db()
    assert (address.is_bouncing, address.bounced_at) == (False, None)
    assert AuditEntry.objects.filter(action="address.reachable", object_id=address.customer.public_id).count() == 1


def test_accept__to_and_cc__are_kept_on_the_message_without_our_own(mail: Mail) -> None:
    many = ", ".join(f"one{number}@example.org" for number in range(60))
    mail.take(letter(to="support+x@pharos.test, Partner@example.com", headers={"Cc": f"partner@example.com, {many}"}))
    copied = Message.objects.get(kind="reply").copied_addresses
    assert copied[:2] == ["Partner@example.com", "one0@example.org"]
    assert len(copied) == 50


def test_put_refused__mail_left_on_its_server__is_audited_once(mailbox: Mailbox) -> None:
    for _ in range(2):
        quarantine.put_refused(
            inbound_header=b"Subject: big\r\n", mailbox_pk=mailbox.pk, preview="Subject: big", explanation="Too large."
        )
    row = InboundMail.objects.get()
    assert AuditEntry.objects.filter(action="mail.left_on_server", object_id=row.public_id).count() == 1
