"""Merging: one case closes and goes on in another, what comes for it arrives there, and all of it can be undone."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.sla import policy
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tests.integration.tickets.email.conftest import Mail, mail, mailbox
from tests.integration.tickets.social.conftest import Hook, account, hook, message, update
from tests.support.letters import letter
from tickets.models import Message, OutboundMail, Participant, SlaClock, Survey, Ticket, TicketMerge
from tickets.models.sla_clock import OPEN
from tickets.selectors import portal
from tickets.services import (
    errors,
    landing,
    links,
    merging,
    portal_requests,
    properties,
    replies,
    snoozes,
    status,
    threading,
)
from tickets.services.senders import Sender

__all__ = ["account", "hook", "mail", "mailbox"]


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def said(ticket: Ticket) -> list[str]:
    return [one.text for one in ticket.messages.filter(kind="reply").order_by("seq")]


def page(client: Client, person: Staff, ticket: Ticket) -> str:
    return signed_in(client, person).get(reverse("desk:ticket", args=[ticket.public_id])).content.decode()


def test_merge__and_undo__source_is_as_it_was_and_its_clocks_go_on(agent: Staff, admin: Staff) -> None:
    policy(by=admin)
    source, target = mail_ticket(), mail_ticket()
    status.move(ticket=source, to="on_hold", by=agent)
    before, last = fresh(source), source.last_seq
    clocks = set(SlaClock.objects.filter(OPEN, ticket=source).values_list("pk", flat=True))
    merging.merge(source=source, into=target, by=agent)
    merged = fresh(source)
    assert (merged.status, merged.merged_into_id, merged.due_at) == ("closed", target.pk, None)
    assert clocks
    assert not SlaClock.objects.filter(OPEN, ticket=source).exists()
    assert not Survey.objects.exists()
    assert [one.event for one in target.messages.order_by("-seq")[:1]] == ["ticket_merged_in"]
    assert {one.event for one in source.messages.filter(seq__gt=last)} >= {"ticket_merged", "status_changed"}
    merging.undo(source=source, by=agent)
    again = fresh(source)
    assert (again.status, again.merged_into_id, again.due_at) == ("on_hold", None, before.due_at)
    assert set(SlaClock.objects.filter(OPEN, ticket=source).values_list("pk", flat=True)) == clocks
    assert AuditEntry.objects.filter(action__in=["ticket.merged", "ticket.unmerged"]).count() == 2
    with pytest.raises(merging.NotMerged):
        merging.undo(source=source, by=agent)


def test_mail__to_a_merged_ticket__arrives_at_the_end_of_the_chain(mail: Mail, agent: Staff) -> None:
    for number in range(3):
        mail.take(letter(subject=f"Matter {number}", message_id=f"<m{number}@example.com>"))
    first, second, third = Ticket.objects.order_by("pk")
    Participant.objects.create(ticket=first, address="bank@example.org", role=Participant.Role.CC, is_proven=True)
    merging.merge(source=first, into=second, by=agent)
    merging.merge(source=second, into=third, by=agent)
    mail.take(letter(text="One more thing.", headers={"In-Reply-To": "<m0@example.com>"}))
    assert said(third)[-1] == "One more thing."
    assert third.messages.latest("seq").sender_role in {"requester", "system"}
    # Whoever was in copy of the merged ticket is heard as such; a stranger with its token is nobody.
    owed = replies.add(
        ticket=third, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="We look into it.")
    )
    mail.take(letter(sender="Bank <bank@example.org>", text="We paid.", headers={"In-Reply-To": "<m0@example.com>"}))
    mail.take(letter(sender="E <eve@evil.example>", text="Me too.", headers={"In-Reply-To": owed.message_id_header}))
    roles = dict(third.messages.filter(kind="reply").values_list("text", "sender_role"))
    assert (roles["We paid."], roles["Me too."]) == ("participant", "third_party")
    assert Ticket.objects.count() == 3
    merging.undo(source=first, by=agent)
    mail.take(letter(text="Back here.", headers={"In-Reply-To": "<m0@example.com>"}))
    assert said(first)[-1] == "Back here."


def test_post__to_a_merged_conversation__arrives_in_the_other(hook: Hook, agent: Staff) -> None:
    hook.take(update(message=message()))
    source, target = Ticket.objects.get(), mail_ticket()
    merging.merge(source=source, into=target, by=agent, is_confirmed=True)
    hook.take(update(10001, message=message("Hello?", number=1366)))
    last = target.messages.filter(kind="reply").latest("seq")
    # Another customer's case: staff alone read it.
    assert (last.text, last.sender_role, last.public_seq) == ("Hello?", "third_party", None)


def test_merge__question_that_waits__waits_in_the_other_which_is_awake_and_open(agent: Staff, admin: Staff) -> None:
    policy(by=admin)
    source, target = mail_ticket(), mail_ticket()
    replies.add(ticket=target, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Wait."))
    status.move(ticket=fresh(target), to="on_hold", by=agent)
    snoozes.put_to_sleep(ticket=fresh(target), until=now() + timedelta(days=300), by=agent)
    merging.merge(source=source, into=fresh(target), by=agent)
    there = fresh(target)
    assert (there.status, there.is_snoozed, there.last_direction) == ("open", False, "in")
    assert there.is_awaiting_reply
    assert there.waiting_since is not None
    assert SlaClock.objects.filter(OPEN, ticket=target, metric="next_response").exists()


def test_merge__answered_and_asleep__wakes_it_and_asks_nothing_of_the_other(agent: Staff) -> None:
    source, target = mail_ticket(), mail_ticket()
    for one in (source, target):
        replies.add(ticket=one, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Done?"))
    snoozes.put_to_sleep(ticket=fresh(source), until=now() + timedelta(days=3), by=agent)
    merging.merge(source=fresh(source), into=fresh(target), by=agent)
    assert not fresh(source).is_snoozed
    assert (fresh(target).last_direction, fresh(target).waiting_since) == ("out", None)


@pytest.mark.attack("A5")
def test_merge__two_accounts_at_the_exchange__are_two_people(agent: Staff) -> None:
    mine = portal_ticket(portal_customer("acc-mine", ""))
    victims = mail_ticket(address="mina.two@example.com")
    with pytest.raises(merging.OtherPerson):
        merging.merge(source=victims, into=mine, by=agent, is_confirmed=True)


@pytest.mark.attack("A1")
def test_mail__found_before_and_locked_after_the_merge__has_the_role_of_the_other(mail: Mail, agent: Staff) -> None:
    mail.take(letter(message_id="<before@example.com>", proven=False))
    source, target = Ticket.objects.get(), mail_ticket(address="other@example.com")
    writer = threading.Writer(address="mina@example.com", is_proven=False, customer=None)
    found = threading.Place(ticket=source, role=threading.role_on(ticket=source, writer=writer), related=source)
    assert found.role == "requester"
    merging.merge(source=source, into=target, by=agent, is_confirmed=True)

    place = threading.moved(found, to=landing.lock(source), writer=writer)

    assert (place.ticket, place.role, place.is_moved) == (target, "third_party", True)


def test_mail__of_the_other_person_of_a_merge__opens_it_again_for_staff_alone(mail: Mail, agent: Staff) -> None:
    mail.take(letter(message_id="<before@example.com>", proven=False))
    source, target = Ticket.objects.get(), mail_ticket(address="other@example.com")
    owed = replies.add(ticket=source, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Yes?"))
    merging.merge(source=fresh(source), into=target, by=agent, is_confirmed=True)
    properties.set_topic(ticket=target, to=TopicFactory.create(), by=agent)
    status.move(ticket=fresh(target), to="resolved", by=agent)
    headers = {"In-Reply-To": OutboundMail.objects.get(message=owed).message_id_header}
    mail.take(letter(text="Still missing.", proven=False, headers=headers))
    last = target.messages.filter(kind="reply").latest("seq")
    assert (last.text, last.sender_role, last.public_seq) == ("Still missing.", "third_party", None)
    assert fresh(target).status == "open"


@pytest.mark.attack("A5")
def test_merge__of_two_people__takes_a_confirmation_or_is_refused(agent: Staff, lead: Staff) -> None:
    mine, unproven = mail_ticket(), mail_ticket(address="mina.two@example.com", is_proven=False)
    theirs = mail_ticket(address="eve@evil.example")
    with pytest.raises(merging.OtherPerson):
        merging.merge(source=theirs, into=mine, by=lead, is_confirmed=True)
    with pytest.raises(merging.ConfirmOtherRequester):
        merging.merge(source=unproven, into=mine, by=agent)
    merging.merge(source=unproven, into=mine, by=agent, is_confirmed=True)
    assert portal.request_shown(fresh(unproven)).continued_in is None


def test_merge__what_the_rule_forbids__is_refused_by_the_service_and_by_the_database(agent: Staff) -> None:
    source, target, other = mail_ticket(), mail_ticket(), mail_ticket()
    properties.set_topic(ticket=other, to=TopicFactory.create(), by=agent)
    status.move(ticket=other, to="resolved", by=agent)
    status.move(ticket=fresh(other), to="closed", by=agent)
    for from_, into, refusal in (
        (source, source, links.NoSuchTicket),
        (source, other, merging.TargetClosed),
        (source, properties.set_spam(ticket=mail_ticket(), is_spam=True, by=agent), merging.TargetIsSpam),
    ):
        with pytest.raises(refusal):
            merging.merge(source=from_, into=into, by=agent)
    merging.merge(source=source, into=target, by=agent)
    with pytest.raises(merging.MergedAlready):
        merging.merge(source=source, into=target, by=agent)
    with pytest.raises(merging.TargetClosed):
        merging.merge(source=target, into=source, by=agent)
    with pytest.raises(errors.CaseClosed):
        answer(fresh(source))
    for fields in ({"merged_into": other}, {"merged_into": None, "status": "new"}, {"status": "open"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Ticket.objects.filter(pk=source.pk).update(**fields)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=target.pk).update(merged_into=source, status="closed")
    with pytest.raises(IntegrityError, match="merged ticket"), transaction.atomic():
        Message.objects.create(
            ticket=source, seq=99, kind="reply", direction="in", channel="email", sender_role="requester", text="x"
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        TicketMerge.objects.create(source=source, target=other, by=agent, former_status="closed")


def test_funds__from_a_merged_ticket__are_asked_for_in_the_other(client: Client, agent: Staff) -> None:
    mina = portal_customer()
    source, target = portal_ticket(mina), portal_ticket(mina)
    merging.merge(source=source, into=target, by=agent)
    address = reverse("desk:fund_request", args=[source.public_id])
    assert "This ticket is merged into another." in signed_in(client, agent).get(address).content.decode()


@pytest.mark.attack("D5")
def test_merge__into_a_hidden_ticket__is_not_named_to_who_may_not_see_it(
    client: Client, agent: Staff, lead: Staff
) -> None:
    source, target = mail_ticket(subject="Seen"), mail_ticket(subject="Sanctioned payout")
    merging.merge(source=source, into=target, by=lead)
    properties.move_to_team(ticket=target, to=TeamFactory.create(is_restricted=True), by=lead)
    shown = page(client, agent, source)
    assert "Merged into another ticket" in shown
    assert "Sanctioned" not in shown
    assert target.public_id not in shown
    with pytest.raises(links.NoSuchTicket):
        merging.undo(source=source, by=agent)
    assert "Sanctioned payout" in page(client, lead, source)


def test_desk__merged_by_form__is_read_inside_the_other_and_undone(client: Client, agent: Staff) -> None:
    source, target = mail_ticket(subject="Second letter", text="It is still pending!"), mail_ticket(subject="First")
    signed_in(client, agent)
    path = reverse("desk:merge", args=[source.public_id])
    assert "First" in client.get(path).content.decode()
    assert "is closed and its deadlines stop" in client.get(path, {"into": target.number}).content.decode()
    assert client.post(path, {"into": target.public_id})["Location"].endswith(f"/{target.public_id}/")
    shown = page(client, agent, target)
    assert f"Merged in: #{source.number}" in shown
    assert "It is still pending!" in client.get(reverse("desk:unfold", args=[source.public_id])).content.decode()
    # What is unfolded is seen, as on its own page.
    assert AuditEntry.objects.filter(action="ticket.viewed", object_id=source.public_id).count() == 1
    merged = page(client, agent, source)
    assert "What comes for this ticket arrives there." in merged
    client.post(reverse("desk:unmerge", args=[source.public_id]))
    assert "Merged in:" not in page(client, agent, target)
    assert fresh(source).status == "new"


def test_portal__merged_request__leads_to_the_other_and_takes_what_was_written_meanwhile(
    client: Client, agent: Staff
) -> None:
    customer = portal_customer("acc-merge", "merge@example.test")
    source, target = portal_ticket(customer), portal_ticket(customer)
    merging.merge(source=source, into=target, by=agent)
    open_portal(client, customer)
    shown = client.get(reverse("portal:request", args=[source.public_id])).content.decode()
    assert f"Continued in #{target.number}" in shown
    portal_requests.answer(
        ticket=source, customer=customer, text="And this.", attached=(), seen_public_seq=1, client_key="k"
    )
    assert said(target)[-1] == "And this."
    assert landing.of(fresh(source)).pk == target.pk
