"""The queue: views, keyset pages, counts, budgets."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer, Staff
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tickets.models import OutboundMail, Ticket
from tickets.selectors import orders, queue, timeline
from tickets.services import properties, replies
from tickets.services.senders import Sender


def many(count: int, **more: Any) -> list[Ticket]:
    return [mail_ticket(address=f"c{number}@example.com", subject=f"Case {number}", **more) for number in range(count)]


@pytest.mark.django_db
def test_page__follows_the_cursor__every_ticket_once_in_order(agent: Staff) -> None:
    made = many(7)
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = queue.page(tickets=Ticket.objects.visible_to(agent), order=orders.USUAL, after=after, size=2)
        seen += [row.public_id for row in page.rows]
        after = page.next_cursor
    assert after == ""
    assert seen == [ticket.public_id for ticket in reversed(made)]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["agent", "lead", "vendor", "auditor"])
def test_first_page__any_view__is_the_beginning_of_its_tickets(agent: Staff, role: str) -> None:
    Staff.objects.filter(pk=agent.pk).update(role=role)
    person = Staff.objects.get(pk=agent.pk)
    team = TeamFactory.create(slug="cards")
    team.members.add(person)
    mine, _spam, done, _theirs, *_more = many(6)
    Ticket.objects.filter(pk=mine.pk).update(assignee=person, team=team)
    Ticket.objects.filter(pk=_spam.pk).update(is_spam=True, team=team)
    Ticket.objects.filter(pk=done.pk).update(status="resolved", team=team)
    Ticket.objects.filter(pk=_theirs.pk).update(team=TeamFactory.create(is_restricted=True))
    teams = queue.visible_teams(person)
    assert "cards" in {one.slug for one in teams}
    for view in (*queue.COMMON, *(f"team-{one.slug}" for one in teams)):
        tickets = queue.tickets_of(view, person)
        assert tickets is not None
        assert queue.first_page(view, person, teams) == queue.page(tickets=tickets, order=queue.order_of(view)), view
    assert queue.first_page("team-unheard-of", person, teams) is None
    assert queue.first_page("unheard-of", person, teams) is None


@pytest.mark.django_db
def test_first_page__people_of_one_role__each_sees_what_is_theirs(agent: Staff) -> None:
    people = agent, StaffFactory.create(), StaffFactory.create()
    for number, (person, ticket) in enumerate(zip(people, many(3), strict=True)):
        team = TeamFactory.create(slug=f"closed-{number}", is_restricted=True)
        team.members.add(person)
        Ticket.objects.filter(pk=ticket.pk).update(team=team, assignee=person)
    for number, person in enumerate(people):
        teams = queue.visible_teams(person)
        assert [team.slug for team in teams] == [f"closed-{number}"]
        for view in ("open", "mine", f"team-closed-{number}"):
            page = queue.first_page(view, person, teams)
            assert page is not None
            assert [row.subject for row in page.rows] == [f"Case {number}"], view
        assert queue.counts(person, teams)["open"] == queue.counts(person, teams)["mine"] == 1


@pytest.mark.django_db
def test_row__words_of_strangers__are_escaped(client: Client, agent: Staff) -> None:
    ticket = mail_ticket(subject="<script>alert(1)</script>", text='"><img src=x onerror=alert(2)>')
    Customer.objects.filter(pk=ticket.requester_id).update(name="<b onclick='x'>Mina</b> {id} %s")
    ticket.tags.create(name="<i>tag</i>")
    page = signed_in(client, agent).get(f"/desk/rows/?view=open&only={ticket.public_id}").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b onclick=&#x27;x&#x27;&gt;Mina&lt;/b&gt; {id} %s" in page
    assert "&lt;i&gt;tag&lt;/i&gt;" in page
    assert not re.search(r"<(script|img|b|i)\b", page)


@pytest.mark.django_db
def test_rows__several_read_again__are_those_of_the_view_in_its_order(client: Client, agent: Staff) -> None:
    first, done, hidden, last, _other = many(5)
    Ticket.objects.filter(pk=done.pk).update(status="resolved")
    Ticket.objects.filter(pk=hidden.pk).update(team=TeamFactory.create(is_restricted=True))
    asked = [ticket.public_id for ticket in (first, done, hidden, last)]
    page = signed_in(client, agent).get("/desk/rows/", {"view": "open", "only": [*asked, "unheard of"]})
    assert re.findall(r'data-row="([^"]+)"', page.content.decode()) == [last.public_id, first.public_id]


@pytest.mark.django_db
def test_rows__more_read_again_than_a_page_has__are_a_page(client: Client, agent: Staff) -> None:
    asked = [str(number) for number in range(queue.PAGE_SIZE)]
    page = signed_in(client, agent).get("/desk/rows/", {"view": "open", "only": [*asked, mail_ticket().public_id]})
    assert "data-row" not in page.content.decode()


@pytest.mark.django_db
def test_row__mail_that_came_back__is_marked(client: Client, agent: Staff) -> None:
    ticket, other = many(2)
    for one in (ticket, other):
        replies.add(
            ticket=one, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="We are looking.")
        )
    OutboundMail.objects.filter(message__ticket=ticket).update(state="bounced")
    page = signed_in(client, agent).get("/desk/views/open/").content.decode()
    marked, clean = (page[page.index(f'id="row-{one.public_id}"') :].split("</li>")[0] for one in (ticket, other))
    assert "Not delivered" in marked
    assert "Not delivered" not in clean


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "AAAA", "MjAyNi0wMS0wMSAx", "' OR 1=1 --"])
def test_rows__forged_cursor__is_400(client: Client, agent: Staff, cursor: str) -> None:
    assert signed_in(client, agent).get("/desk/rows/", {"view": "open", "after": cursor}).status_code == 400


@pytest.mark.django_db
def test_counts__restricted_team__is_neither_counted_nor_named(client: Client, agent: Staff, lead: Staff) -> None:
    secret = TeamFactory.create(name="Compliance", slug="compliance", is_restricted=True)
    mail_ticket(team=secret, subject="Hidden matter")
    counts = signed_in(client, agent).get("/desk/counts/").json()["counts"]
    assert counts["open"] == "0"
    assert "team-compliance" not in counts
    page = client.get("/desk/views/open/").content.decode()
    assert "Hidden matter" not in page
    assert "Compliance" not in page
    assert client.get("/desk/views/team-compliance/").status_code == 404
    assert signed_in(Client(), lead).get("/desk/counts/").json()["counts"]["team-compliance"] == "1"


@pytest.mark.django_db
def test_counts__every_view_of_the_left_pane__is_counted(client: Client, agent: Staff) -> None:
    _open, done, spam = many(3)
    Ticket.objects.filter(pk=done.pk).update(status="open")
    Ticket.objects.filter(pk=done.pk).update(status="resolved")
    properties.set_spam(ticket=spam, is_spam=True, by=agent)
    counts = signed_in(client, agent).get("/desk/counts/").json()["counts"]
    assert set(counts) == {view.slug for view in queue.views()} | {queue.ESCALATIONS, queue.NOTICES}
    assert (counts["open"], counts["resolved"], counts["spam"], counts["mine"]) == ("1", "1", "1", "0")
    page = client.get("/desk/views/open/").content.decode()
    assert re.search(r'data-count="mine" data-zero>0<', page)
    assert re.search(r'data-count="spam">1<', page)


@pytest.mark.django_db
def test_counts__many_resolved__stop_at_the_cap(monkeypatch: pytest.MonkeyPatch, agent: Staff) -> None:
    monkeypatch.setattr(queue, "COUNT_CAP", 2)
    for ticket in many(3):
        Ticket.objects.filter(pk=ticket.pk).update(status="open")
        Ticket.objects.filter(pk=ticket.pk).update(status="resolved")
    assert queue.counts(agent)["resolved"] == 2


@pytest.mark.django_db
def test_views__mine_unassigned_resolved_spam__hold_what_they_say(agent: Staff, lead: Staff) -> None:
    mine, theirs, nobody, spam = many(4)
    properties.assign(ticket=mine, to=agent, by=agent)
    properties.assign(ticket=theirs, to=lead, by=lead)
    properties.set_spam(ticket=spam, is_spam=True, by=agent)

    def ids(view: str) -> set[int]:
        found = queue.tickets_of(view, agent)
        assert found is not None
        return set(found.values_list("pk", flat=True))

    assert ids("mine") == {mine.pk}
    assert ids("unassigned") == {nobody.pk}
    assert ids("open") == {mine.pk, theirs.pk, nobody.pk}
    assert ids("spam") == {spam.pk}
    assert queue.tickets_of("no-such-view", agent) is None


@pytest.mark.django_db
def test_row__contact_data__is_masked_everywhere(client: Client, agent: Staff) -> None:
    ticket = mail_ticket(address="very.private.person@example.com")
    signed_in(client, agent)
    for path in ("/desk/views/open/", f"/desk/tickets/{ticket.public_id}/", "/desk/rows/?view=open"):
        assert "very.private.person" not in client.get(path).content.decode(), path


@pytest.mark.django_db
def test_timeline__more_than_one_answer_holds__comes_in_order_and_is_asked_for_again(
    client: Client, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "SINCE_MAX", 3)
    ticket = mail_ticket()
    for number in range(4):
        answer(ticket, f"answer {number}")
    signed_in(client, agent)
    first = client.get(f"/api/v1/tickets/{ticket.public_id}/messages/").json()["results"]
    assert [one["seq"] for one in first] == [1, 2, 3]
    rest = client.get(f"/api/v1/tickets/{ticket.public_id}/messages/?since=3").json()["results"]
    assert [one["seq"] for one in rest] == [4, 5]
    fragment = client.get(f"/desk/tickets/{ticket.public_id}/timeline/?since=0").content.decode()
    assert [int(seq) for seq in re.findall(r'id="m-(\d+)"', fragment)] == [1, 2, 3]


@pytest.mark.django_db
def test_head__topic__is_named_with_its_heading(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/?part=header").content.decode()
    chip = re.search(r"<summary.*?</summary>", page[page.index("#i-topic") - 400 :], re.DOTALL)
    assert chip is not None
    assert "Withdrawals › Pending" in chip[0]
