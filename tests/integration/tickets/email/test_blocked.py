"""Blocked senders: whose mail opens its cases as spam, in silence, and nothing of it is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.accounts import ProvenAddressFactory
from tests.factories.tickets import MailboxFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import BlockedSender, Mailbox, Message, OutboundMail, Ticket
from tickets.services import contacts


@pytest.mark.parametrize("sender", ["mina@example.com", "example.com"])
def test_accept__from_a_blocked_sender__opens_a_case_as_spam_in_silence(mail: Mail, lead: Staff, sender: str) -> None:
    contacts.block(sender=sender, reason="Floods us", by=lead)

    mail.take(letter())

    assert Ticket.objects.get().is_spam
    assert not OutboundMail.objects.exists()


def test_accept__from_below_a_blocked_domain__is_spam__from_beside_it_is_not(mail: Mail, lead: Staff) -> None:
    contacts.block(sender="spam.example", reason="Floods us", by=lead)

    mail.take(letter(sender="a@news.spam.example"))
    mail.take(letter(sender="b@notspam.example"))

    assert list(Ticket.objects.order_by("pk").values_list("is_spam", flat=True)) == [True, False]


def test_accept__answer_of_a_blocked_sender_to_an_open_case__still_arrives(mail: Mail, lead: Staff) -> None:
    mail.take(letter())
    owed = OutboundMail.objects.get()
    contacts.block(sender="mina@example.com", reason="Floods us", by=lead)

    mail.take(letter(headers={"In-Reply-To": owed.message_id_header}))

    assert not Ticket.objects.get().is_spam
    assert Message.objects.filter(direction="in", kind="reply").count() == 2


def test_lift__sender_writes_again__is_heard(mail: Mail, lead: Staff) -> None:
    row = contacts.block(sender="mina@example.com", reason="Floods us", by=lead)

    assert contacts.lift(block_id=row.public_id, by=lead)
    mail.take(letter())

    assert not Ticket.objects.get().is_spam
    assert not contacts.lift(block_id=row.public_id, by=lead)


def test_block__by_the_case__takes_its_sender(mail: Mail, lead: Staff) -> None:
    ticket = mail.take(letter()).ticket
    assert ticket is not None

    answer = signed_in(Client(), lead).post(reverse("desk:block"), {"ticket": ticket.public_id, "reason": "Floods us"})

    assert answer.status_code == 302
    assert BlockedSender.objects.get().value == "mina@example.com"
    assert "mina@example.com" not in signed_in(Client(), lead).get(reverse("desk:blocked")).content.decode()


@pytest.mark.parametrize("sender", ["Mina@Example.com", "example.com", "@EXAMPLE.com"])
def test_block__however_it_is_written__is_one_sender(lead: Staff, sender: str) -> None:
    row = contacts.block(sender=sender, reason="Floods us", by=lead)
    assert row.value == sender.lower().lstrip("@")


@pytest.mark.parametrize("sender", ["", "mina", "a b@example.com", "x@localhost", "mina@exa mple.com", "a@b@"])
def test_block__what_is_no_address__is_refused_with_a_pattern(lead: Staff, sender: str) -> None:
    answer = signed_in(Client(), lead).post(reverse("desk:block"), {"sender": sender, "reason": "Floods us"})
    assert answer.status_code == 422
    assert "name@example.com" in answer.content.decode()
    assert not BlockedSender.objects.exists()


def test_block__twice_or_ones_own__is_refused(lead: Staff, mailbox: Mailbox) -> None:
    contacts.block(sender="spam.example", reason="Floods us", by=lead)
    with pytest.raises(contacts.BlockedAlready):
        contacts.block(sender="spam.example", reason="Again", by=lead)
    MailboxFactory.create(slug="harbour", address="help@desk.harbour.example")
    for ours in ("support@pharos.test", "support+x@pharos.test", "pharos.test", "harbour.example"):
        with pytest.raises(contacts.OneOfOurs):
            contacts.block(sender=ours, reason="By mistake", by=lead)


def test_block__provider_of_mail__is_refused(lead: Staff) -> None:
    for number in range(contacts.MOST_AT_A_DOMAIN + 1):
        ProvenAddressFactory.create(value=f"customer{number}@mail.provider.example")
    for sender in ("mail.provider.example", "provider.example"):
        with pytest.raises(contacts.TooManyWriteFromThere):
            contacts.block(sender=sender, reason="Too much", by=lead)
