"""Ticket templates: what the form of a new ticket begins with, for whom, and what the ticket then has."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import MailboxFactory, TopicFactory
from tickets.models import ChecklistTemplate, CustomField, Ticket, TicketTemplate
from tickets.selectors import checklists as steps
from tickets.selectors import custom_fields as fields
from tickets.services import checklists, errors, shelf, ticket_templates
from tickets.services.custom_fields import BadValues
from tickets.services.ticket_templates import Wording

TOLD = {"channel": "phone", "requester_address": "+44 20 8366 1177", "requester_name": "Noor"}


def key_of(page: str) -> str:
    found = re.search(r'name="form_key" value="([^"]{16,})"', page)
    assert found is not None
    return found[1]


def test_new__with_a_template__begins_with_it_and_the_ticket_has_all_of_it(client: Client, agent: Staff) -> None:
    MailboxFactory.create()
    team = TeamFactory.create(slug="cards", name="Cards")
    team.members.add(agent)
    topic = TopicFactory.create()
    CustomField.objects.create(key="card", kind="text", name="Card")
    kept = shelf.add(ChecklistTemplate, by=agent, fields=checklists.Wording(name="Lost", items=["Block it"]).fields())
    wording = Wording(
        name="Lost card", subject="Lost card", text="They lost it.", topic=topic, to_team=team, priority="high",
        tags=["card", "lost"], checklist=kept, values={"card": ["17"]},
    )  # fmt: skip
    template = ticket_templates.add(by=agent, wording=wording)
    signed_in(client, agent)
    page = client.get(reverse("desk:new"), {"template": template.public_id}).content.decode()
    assert "Lost card" in client.get(reverse("desk:new")).content.decode()
    begun = {"priority": "high", "topic": topic.slug, "team": team.slug, "checklist": kept.public_id}
    assert [one for one in begun.values() if f'<option value="{one}" selected' not in page] == []
    typed = {"subject": "Lost card", "tags": "card, lost", "f-card": "17", "form_key": key_of(page)}
    assert [name for name, one in typed.items() if not re.search(rf'name="{name}" value="{one}"', page)] == []
    assert ">They lost it.</textarea>" in page
    sent = {**TOLD, **begun, **typed, "body": "They lost it.", "template": template.public_id}
    assert client.post(reverse("desk:new"), sent).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.priority, ticket.team, ticket.topic) == ("Lost card", "high", team, topic)
    assert sorted(ticket.tags.values_list("name", flat=True)) == ["card", "lost"]
    assert ticket.messages.get(seq=1).text == "They lost it."
    assert fields.told(ticket) == {"card": "17"}
    assert [one.text for one in steps.of_ticket(ticket)] == ["Block it"]


def test_kept__own_and_shared__are_offered_to_theirs_and_hold_no_secret(
    client: Client, agent: Staff, lead: Staff
) -> None:
    CustomField.objects.create(key="count", kind="number", name="Count")
    own = ticket_templates.add(by=lead, wording=Wording(name="Mine"))
    shared = ticket_templates.add(by=lead, wording=Wording(name="All"), is_shared=True)
    signed_in(client, agent)
    page = client.get(reverse("desk:new"), {"template": own.public_id}).content.decode()
    assert shared.public_id in page
    assert f'value="{own.public_id}"' not in page
    assert client.get(reverse("desk:template_one", args=[shared.public_id])).status_code == 404
    with pytest.raises(errors.Refused):
        ticket_templates.add(by=agent, wording=Wording(name="No"), is_shared=True)
    with pytest.raises(errors.Refused):
        ticket_templates.add(by=agent, wording=Wording(name="Card", text="4111 1111 1111 1111"))
    with pytest.raises(BadValues):
        ticket_templates.add(by=agent, wording=Wording(name="Wrong", values={"count": ["many"]}))
    data = {"name": "New", "scope": "own", "priority": "normal", "tags": "a, b", "f-count": "7"}
    assert client.post(reverse("desk:template_new"), data).status_code == 302
    row = TicketTemplate.objects.get(name="New")
    assert row.tags == ["a", "b"]
    wrong = client.post(reverse("desk:template_one", args=[row.public_id]), {**data, "f-count": "many"})
    assert wrong.status_code == 422
    assert row.values.get().value == "7"
    assert client.post(reverse("desk:template_archive", args=[row.public_id])).status_code == 302
    assert row.public_id not in client.get(reverse("desk:new")).content.decode()


def test_shared__that_goes_to_a_restricted_team__is_that_teams_own(lead: Staff) -> None:
    hidden = TeamFactory.create(is_restricted=True)
    hidden.members.add(lead)
    wording = Wording(name="Fraud", to_team=hidden)
    with pytest.raises(errors.Refused, match="restricted team"):
        ticket_templates.add(by=lead, wording=wording, is_shared=True)
    assert ticket_templates.add(by=lead, wording=wording, is_shared=True, team=hidden).to_team == hidden
    assert ticket_templates.add(by=lead, wording=wording).to_team == hidden
