"""Checklists: from templates and topics or by hand, ticked by somebody, needed to resolve whoever resolves."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets.models import ChecklistItem, ChecklistTemplate, Ticket
from tickets.selectors import checklists as shown
from tickets.selectors import timeline
from tickets.services import checklists, errors, properties, replies, shelf, status
from tickets.services.senders import Sender

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def template(by: Staff, *items: str, is_shared: bool = False, is_needed: bool = False) -> ChecklistTemplate:
    fields = checklists.Wording(name="Lost card", items=items, is_needed=is_needed).fields()
    return shelf.add(ChecklistTemplate, by=by, fields=fields, is_shared=is_shared)


def texts(ticket: Ticket) -> list[tuple[str, bool]]:
    return [(one.text, one.is_done) for one in shown.of_ticket(ticket)]


@pytest.fixture
def case(db: None) -> Ticket:
    return mail_ticket()


def test_panel__steps_by_hand_and_from_a_template__are_ticked_moved_and_told(
    client: Client, case: Ticket, agent: Staff
) -> None:
    kept = template(agent, "Block it", "Tell the bank")
    signed_in(client, agent)
    put, step = (reverse(f"desk:{name}", args=[case.public_id]) for name in ("checklist", "checklist_step"))
    for data in ({"template": kept.public_id}, {"template": kept.public_id}, {"text": "Call"}):
        assert client.post(put, data, headers=PARTIAL).status_code == 200
    assert client.post(put, {"text": " "}, headers=PARTIAL).status_code == 422
    ids = {one.text: one.public_id for one in shown.of_ticket(case)}
    for act, text in (("tick", "Tell the bank"), ("up", "Call"), ("remove", "Block it")):
        assert client.post(step, {"act": act, "item": ids[text]}, headers=PARTIAL).status_code == 200
    assert texts(case) == [("Call", False), ("Tell the bank", True)]
    assert client.post(step, {"act": "tick", "item": ids["Block it"]}, headers=PARTIAL).status_code == 422
    page = client.get(reverse("desk:work", args=[case.public_id]), headers=PARTIAL).content.decode()
    assert "1 of 2" in page
    told = [message.event.text for message in timeline.latest(case).messages if message.event]
    assert told == [
        f"{agent.name} put on the checklist: Lost card",
        f"{agent.name} put on the checklist: Call",
        f"{agent.name} ticked off: Tell the bank",
        f"{agent.name} took off the checklist: Block it",
    ]
    assert set(
        AuditEntry.objects.filter(action__startswith="ticket.checklist_").values_list("actor_id", flat=True)
    ) == {agent.public_id}


def test_resolve__needed_step_is_open__is_refused_by_name_for_everybody(
    case: Ticket, agent: Staff, lead: Staff
) -> None:
    properties.set_topic(ticket=case, to=TopicFactory.create(), by=agent)
    checklists.put_on(ticket=case, template=template(agent, "Block it", is_needed=True), by=agent)
    with pytest.raises(checklists.ItemsOpen, match="Block it"):
        status.move(ticket=case, to="resolved", by=agent)
    with pytest.raises(checklists.ItemsOpen):
        replies.add(
            ticket=case, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Done."),
            then_status="resolved",
        )  # fmt: skip
    assert not case.messages.filter(text="Done.").exists()
    item = shown.of_ticket(case)[0].public_id
    with pytest.raises(checklists.NeededItem):
        checklists.remove(ticket=case, item_id=item, by=agent)
    checklists.tick(ticket=case, item_id=item, is_done=True, by=agent)
    status.move(ticket=case, to="resolved", by=agent)
    status.move(ticket=case, to="open", by=agent)
    checklists.tick(ticket=case, item_id=item, is_done=False, by=agent)
    checklists.remove(ticket=case, item_id=item, by=lead)
    status.move(ticket=case, to="resolved", by=agent)


def test_topic__that_names_a_checklist__puts_it_on_once(case: Ticket, lead: Staff) -> None:
    kept = template(lead, "Block it", is_shared=True)
    topic = TopicFactory.create(checklist=kept)
    other = TopicFactory.create(slug="other", name="Other")
    for to in (topic, other, topic):
        properties.set_topic(ticket=case, to=to, by=lead)
    assert texts(case) == [("Block it", False)]
    assert ChecklistItem.objects.get().added_by is None
    shelf.archive(kept, by=lead)
    again = mail_ticket()
    properties.set_topic(ticket=again, to=topic, by=lead)
    assert texts(again) == []


def test_kept__by_whose_they_are__are_used_and_changed(client: Client, agent: Staff, lead: Staff) -> None:
    cards = TeamFactory.create(slug="cards", name="Cards")
    fields = checklists.Wording(name="Team's", items=["One"]).fields()
    of_team = shelf.add(ChecklistTemplate, by=lead, fields=fields, is_shared=True, team=cards)
    of_lead = template(lead, "Mine")
    everybodys = template(lead, "All", is_shared=True)
    assert {one.pk for one in shown.usable(agent)} == {everybodys.pk}
    cards.members.add(agent)
    assert {one.pk for one in shown.usable(agent)} == {everybodys.pk, of_team.pk}
    with pytest.raises(errors.Refused):
        template(agent, "No", is_shared=True)
    with pytest.raises(errors.Refused):
        checklists.put_on(ticket=mail_ticket(), template=of_lead, by=agent)
    signed_in(client, agent)
    for row in (of_team, of_lead, everybodys):
        assert client.get(reverse("desk:checklist_one", args=[row.public_id])).status_code == 404
        assert client.post(reverse("desk:checklist_archive", args=[row.public_id])).status_code == 404
    new = client.post(reverse("desk:checklist_new"), {"name": "Own", "scope": "own", "items": "One\n\nTwo"})
    assert new.status_code == 302
    assert ChecklistTemplate.objects.get(name="Own").items == ["One", "Two"]
    wrong = {"name": "Own", "scope": "own", "items": "One", "items_zh_hans": "一\n二"}
    assert client.post(reverse("desk:checklist_new"), wrong).status_code == 422
    assert "Own" in client.get(reverse("desk:kept")).content.decode()
