"""A customer's page: the cases and notes that the reader may see."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Staff
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import customer, mail_ticket
from tickets.models import CustomerNote
from tickets.selectors import contacts as shown
from tickets.selectors import who_saw
from tickets.services import contacts


@pytest.fixture
def mina(db: None) -> Customer:
    return customer()


def page_of(who: Customer, person: Staff) -> tuple[int, str]:
    answer = signed_in(Client(), person).get(reverse("desk:contact", args=[who.public_id]))
    return answer.status_code, answer.content.decode()


@pytest.mark.attack("D5")
def test_contact__cases_of_a_hidden_team__are_neither_shown_nor_counted(mina: Customer) -> None:
    team = TeamFactory.create()
    vendor = StaffFactory.create(role="vendor")
    team.memberships.create(staff=vendor)
    mail_ticket(subject="For the vendor", team=team)
    mail_ticket(subject="About the court", team=TeamFactory.create())

    status, text = page_of(mina, vendor)

    assert status == 200
    assert "For the vendor" in text
    assert "About the court" not in text
    assert shown.contact(mina, vendor)["cases"]["all"] == 1


@pytest.mark.attack("H1")
def test_contact__opened__is_told_to_who_asks_who_saw_them(mina: Customer, agent: Staff) -> None:
    mail_ticket()

    page_of(mina, agent)

    told = who_saw.of_customer(mina, since=now() - timedelta(hours=1), until=now() + timedelta(minutes=1))
    assert [(one.staff, one.action) for one in told.seen] == [(agent.public_id, "customer.viewed")]


@pytest.mark.attack("A5")
def test_contact__case_that_only_claims_to_be_theirs__is_not_theirs(mina: Customer, agent: Staff) -> None:
    mail_ticket(subject="Proven")
    mail_ticket(subject="Only claimed", is_proven=False)

    assert [row.subject for row in shown.page_of_cases(mina, agent).rows] == ["Proven"]


def test_contact__nothing_of_theirs_may_be_seen__is_not_there_and_the_look_is_recorded(mina: Customer) -> None:
    mail_ticket()
    outsider = StaffFactory.create(role="vendor")

    status, _text = page_of(mina, outsider)

    assert status == 404
    assert AuditEntry.objects.filter(action="access.denied", object_id=mina.public_id).exists()


def test_note__written__has_its_secrets_masked_and_is_read_by_whoever_sees_a_case(mina: Customer, agent: Staff) -> None:
    mail_ticket()
    where = reverse("desk:contact_note", args=[mina.public_id])

    answer = signed_in(Client(), agent).post(where, {"text": "Calls at night. Card 4111 1111 1111 1111."})

    assert answer.status_code == 302
    _status, text = page_of(mina, StaffFactory.create(role="light_agent"))
    assert "Calls at night." in text
    assert "4111 1111" not in text


def test_note__empty__says_so_and_keeps_nothing(mina: Customer, agent: Staff) -> None:
    mail_ticket()

    answer = signed_in(Client(), agent).post(reverse("desk:contact_note", args=[mina.public_id]), {"text": "  "})

    assert answer.status_code == 422
    assert "Write something first." in answer.content.decode()
    assert not CustomerNote.objects.exists()


def test_note__of_another__is_removed_by_a_lead_and_by_no_colleague(mina: Customer, agent: Staff, lead: Staff) -> None:
    mail_ticket()
    note = contacts.add_note(customer=mina, text="Rude.", by=agent)
    where = reverse("desk:contact_note_remove", args=[mina.public_id, note.public_id])

    assert signed_in(Client(), StaffFactory.create(role="agent")).post(where).status_code == 404
    assert signed_in(Client(), lead).post(where).status_code == 302

    assert "Rude." not in page_of(mina, agent)[1]
    note.refresh_from_db()
    assert note.removed_by == lead


def test_note__in_the_database__can_be_neither_rewritten_nor_deleted(mina: Customer, agent: Staff) -> None:
    note = contacts.add_note(customer=mina, text="First words", by=agent)
    for change in (lambda: CustomerNote.objects.update(text="Others"), note.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
