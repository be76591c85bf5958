"""Splitting: messages about another matter are quoted in a case of their own, of the same customer."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import answer, mail_ticket
from tickets.models import OutboundMail, Ticket
from tickets.services import errors, links, merging, properties, splitting


def test_split__chosen_messages__are_quoted_in_a_new_case_and_nothing_is_sent(client: Client, agent: Staff) -> None:
    ticket = mail_ticket(subject="Withdrawal")
    said = answer(ticket, "By the way, my tax form is wrong.")
    signed_in(client, agent)
    path = reverse("desk:split", args=[ticket.public_id])
    assert "my tax form is wrong" in client.get(path, {"seq": said.seq}).content.decode()
    assert client.post(path, {"subject": "Tax form"}).status_code == 422
    assert client.post(path, {"subject": "Tax form", "seq": [said.seq, 999]}).status_code == 302
    new = Ticket.objects.get(subject="Tax form")
    assert (new.requester, new.is_requester_proven, new.channel) == (ticket.requester, True, "email")
    assert (new.last_public_seq, new.last_direction, new.status) == (0, "in", "new")
    assert not OutboundMail.objects.exists()
    shown = client.get(reverse("desk:ticket", args=[new.public_id])).content.decode()
    read = reverse("desk:unfold", args=[ticket.public_id])
    assert f"{read}?seqs={said.seq}" in shown
    quoted = client.get(read, {"seqs": said.seq}).content.decode()
    assert "my tax form is wrong" in quoted
    assert "0.5 BTC" not in quoted
    panel = client.get(reverse("desk:links", args=[ticket.public_id])).content.decode()
    assert "Split off this" in panel
    assert "Tax form" in panel


@pytest.mark.attack("D5")
def test_split__source_is_hidden_afterwards__is_neither_named_nor_read(
    client: Client, agent: Staff, lead: Staff
) -> None:
    ticket = mail_ticket(subject="Sanctioned payout", text="Their name is Eve.")
    new = splitting.split(ticket=ticket, seqs={1}, subject="Tax form", by=agent)
    properties.move_to_team(ticket=ticket, to=TeamFactory.create(is_restricted=True), by=lead)
    shown = signed_in(client, agent).get(reverse("desk:ticket", args=[new.public_id])).content.decode()
    assert "Sanctioned" not in shown
    assert ticket.public_id not in shown
    assert f"#{ticket.number}" not in shown
    assert client.get(reverse("desk:unfold", args=[ticket.public_id]), {"seqs": "1"}).status_code == 404
    with pytest.raises(links.NoSuchTicket):
        splitting.split(ticket=ticket, seqs={1}, subject="", by=agent)
    other = mail_ticket()
    merging.merge(source=new, into=other, by=agent)
    with pytest.raises(errors.CaseClosed):
        splitting.split(ticket=new, seqs={1}, subject="", by=agent)
