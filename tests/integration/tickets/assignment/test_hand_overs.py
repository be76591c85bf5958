"""Hand-over notes of tickets: on top for whoever opens it next, listed for whom they are meant, done once."""

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff, Team
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.assignment.conftest import AtWork, Waits
from tickets.models import HandOver, Message, Ticket
from tickets.services import errors, hand_overs, properties, status
from tickets.services.hand_overs import HandOverIsOver, NothingToHandOver

NOTE = "The bank answers tomorrow at nine. Card 4111 1111 1111 1111 came up."
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def open_page(client: Client, person: Staff, ticket: Ticket) -> str:
    return signed_in(client, person).get(reverse("desk:ticket", args=[ticket.public_id])).content.decode()


def test_hand_over__written_at_the_desk__is_a_masked_internal_note_on_top_and_in_the_list(
    client: Client, team: Team, at_work: AtWork, waits: Waits
) -> None:
    ada, ben, ticket = at_work("Ada"), at_work("Ben"), waits()
    properties.assign(ticket=ticket, to=ada, by=ada)
    path = reverse("desk:hand_over", args=[ticket.public_id])
    assert signed_in(client, ada).post(path, {"note": NOTE, "to": ben.public_id}).status_code == 302
    note, event = Message.objects.filter(ticket=ticket).order_by("-seq")[:2][::-1]
    assert (note.kind, note.public_seq, note.redactions) == ("note", None, ["card_number"])
    assert (event.event, event.event_data) == ("hand_over_written", {"to": ben.public_id})
    assert AuditEntry.objects.get(action="ticket.handed_over").actor_id == ada.public_id
    page = open_page(client, ben, ticket)
    assert "Ada hands this over to Ben" in page
    assert "Ada hands the ticket over to Ben." in page
    assert "4111 1111" not in page
    listed = client.get(reverse("desk:shifts")).content.decode()
    assert "Handed over to you" in listed
    assert "The bank answers tomorrow" in listed
    # It was not meant for Ada.
    assert "Handed over to you" not in signed_in(client, ada).get(reverse("desk:shifts")).content.decode()


def test_left_for__nobody_named__is_listed_for_the_team_alone(
    client: Client, at_work: AtWork, waits: Waits, agent: Staff
) -> None:
    hand_overs.write(ticket=waits(), text="Ask the miner.", by=at_work("Ada"))
    ben = at_work("Ben")
    assert "Ask the miner." in signed_in(client, ben).get(reverse("desk:shifts")).content.decode()
    assert "Ask the miner." not in signed_in(client, agent).get(reverse("desk:shifts")).content.decode()


def test_left_for__ticket_of_a_restricted_team__is_not_listed_for_whom_it_is_hidden_from(
    client: Client, agent: Staff, lead: Staff, waits: Waits
) -> None:
    ticket = waits()
    hand_overs.write(ticket=ticket, text="Ask the miner.", by=lead, to=agent)
    Team.objects.update(is_restricted=True)
    assert "Ask the miner." not in signed_in(client, agent).get(reverse("desk:shifts")).content.decode()
    with pytest.raises(errors.Refused):
        hand_overs.write(ticket=ticket, text="Again", by=lead, to=agent)
    assert client.post(reverse("desk:take_over", args=[ticket.public_id])).status_code == 404


def test_take__of_the_authors_or_nobodys_ticket__makes_it_theirs_and_ends_the_note(
    client: Client, at_work: AtWork, waits: Waits
) -> None:
    ada, ben = at_work("Ada"), at_work("Ben")
    for assignee in (ada, None):
        ticket = waits()
        properties.assign(ticket=ticket, to=assignee, by=ada)
        row = hand_overs.write(ticket=ticket, text="Ask the miner.", by=ada)
        data = {"hand_over": row.public_id}
        path = reverse("desk:take_over", args=[ticket.public_id])
        assert signed_in(client, ben).post(path, data, headers=PARTIAL).status_code == 200
        row.refresh_from_db()
        assert (row.taken_by, Ticket.objects.get(pk=ticket.pk).assignee) == (ben, ben)
        page = open_page(client, ben, ticket)
        assert "Ada hands this over" not in page
        assert "Ben took over what Ada had handed over." in page
        # Twice: the page says that it is over.
        assert client.post(path, data, headers=PARTIAL).status_code == 422


def test_take__ticket_that_is_a_thirds__leaves_it_with_them(at_work: AtWork, waits: Waits) -> None:
    ada, ben, cleo, ticket = at_work("Ada"), at_work("Ben"), at_work("Cleo"), waits()
    row = hand_overs.write(ticket=ticket, text="Ask the miner.", by=ada)
    properties.assign(ticket=ticket, to=cleo, by=cleo)
    assert hand_overs.take(hand_over=row.public_id, ticket=ticket, by=ben).assignee == cleo


def test_write__while_another_stands__takes_its_place(at_work: AtWork, waits: Waits) -> None:
    ada, ticket = at_work("Ada"), waits()
    first = hand_overs.write(ticket=ticket, text="Ask the miner.", by=ada)
    second = hand_overs.write(ticket=ticket, text="The miner has answered.", by=ada)
    assert HandOver.objects.get(ended_at__isnull=True) == second
    with pytest.raises(HandOverIsOver):
        hand_overs.take(hand_over=first.public_id, ticket=ticket, by=at_work("Ben"))
    with pytest.raises(IntegrityError, match="one_stands"), transaction.atomic():
        HandOver.objects.filter(pk=first.pk).update(ended_at=None)


def test_write__nothing_too_much_or_closed__is_refused_and_keeps_what_was_written(
    client: Client, agent: Staff, lead: Staff, light_agent: Staff
) -> None:
    ticket = mail_ticket()
    path = reverse("desk:hand_over", args=[ticket.public_id])
    answer = signed_in(client, agent).post(path, {"note": "x" * 2001, "to": lead.public_id}, headers=PARTIAL)
    assert answer.status_code == 422
    assert "x" * 2001 in answer.content.decode()
    assert f'value="{lead.public_id}" selected' in answer.content.decode()
    with pytest.raises(NothingToHandOver):
        hand_overs.write(ticket=ticket, text=" \n", by=agent)
    with pytest.raises(errors.Refused):
        hand_overs.write(ticket=ticket, text="Mine?", by=light_agent)
    assert client.post(path, {"note": "Hi", "to": "nobody"}).status_code == 422
    properties.set_spam(ticket=ticket, is_spam=True, by=lead)
    status.move(ticket=ticket, to="closed", by=lead)
    with pytest.raises(errors.CaseClosed):
        hand_overs.write(ticket=ticket, text="Too late", by=agent)
    assert not HandOver.objects.exists()


def test_take__eight_at_once__is_one_who_took_over(clone_db: str, race: Any, at_work: AtWork, waits: Waits) -> None:
    ticket = waits()
    row = hand_overs.write(ticket=ticket, text="Ask the miner.", by=at_work("Ada"))
    takers = [at_work(f"Taker{number}") for number in range(8)]
    outcomes = race(*[partial(hand_overs.take, hand_over=row.public_id, ticket=ticket, by=one) for one in takers])
    assert sum(isinstance(one, HandOverIsOver) for one in outcomes) == 7
    row.refresh_from_db()
    assert Ticket.objects.get(pk=ticket.pk).assignee == row.taken_by
