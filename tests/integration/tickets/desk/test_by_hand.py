"""Opening a ticket by the form: once, however often the form is sent."""

import re

import pytest
from django.test import Client

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.tickets import MailboxFactory
from tickets.models import Ticket

GIVEN = {
    "channel": "phone",
    "requester_address": "+44 20 8366 1177",
    "requester_name": "Noor",
    "subject": "Lost phone",
    "body": "She lost her phone.",
    "priority": "normal",
}


@pytest.fixture(autouse=True)
def _mailbox(_any_database: None) -> None:
    MailboxFactory.create()


def key_of(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]{16,})"', page)
    assert found is not None
    return found[1]


def test_new__same_form_sent_twice__is_one_ticket(client: Client, agent: Staff) -> None:
    key = key_of(signed_in(client, agent).get("/desk/new/").content.decode())
    first = client.post("/desk/new/", {**GIVEN, "form_key": key})
    again = client.post("/desk/new/", {**GIVEN, "form_key": key})
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    assert Ticket.objects.count() == 1


def test_new__two_forms_with_the_same_words__are_two_tickets(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    for _ in range(2):
        key = key_of(client.get("/desk/new/").content.decode())
        client.post("/desk/new/", {**GIVEN, "form_key": key})
    assert Ticket.objects.count() == 2


def test_new__refused_then_mended__keeps_its_key_and_opens(client: Client, agent: Staff) -> None:
    key = key_of(signed_in(client, agent).get("/desk/new/").content.decode())
    refused = client.post("/desk/new/", {**GIVEN, "subject": "", "form_key": key})
    assert refused.status_code == 422
    assert key_of(refused.content.decode()) == key
    assert client.post("/desk/new/", {**GIVEN, "form_key": key}).status_code == 302


def test_new__used_form_with_other_words__asks_first_and_opens_nothing(client: Client, agent: Staff) -> None:
    key = key_of(signed_in(client, agent).get("/desk/new/").content.decode())
    client.post("/desk/new/", {**GIVEN, "form_key": key})
    other = client.post("/desk/new/", {**GIVEN, "subject": "Another matter", "form_key": key})
    assert other.status_code == 422
    page = other.content.decode()
    assert "already opened a ticket" in page
    assert "Another matter" in page
    assert key_of(page) != key
    assert Ticket.objects.count() == 1
