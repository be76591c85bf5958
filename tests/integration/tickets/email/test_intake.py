"""From raw mail to ticket: what opens a case, what answers one, what is put aside."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.conf import settings
from pytest_django import Settings

from accounts.models import Customer, CustomerAddress, Staff
from core.models import AuditEntry
from tests.factories.accounts import ProvenAddressFactory
from tests.factories.tickets import MailboxFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys
from tickets.models import InboundMail, Message, OutboundMail, Participant, Ticket
from tickets.services import intake, quarantine, replies
from tickets.services.senders import Sender

WITH_FILE = (
    "--b\r\nContent-Type: text/plain\r\n\r\nSee file.\r\n--b\r\n"
    'Content-Type: text/plain; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n\r\n{body}\r\n'
)


def reply_of(agent: Staff, ticket: Ticket, text: str = "We are looking into it.") -> OutboundMail:
    message = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=text))
    return OutboundMail.objects.get(message=message)


def token_address(row: OutboundMail) -> str:
    return tokens.reply_address(row.mailbox.address, row.message.ticket.public_id, mail_keys()[0])


def test_accept__proven_sender__opens_a_case_and_owes_an_acknowledgement(mail: Mail) -> None:
    row = mail.take(letter())
    ticket = Ticket.objects.get()
    assert (row.state, row.reason, row.ticket_id) == ("processed", "", ticket.pk)
    assert ticket.subject == "My withdrawal is stuck"
    assert ticket.requester_address == "mina@example.com"
    assert ticket.is_requester_proven
    assert ticket.language == "en"
    first = Message.objects.get(ticket=ticket, kind="reply")
    assert (first.is_sender_proven, first.proof, first.sender_role, first.public_seq) == (True, "dkim", "requester", 1)
    owed = OutboundMail.objects.get()
    assert owed.is_automatic
    assert owed.to_address == "mina@example.com"
    assert ticket.last_line.startswith("Hello, my withdrawal")


def test_accept__twice__does_nothing_the_second_time(mail: Mail) -> None:
    row = mail.take(letter())
    intake.accept(inbound_pk=row.pk)
    assert Message.objects.filter(kind="reply").count() == 1


@pytest.mark.attack("A7")
def test_accept__unproven_sender__claims_only_and_gets_no_automatic_mail(mail: Mail) -> None:
    known = ProvenAddressFactory.create(value="mina@example.com").customer
    mail.take(letter(proven=False))
    ticket = Ticket.objects.get()
    assert not ticket.is_requester_proven
    assert ticket.requester_id != known.pk
    assert CustomerAddress.objects.get(customer=ticket.requester).proof == "claimed"
    assert OutboundMail.objects.count() == 0


@pytest.mark.attack("A9")
@pytest.mark.parametrize("how", [{"source": "http", "trusted": True}, {"trusted": False}])
def test_accept__door_that_may_not_vouch__proves_nobody(mail: Mail, how: dict[str, object]) -> None:
    mail.take(letter(), **how)
    assert not Ticket.objects.get().is_requester_proven


def test_accept__mail_by_token_from_the_requester__threads_and_reopens(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    Ticket.objects.filter(pk=ticket.pk).update(status="pending")
    row = mail.take(letter(to=token_address(owed), text="Thank you, it has arrived now and all is well."))
    ticket.refresh_from_db()
    assert row.ticket_id == ticket.pk
    assert ticket.status == "open"
    assert ticket.messages.filter(kind="reply").count() == 3


def test_accept__reference_to_our_mail_without_plus_address__threads(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    owed = reply_of(agent, Ticket.objects.get())
    mail.take(letter(headers={"In-Reply-To": owed.message_id_header}))
    assert Ticket.objects.count() == 1


def test_accept__proven_requester_refers_to_their_own_earlier_mail__threads(mail: Mail) -> None:
    mail.take(letter(message_id="<theirs-1@example.com>"))
    mail.take(letter(headers={"References": "<theirs-1@example.com>"}))
    assert Ticket.objects.count() == 1


@pytest.mark.attack("A2")
def test_accept__stranger_refers_to_a_customers_mail__opens_a_case_possibly_related(mail: Mail) -> None:
    mail.take(letter(message_id="<theirs-1@example.com>"))
    theirs = Ticket.objects.get()
    mail.take(letter(sender="Eve <eve@evil.example>", headers={"References": "<theirs-1@example.com>"}))
    new = Ticket.objects.exclude(pk=theirs.pk).get()
    assert new.possibly_related_id == theirs.pk
    theirs.refresh_from_db()
    assert theirs.messages.filter(kind="reply").count() == 1


@pytest.mark.attack("A1")
def test_accept__a1_spoofed_requester_with_token_and_copy__is_a_third_party(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    ProvenAddressFactory.create(value="attacker@evil.example")
    mail.take(letter(to=token_address(owed), headers={"Cc": "attacker@evil.example"}, proven=False))
    added = ticket.messages.filter(kind="reply").latest("seq")
    assert (added.sender_role, added.public_seq, added.is_sender_proven) == ("third_party", None, False)
    assert Participant.objects.count() == 0
    assert OutboundMail.objects.count() == 2  # the acknowledgement and the agent's reply, nothing for the spoofed mail


@pytest.mark.attack("A2")
def test_accept__a2_number_in_a_strangers_subject__changes_nothing_there(mail: Mail) -> None:
    mail.take(letter())
    theirs = Ticket.objects.values().get()
    mail.take(letter(sender="Eve <eve@evil.example>", subject=f"Re: [#{theirs['number']}] please"))
    assert Ticket.objects.values().get(pk=theirs["id"]) == theirs
    assert Ticket.objects.exclude(pk=theirs["id"]).get().possibly_related_id == theirs["id"]


@pytest.mark.attack("A3")
def test_accept__a3_staff_address_with_token__is_never_staff(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    mail.take(letter(sender=f"Ada <{agent.email}>", headers={"In-Reply-To": owed.message_id_header}))
    added = ticket.messages.filter(kind="reply").latest("seq")
    assert (added.sender_role, added.staff_id, added.public_seq) == ("third_party", None, None)


@pytest.mark.attack("A4")
def test_accept__a4_token_from_another_proven_address__leaves_the_requester_alone(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    mail.take(letter(sender="New <new@other.example>", to=token_address(reply_of(agent, ticket))))
    ticket.refresh_from_db()
    added = ticket.messages.filter(kind="reply").latest("seq")
    assert added.sender_role == "third_party"
    assert ticket.requester_address == "mina@example.com"
    assert Customer.objects.filter(addresses__value="new@other.example").exclude(pk=ticket.requester_id).exists()


@pytest.mark.attack("A1")
def test_accept__unproven_requester_with_their_token__keeps_talking_unproven(mail: Mail, agent: Staff) -> None:
    mail.take(letter(proven=False))
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    assert not owed.includes_history
    mail.take(letter(to=token_address(owed), proven=False))
    added = ticket.messages.filter(kind="reply").latest("seq")
    assert (added.sender_role, added.is_sender_proven) == ("requester", False)


@pytest.mark.attack("A6")
def test_accept__a6_verification_mail__is_put_aside_even_with_a_token(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    owed = reply_of(agent, Ticket.objects.get())
    row = mail.take(
        letter(
            sender="Slack <no-reply@slack.example>",
            to=token_address(owed),
            subject="Confirm your email address",
            text="Your confirmation code is 482913. Or open https://slack.example/confirm?token=abc",
        )
    )
    assert (row.state, row.reason) == ("quarantined", "challenge")
    assert "482913" not in row.preview
    assert Message.objects.filter(kind="reply").count() == 2


def automatic() -> int:
    return OutboundMail.objects.filter(is_automatic=True).count()


@pytest.mark.attack("A7")
def test_accept__a7_many_mails_of_one_address__one_acknowledgement_a_day(
    mail: Mail, move_time: Callable[[timedelta], None]
) -> None:
    for number in range(5):
        mail.take(letter(sender="MINA@example.com" if number % 2 else "mina@example.com", subject=f"Case {number}"))
    assert Ticket.objects.count() == 5
    assert automatic() == 1
    move_time(timedelta(hours=25))
    mail.take(letter(subject="The next day"))
    assert automatic() == 2


@pytest.mark.attack("A8")
def test_accept__a8_hour_stricter_than_day__at_most_so_many_automatic_answers(mail: Mail, settings: Settings) -> None:
    settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_DAY = 10
    for number in range(5):
        mail.take(letter(subject=f"Case {number}"))
    assert automatic() == settings.AUTOMATIC_MAILS_PER_ADDRESS_PER_H == 2


@pytest.mark.attack("A7")
def test_accept__many_addresses_within_a_minute__automatic_mail_is_capped(mail: Mail, settings: Settings) -> None:
    settings.AUTOMATIC_MAILS_PER_MIN = 2
    for number in range(4):
        mail.take(letter(sender=f"one{number}@example.com"))
    assert Ticket.objects.count() == 4
    assert automatic() == 2


@pytest.mark.attack("A7")
def test_accept__first_mails_at_the_same_moment__one_acknowledgement(
    clone_db: str, mail: Mail, race: Callable[..., list[object]]
) -> None:
    ProvenAddressFactory.create(value="mina@example.com")
    rows = [mail.store(letter(subject=f"Case {number}")) for number in range(6)]
    race(*[partial(intake.accept, inbound_pk=row.pk) for row in rows])
    assert Ticket.objects.count() == 6
    assert automatic() == 1


@pytest.mark.attack("A11")
def test_accept__a11_line_break_in_an_encoded_subject__is_one_line(mail: Mail) -> None:
    mail.take(letter(subject="=?utf-8?q?Hello=0D=0ABcc:_victim@example.com?="))
    assert "\n" not in Ticket.objects.get().subject
    assert "\r" not in Ticket.objects.get().subject


@pytest.mark.attack("A12")
def test_accept__a12_reply_to_differs__is_kept_beside_the_sender(mail: Mail) -> None:
    mail.take(letter(headers={"Reply-To": "elsewhere@evil.example"}))
    message = Message.objects.get(kind="reply")
    assert (message.sender_address, message.reply_to_address) == ("mina@example.com", "elsewhere@evil.example")
    assert Ticket.objects.get().requester_address == "mina@example.com"


@pytest.mark.attack("A13")
def test_accept__a13_foreign_mail_under_the_same_message_id__both_are_kept(mail: Mail) -> None:
    mail.take(letter(sender="Eve <eve@evil.example>", message_id="<same@example.com>"))
    mail.take(letter(message_id="<same@example.com>"))
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto_reply"),
        ({"List-Id": "<news.example.com>", "Precedence": "bulk"}, "bulk"),
    ],
)
def test_accept__machine_that_answers_nothing__is_put_aside(mail: Mail, headers: dict[str, str], reason: str) -> None:
    row = mail.take(letter(headers=headers))
    assert (row.state, row.reason) == ("quarantined", reason)
    assert not Ticket.objects.exists()
    assert "withdrawal" in row.preview


@pytest.mark.attack("A8")
def test_accept__out_of_office_on_a_case__is_threaded_flagged_and_does_not_reopen(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    Ticket.objects.filter(pk=ticket.pk).update(status="pending")
    mail.take(letter(to=token_address(owed), headers={"Auto-Submitted": "auto-replied"}))
    ticket.refresh_from_db()
    assert ticket.messages.latest("seq").is_automatic
    assert ticket.status == "pending"
    assert OutboundMail.objects.count() == 2


@pytest.mark.attack("A8")
def test_accept__our_own_mail_comes_back__is_ignored(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    owed = reply_of(agent, Ticket.objects.get())
    ours = "Support <support+abc@pharos.test>"
    plain = mail.take(letter(sender=ours, message_id=owed.message_id_header))
    marked = {"X-Loop": "support@pharos.test", "Auto-Submitted": "auto-replied"}
    automatic = mail.take(letter(sender=ours, message_id=owed.message_id_header, headers=marked))
    assert [row.reason for row in (plain, automatic)] == ["our_own_mail", "our_own_mail"]
    assert {row.state for row in (plain, automatic)} == {"ignored"}


def test_accept__closed_case__opens_a_follow_up(mail: Mail, agent: Staff) -> None:
    mail.take(letter())
    ticket = Ticket.objects.get()
    owed = reply_of(agent, ticket)
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved")
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    mail.take(letter(to=token_address(owed), subject="Re: still stuck"))
    assert Ticket.objects.exclude(pk=ticket.pk).get().follow_up_of_id == ticket.pk


@pytest.mark.attack("A1")
def test_accept__copied_people__join_only_when_proven(mail: Mail) -> None:
    ProvenAddressFactory.create(value="partner@example.com")
    mail.take(letter(headers={"Cc": "partner@example.com, stranger@example.com, support@pharos.test"}))
    assert list(Participant.objects.values_list("address", "is_proven")) == [("partner@example.com", True)]


def test_accept__spam_mark_of_the_trusted_exchanger__opens_a_case_as_spam_in_silence(mail: Mail) -> None:
    mail.take(letter(headers={"X-Spam-Flag": "YES"}))
    assert Ticket.objects.get().is_spam
    assert not OutboundMail.objects.exists()


def test_accept__too_many_files__takes_the_first_and_says_what_is_missing(mail: Mail) -> None:
    body = "".join(WITH_FILE.format(name=f"file{number}.txt", body="x") for number in range(23)) + "--b--"
    mail.take(letter(text=body.replace("\r\n", "\n"), content_type="multipart/mixed; boundary=b"))
    message = Message.objects.get(kind="reply")
    assert message.attachments.count() == settings.MAX_FILES_PER_MESSAGE
    event = Message.objects.get(event="files_left_out")
    assert event.event_data["count"] == 3
    assert "file20.txt" in str(event.event_data["names"])


def test_accept__unreadable_sender__is_put_aside_with_a_preview_and_can_be_retried(mail: Mail, lead: Staff) -> None:
    row = mail.take(letter(sender="a@good.example <b@evil.example>", subject="Who am I?"))
    assert row.state == "quarantined"
    assert "Subject: Who am I?" in row.preview
    assert row.explanation
    quarantine.retry(inbound=row, by=lead)
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert row.state == "quarantined"
    assert AuditEntry.objects.filter(action="mail.released", actor_id=lead.public_id).exists()


def test_retry__mail_held_back_for_suspicion__is_let_through_without_an_acknowledgement(
    mail: Mail, lead: Staff
) -> None:
    row = mail.take(letter(headers={"List-Id": "<news.example.com>"}))
    quarantine.retry(inbound=row, by=lead)
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert row.state == "processed"
    assert not OutboundMail.objects.exists()


def test_ignore__quarantined_mail__leaves_the_review(mail: Mail, lead: Staff) -> None:
    row = mail.take(letter(headers={"List-Id": "<news.example.com>"}))
    quarantine.ignore(inbound=row, by=lead)
    row.refresh_from_db()
    assert row.state == "ignored"


def test_accept__invitation__is_spelled_out(mail: Mail) -> None:
    invite = (
        "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Call about the deposit\n"
        "DTSTART:20261124T090000Z\nDTEND:20261124T093000Z\nORGANIZER:mailto:mina@example.com\nEND:VEVENT\nEND:VCALENDAR"
    )
    mail.take(letter(text=invite, content_type="text/calendar; method=REQUEST; charset=utf-8"))
    assert "Call about the deposit" in Message.objects.get(kind="reply").text


def test_accept__subject_only__is_a_message(mail: Mail) -> None:
    mail.take(letter(text=""))
    assert Message.objects.get(kind="reply").text == "—"


def test_accept__seed_phrase__is_masked_everywhere_but_in_the_sealed_raw(mail: Mail) -> None:
    phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    row = mail.take(letter(subject=f"Seed {phrase}", text=f"my words: {phrase}"))
    ticket, message = Ticket.objects.get(), Message.objects.get(kind="reply")
    assert "sausage" not in ticket.subject + ticket.last_line + message.text + message.html
    assert b"sausage" not in bytes(row.raw)


def test_f8_same_mail_by_two_doors__is_once(mail: Mail) -> None:
    raw = letter()
    first = mail.store(raw, source="smtp")
    again = mail.store(b"Received: from mx by imap\r\nDelivered-To: support@pharos.test\r\n" + raw, source="imap")
    unix = mail.store(raw.replace(b"\r\n", b"\n") + b"\n", source="imap")
    assert first.pk == again.pk == unix.pk


@pytest.mark.attack("A13")
def test_f8_same_message_id_other_body__is_two(mail: Mail) -> None:
    first = mail.store(letter(message_id="<same@example.com>", text="one"))
    second = mail.store(letter(message_id="<same@example.com>", text="two"))
    assert first.pk != second.pk


def test_f8_same_mail_to_two_boxes__is_one_each_and_linked(mail: Mail) -> None:
    billing = MailboxFactory.create(slug="billing", address="billing@pharos.test", trusted_authserv_id="mx.pharos.test")
    raw = letter(to="support@pharos.test, billing@pharos.test")
    first = mail.take(raw)
    second = mail.take(raw, mailbox=billing)
    assert first.pk != second.pk
    assert first.ticket is not None
    assert second.ticket is not None
    assert second.ticket.possibly_related_id == first.ticket_id
    assert Message.objects.get(event="same_mail_elsewhere").event_data == {"ticket": first.ticket.public_id}


def test_f8_same_answer_to_two_boxes__is_once_on_the_case(mail: Mail, agent: Staff) -> None:
    billing = MailboxFactory.create(slug="billing", address="billing@pharos.test", trusted_authserv_id="mx.pharos.test")
    mail.take(letter())
    ticket = Ticket.objects.get()
    raw = letter(to=f"{token_address(reply_of(agent, ticket))}, billing@pharos.test")
    mail.take(raw)
    second = mail.take(raw, mailbox=billing)
    assert (second.state, second.reason) == ("ignored", "same_mail_elsewhere")
    assert ticket.messages.filter(kind="reply").count() == 3


def test_accept__worker_died_with_the_lease__another_takes_over_after_it(mail: Mail, owner_connection: object) -> None:
    row = mail.store(letter())
    assert InboundMail.claim(row.pk, lease_s=60) is not None
    intake.accept(inbound_pk=row.pk)
    assert not Ticket.objects.exists()
    InboundMail.objects.filter(pk=row.pk).update(lease_until="2020-01-01T00:00:00Z")
    intake.accept(inbound_pk=row.pk)
    assert Ticket.objects.count() == 1


def test_accept__mail_that_keeps_killing_its_worker__is_put_aside(mail: Mail) -> None:
    row = mail.store(letter())
    InboundMail.objects.filter(pk=row.pk).update(attempts=intake.MAX_CLAIMS)
    intake.accept(inbound_pk=row.pk)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("quarantined", "worker_died")


def test_put__lease_lost_to_another_who_has_ended_the_mail__changes_nothing(mail: Mail) -> None:
    row = mail.store(letter())
    late = InboundMail.claim_row(row.pk, lease_s=60)
    assert late is not None
    InboundMail.objects.filter(pk=row.pk).update(lease_until="2020-01-01T00:00:00Z", attempts=0)
    intake.accept(inbound_pk=row.pk)
    quarantine.put(inbound=late, reason="worker_died", explanation="", preview="")
    row.refresh_from_db()
    assert row.state == "processed"
    assert not AuditEntry.objects.filter(action="mail.quarantined").exists()


def test_accept__second_try__reads_in_a_child_with_the_same_result(mail: Mail) -> None:
    row = mail.store(letter())
    InboundMail.objects.filter(pk=row.pk).update(attempts=1)
    intake.accept(inbound_pk=row.pk)
    assert Ticket.objects.get().subject == "My withdrawal is stuck"
