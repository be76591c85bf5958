"""The queue: views, keyset pages, counts, budgets."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tickets.models import Ticket
from tickets.selectors import queue, timeline
from tickets.services import properties

PAGE_BUDGET = 10


def many(count: int, **more: Any) -> list[Ticket]:
    return [mail_ticket(address=f"c{number}@example.com", subject=f"Case {number}", **more) for number in range(count)]


def queries(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/desk/views/open/", "/desk/rows/?view=open", "/desk/counts/"])
def test_page__one_row_or_twenty__costs_the_same_queries(client: Client, agent: Staff, path: str) -> None:
    signed_in(client, agent)
    many(1)
    one = queries(lambda: client.get(path))
    many(19)
    twenty = queries(lambda: client.get(path))
    assert one == twenty
    assert twenty <= PAGE_BUDGET


@pytest.mark.django_db
def test_ticket_page__one_message_or_twenty__costs_the_same_queries(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    ticket = mail_ticket()
    url = f"/desk/tickets/{ticket.public_id}/?view=open"
    one = queries(lambda: client.get(url))
    for number in range(19):
        answer(ticket, f"answer {number}")
    twenty = queries(lambda: client.get(url))
    assert one == twenty
    assert twenty <= 26


@pytest.mark.django_db
def test_page__follows_the_cursor__every_ticket_once_in_order(agent: Staff) -> None:
    made = many(7)
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = queue.page(tickets=Ticket.objects.visible_to(agent), after=after, size=2)
        seen += [row.public_id for row in page.rows]
        after = page.next_cursor
    assert after == ""
    assert seen == [ticket.public_id for ticket in reversed(made)]


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
    assert set(counts) == {view.slug for view in queue.views()}
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
