"""Links between cases: told in both, listed for whom both may be seen, no circle, no hidden case betrayed."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket, TicketLink
from tickets.selectors import links as linked
from tickets.services import links, properties

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def panel(client: Client, person: Staff, ticket: Ticket, **asked: str) -> str:
    path = reverse("desk:links", args=[ticket.public_id])
    return signed_in(client, person).get(path, asked, headers=PARTIAL).content.decode()


def post(client: Client, ticket: Ticket, **data: str) -> int:
    return client.post(reverse("desk:links", args=[ticket.public_id]), data, headers=PARTIAL).status_code


def test_link__by_number__is_told_in_both_and_seen_from_either_end(client: Client, agent: Staff) -> None:
    outage, one = mail_ticket(subject="Outage"), mail_ticket(subject="Cannot log in")
    signed_in(client, agent)
    assert post(client, one, q=f" #{outage.number} ", relation="child") == 200
    assert [(link.subject, link.relation) for link in linked.of_ticket(one, agent)] == [("Outage", "Parent")]
    assert [(link.subject, link.relation) for link in linked.of_ticket(outage, agent)] == [("Cannot log in", "Child")]
    for case in (one, outage):
        assert case.messages.order_by("-seq")[0].event == "ticket_linked"
    assert AuditEntry.objects.filter(action="ticket.linked", actor_id=agent.public_id).count() == 2
    assert "Outage" in panel(client, agent, one)
    told = client.get(reverse("api:ticket", args=[one.public_id])).json()
    assert told["links"] == [{"id": outage.public_id, "number": outage.number, "kind": "parent", "is_first": False}]
    link = TicketLink.objects.get()
    removed = client.post(reverse("desk:unlink", args=[outage.public_id]), {"link": link.public_id}, headers=PARTIAL)
    assert removed.status_code == 200
    assert not TicketLink.objects.exists()
    assert one.messages.order_by("-seq")[0].event == "ticket_unlinked"


def test_link__pair_that_is_linked_or_circle_or_second_parent__is_refused(agent: Staff) -> None:
    top, middle, bottom, other = (mail_ticket() for _each in range(4))
    links.add(ticket=top, other=middle, relation="parent", by=agent)
    links.add(ticket=bottom, other=middle, relation="child", by=agent)
    links.add(ticket=top, other=bottom, relation="related", by=agent)
    for ticket, to, relation, refusal in (
        (bottom, top, "parent", links.GoesInACircle),
        (other, bottom, "parent", links.HasParent),
        (bottom, top, "related", links.AlreadyLinked),
        (top, top, "related", links.NoSuchTicket),
    ):
        with pytest.raises(refusal):
            links.add(ticket=ticket, other=to, relation=relation, by=agent)
    with pytest.raises(IntegrityError, match="its own parent"), transaction.atomic():
        TicketLink.objects.create(first=bottom, second=top, kind="parent", by=agent)


@pytest.mark.attack("D5")
def test_links__other_case_is_hidden__is_as_if_it_were_not_there(client: Client, agent: Staff, lead: Staff) -> None:
    ticket, hidden = mail_ticket(subject="Seen"), mail_ticket(subject="Sanctioned payout")
    link = links.add(ticket=ticket, other=hidden, relation="duplicate", by=lead)
    properties.move_to_team(ticket=hidden, to=TeamFactory.create(is_restricted=True), by=lead)
    shown = panel(client, agent, ticket)
    assert "Sanctioned" not in shown
    assert str(hidden.number) not in shown
    assert "tally" not in shown
    assert "Sanctioned" in panel(client, lead, ticket)
    signed_in(client, agent)
    case = client.get(reverse("desk:ticket", args=[ticket.public_id])).content.decode()
    assert "linked this ticket with another" in case
    assert hidden.public_id not in case
    for asked in (str(hidden.number), "Sanctioned payout", "Sanctio"):
        assert "Sanctioned payout</span>" not in panel(client, agent, ticket, q=asked)
    for named in ({"q": str(hidden.number)}, {"other": hidden.public_id}, {"q": "999999999"}):
        answer = client.post(reverse("desk:links", args=[ticket.public_id]), named, headers=PARTIAL)
        assert answer.status_code == 422
        assert "There is no such ticket among those that you may see." in answer.content.decode()
    assert client.post(reverse("desk:unlink", args=[ticket.public_id]), {"link": link.public_id}).status_code == 422
    assert TicketLink.objects.count() == 1
