"""Marking as spam: a wanted value and the version it was wished for, never a toggle."""

from django.test import Client

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.tickets import answer, mail_ticket
from tickets.models import Ticket
from tickets.services import properties

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def url(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.public_id}/spam/"


def is_spam(ticket: Ticket) -> bool:
    return Ticket.objects.get(pk=ticket.pk).is_spam


def test_spam__pressed_twice__stays_spam(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent)
    for _ in range(2):
        data = {"is_spam": "1", "version": Ticket.objects.get(pk=ticket.pk).version}
        assert client.post(url(ticket), data, headers=PARTIAL).status_code == 200
    assert is_spam(ticket)


def test_spam__stale_view__answers_409_and_changes_nothing(client: Client, agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    seen = ticket.version
    answer(ticket, "It is me, Mina.")
    properties.set_priority(ticket=ticket, to="urgent", by=lead)
    refused = signed_in(client, agent).post(url(ticket), {"is_spam": "1", "version": seen}, headers=PARTIAL)
    assert refused.status_code == 409
    assert not is_spam(ticket)


def test_spam__no_or_unknown_value__answers_422(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    signed_in(client, agent)
    for data in ({}, {"is_spam": ""}, {"is_spam": "yes"}):
        assert client.post(url(ticket), data, headers=PARTIAL).status_code == 422
    assert not is_spam(ticket)


def test_spam__release__takes_the_right_to_release(client: Client, agent: Staff, lead: Staff) -> None:
    ticket = properties.set_spam(ticket=mail_ticket(), is_spam=True, by=agent)
    wish = {"is_spam": "0", "version": ticket.version}
    assert signed_in(client, agent).post(url(ticket), wish, headers=PARTIAL).status_code == 403
    assert is_spam(ticket)
    assert signed_in(Client(), lead).post(url(ticket), wish, headers=PARTIAL).status_code == 200
    assert not is_spam(ticket)


def test_head__spam__offers_release_to_those_who_may(client: Client, agent: Staff, lead: Staff) -> None:
    ticket = mail_ticket()
    page = f"/desk/tickets/{ticket.public_id}/?part=header"
    shown = signed_in(client, agent).get(page).content.decode()
    assert 'name="is_spam" value="1"' in shown
    properties.set_spam(ticket=ticket, is_spam=True, by=agent)
    assert 'name="is_spam"' not in client.get(page).content.decode()
    assert 'name="is_spam" value="0"' in signed_in(Client(), lead).get(page).content.decode()
