"""Replies and notes: order, outbox, redaction, stale replies, undo."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Staff
from core.models import AuditEntry
from tests.factories.tickets import CUSTOMER_ADDRESS, TopicFactory, answer, customer, mail_ticket, requester
from tickets.models import Draft, Message, OutboundMail, Participant, Ticket
from tickets.services import drafts, errors, properties, replies, status
from tickets.services.senders import NewFile, Sender

SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"


def reply(ticket: Ticket, person: Staff, text: str = "It left at noon.", **more: object) -> Message:
    return replies.add(
        ticket=ticket,
        sender=Sender.of_staff(person),
        channel="email",
        words=replies.Words(text=text),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.django_db
def test_add__from_staff__owes_one_mail_in_the_thread(agent: Staff) -> None:
    ticket = mail_ticket()
    message = reply(ticket, agent)
    owed = OutboundMail.objects.get(message=message)
    assert owed.to_address == CUSTOMER_ADDRESS
    assert owed.in_reply_to_header == "<first@example.com>"
    assert owed.message_id_header == message.message_id_header != ""
    assert owed.includes_history
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("open", agent)


@pytest.mark.django_db
def test_add__to_unproven_requester__carries_no_history(agent: Staff) -> None:
    ticket = mail_ticket(address="claimed@example.com", is_proven=False)
    assert OutboundMail.objects.get(message=reply(ticket, agent)).includes_history is False


@pytest.mark.django_db
def test_add__copies__go_to_proven_participants_only(agent: Staff) -> None:
    ticket = mail_ticket()
    Participant.objects.create(ticket=ticket, address="known@example.com", role="cc", is_proven=True)
    Participant.objects.create(ticket=ticket, address="attacker@example.com", role="third_party")
    assert OutboundMail.objects.get(message=reply(ticket, agent)).cc_addresses == ["known@example.com"]


@pytest.mark.django_db
def test_add__notes_between_replies__leave_no_hole_in_the_public_sequence(agent: Staff) -> None:
    ticket = mail_ticket()
    reply(ticket, agent)
    replies.add_note(ticket=ticket, author=agent, text="Checked with the payments team.")
    answer(ticket)
    rows = list(ticket.messages.order_by("seq"))
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    public = [row.public_seq for row in rows if row.public_seq]
    assert public == [1, 2, 3]
    assert all(row.public_seq is None for row in rows if row.kind in {"note", "event"})


def test_add__many_threads_at_once__keeps_the_sequence_gapless(
    clone_db: str, agent: Staff, race: Callable[..., list[object]]
) -> None:
    ticket = mail_ticket()

    def write() -> None:
        replies.add_note(ticket=ticket, author=agent, text="together")

    race(*[write] * 12)
    seqs = list(ticket.messages.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, 14))
    ticket.refresh_from_db()
    assert ticket.last_seq == 13


@pytest.mark.django_db
def test_add__same_client_key__is_one_message(agent: Staff) -> None:
    ticket = mail_ticket()
    words = replies.Words(text="Once.", client_key="key-1")
    first = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=words)
    again = replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=words)
    assert first.pk == again.pk
    assert OutboundMail.objects.count() == 1


@pytest.mark.django_db
def test_add__customer_wrote_meanwhile__is_refused_with_what_was_missed(agent: Staff) -> None:
    ticket = mail_ticket()
    answer(ticket, "Wait, it arrived!")
    with pytest.raises(errors.StaleReply) as refused:
        reply(ticket, agent, seen_public_seq=1)
    assert [message.text for message in refused.value.missed] == ["Wait, it arrived!"]
    assert not OutboundMail.objects.exists()
    assert reply(ticket, agent, seen_public_seq=2).public_seq == 3


@pytest.mark.django_db
def test_add__seed_phrase__is_masked_in_message_and_queue() -> None:
    ticket = mail_ticket(text=f"My phrase is {SEED} please help", subject=f"phrase {SEED}")
    message = ticket.messages.get(seq=1)
    assert "sausage" not in message.text + ticket.subject + ticket.last_line
    assert message.redactions == ["seed_phrase"]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), [("pending", "open"), ("on_hold", "open"), ("resolved", "open")])
def test_add__requester_answers__reopens(agent: Staff, before: str, after: str) -> None:
    ticket = mail_ticket()
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    status.move(ticket=ticket, to=before, by=agent)
    answer(ticket)
    ticket.refresh_from_db()
    assert ticket.status == after


@pytest.mark.django_db
def test_add__third_party_or_automatic__never_reopens_and_third_party_is_not_public(agent: Staff) -> None:
    ticket = mail_ticket()
    status.move(ticket=ticket, to="pending", by=agent)
    stranger = Sender(role="third_party", address="stranger@example.com", customer=customer("stranger@example.com"))
    assert answer(ticket, sender=stranger).public_seq is None
    replies.add(
        ticket=ticket,
        sender=requester(ticket.requester),
        channel="email",
        words=replies.Words(text="I am away.", is_automatic=True),
    )
    ticket.refresh_from_db()
    assert ticket.status == "pending"


@pytest.mark.django_db
def test_add__to_closed_case__is_refused(agent: Staff) -> None:
    ticket = mail_ticket()
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    status.move(ticket=ticket, to="closed", by=agent)
    with pytest.raises(errors.CaseClosed):
        reply(ticket, agent)


@pytest.mark.django_db
def test_withdraw__within_the_window__leaves_a_tombstone_and_the_draft(agent: Staff) -> None:
    ticket = mail_ticket()
    message = reply(ticket, agent, "Too fast")
    assert replies.withdraw(message=message, by=agent) == "Too fast"
    message.refresh_from_db()
    assert (message.text, message.withdrawn_at is not None) == ("", True)
    assert OutboundMail.objects.get(message=message).state == "cancelled"
    assert Draft.objects.get(ticket=ticket, staff=agent).text == "Too fast"


@pytest.mark.django_db
def test_withdraw__after_the_window_or_by_another__is_refused(agent: Staff, lead: Staff) -> None:
    message = reply(mail_ticket(), agent)
    with pytest.raises(errors.Refused):
        replies.withdraw(message=message, by=lead)
    OutboundMail.objects.filter(message=message).update(next_attempt_at="2020-01-01T00:00:00Z")
    with pytest.raises(errors.TooLate):
        replies.withdraw(message=message, by=agent)


@pytest.mark.django_db
def test_add__is_in_the_audit_log_without_its_words(agent: Staff) -> None:
    ticket = mail_ticket()
    reply(ticket, agent, "The words themselves")
    entry = AuditEntry.objects.filter(action="message.added", actor_id=agent.public_id).get()
    assert (entry.object_id, entry.detail["kind"]) == (ticket.public_id, "reply")
    assert "words" not in str(entry.detail)


@pytest.mark.django_db
def test_drafts__older_tab__is_refused(agent: Staff) -> None:
    ticket = mail_ticket()
    assert drafts.save(ticket=ticket, author=agent, kind="reply", text="one", version=0) == 1
    assert drafts.save(ticket=ticket, author=agent, kind="reply", text="two", version=1) == 2
    with pytest.raises(errors.StaleChange):
        drafts.save(ticket=ticket, author=agent, kind="reply", text="old tab", version=1)
    assert Draft.objects.get(ticket=ticket).text == "two"


@pytest.mark.django_db
def test_database__second_message_with_the_same_seq__is_refused(agent: Staff) -> None:
    ticket = mail_ticket()
    first = ticket.messages.get(seq=1)
    with pytest.raises(IntegrityError, match="seq_once"), transaction.atomic():
        Message.objects.create(
            ticket=ticket,
            seq=first.seq,
            kind="note",
            direction="out",
            channel="email",
            sender_role="staff",
            staff=agent,
        )


def test_owed_mail__is_due_after_the_undo_window__not_before(agent: Staff, db: None) -> None:
    message = reply(mail_ticket(), agent)
    owed = OutboundMail.objects.get(message=message)
    assert OutboundMail.claim(owed.pk, lease_s=60) is None
    assert owed.next_attempt_at - message.created_at >= timedelta(seconds=9)


@pytest.mark.django_db
def test_names__of_sender_file_and_tag__hold_no_secret(agent: Staff) -> None:
    ticket = mail_ticket()
    sender = Sender(role="requester", customer=ticket.requester, name=f"my words {SEED}", address=CUSTOMER_ADDRESS)
    message = replies.add(
        ticket=ticket,
        sender=sender,
        channel="email",
        words=replies.Words(text="see file"),
        attached=[NewFile(name=f"{SEED}.txt", content=b"hello")],
    )
    assert "sausage" not in message.sender_name + message.attachments.get().stored.name
    with pytest.raises(errors.Refused):
        properties.set_tags(ticket=ticket, names=["4111 1111 1111 1111"], by=agent)
