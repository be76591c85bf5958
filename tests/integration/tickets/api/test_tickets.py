"""The ticket list of API v1: shape, pages by key, filters that are a closed list, a constant number of queries."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff, Team
from core.clock import DatabaseNow
from tests.factories.accounts import TeamFactory
from tests.factories.customers import portal_customer
from tests.factories.guided import deposit_form, ids_of
from tests.factories.sla import FIRST, MINUTE, RESOLUTION, policy
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.integration.tickets.api.conftest import TICKETS, Calling, problem
from tickets.models import Message, Tag, Ticket
from tickets.services import by_hand, guided, properties, replies, sla_sweep
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
MAX_QUERIES = 10
KEYS = [
    "id", "number", "subject", "status", "priority", "channel", "requester", "assignee", "team", "tags", "language", "clocks",
    "created_at", "updated_at",
]  # fmt: skip


def tickets(count: int) -> list[Ticket]:
    """Tickets of which number 0 has the newest activity; the last two share a moment."""
    made = [mail_ticket(subject=f"Case {number}", address=f"c{number}@example.com") for number in range(count)]
    for place, ticket in enumerate(made):
        minutes = min(place, count - 2)
        Ticket.objects.filter(pk=ticket.pk).update(updated_at=DatabaseNow() - timedelta(minutes=minutes))
    return made


def test_list__one_ticket__has_exactly_the_fields_of_the_contract(agent: Staff, calling: Calling) -> None:
    team: Team = TeamFactory.create(slug="payments")
    ticket = properties.assign(ticket=mail_ticket(team=team, language="en"), to=agent, by=agent)
    properties.set_tags(ticket=ticket, names=["vip", "btc"], by=agent)
    body = calling(agent, "read").get(TICKETS).json()
    assert body.keys() == {"next", "previous", "results"}
    assert (body["next"], body["previous"]) == (None, None)
    (row,) = body["results"]
    assert list(row) == KEYS
    assert row["id"] == ticket.public_id
    assert row["requester"] == {
        "id": ticket.requester.public_id, "name": "Mina Customer", "address": row["requester"]["address"], "proven": True,
    }  # fmt: skip
    assert row["requester"]["address"] == "m***@e***.com"
    assert row["assignee"] == {"id": agent.public_id, "name": agent.name}
    assert (row["team"], row["tags"], row["status"], row["channel"]) == ("payments", ["btc", "vip"], "new", "email")


def test_detail__of_a_visible_ticket__is_the_row_of_the_list(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    caller = calling(agent, "read")
    whole = caller.get(f"{TICKETS}{ticket.public_id}/").json()
    assert whole == {**caller.get(TICKETS).json()["results"][0], "guided": None, "merged_into": None, "links": []}


def test_detail__of_a_guided_request__has_its_answers_and_what_came_later(agent: Staff, calling: Calling) -> None:
    MailboxFactory.create()
    form = deposit_form()
    given = guided.Given(form=form, answers={ids_of(form)["asset"]: "USDT@tron"})
    ticket = guided.open_for_customer(customer=portal_customer(), given=given)
    sender = Sender(role=Message.SenderRole.REQUESTER, customer=ticket.requester)
    said = replies.add(ticket=ticket, sender=sender, channel="web", words=replies.Words(text="Amount: 25.50"))
    told = calling(agent, "read").get(f"{TICKETS}{ticket.public_id}/").json()["guided"]
    assert [(one["kind"], one["value"], one["network"], one["message_seq"]) for one in told["answers"]] == [
        ("asset", "USDT", "Tron", None), ("amount", "25.5", "", said.seq),
    ]  # fmt: skip
    missing = ["Transaction hash", "Address it was sent to", "When was it sent?"]
    assert (told["form"], told["missing"]) == ("My deposit has not arrived", missing)


def test_list__paged_forwards_and_backwards__shows_every_ticket_once_in_order(agent: Staff, calling: Calling) -> None:
    made = tickets(7)
    order = [one.public_id for one in (*made[:5], made[6], made[5])]
    caller = calling(agent, "read")
    pages = [caller.get(f"{TICKETS}?page_size=3").json()]
    while pages[-1]["next"]:
        assert "page_size=3" in pages[-1]["next"]
        pages.append(caller.get(pages[-1]["next"]).json())
    assert [[row["id"] for row in page["results"]] for page in pages] == [order[:3], order[3:6], order[6:]]
    assert pages[0]["previous"] is None
    back = caller.get(pages[2]["previous"]).json()
    assert [row["id"] for row in back["results"]] == order[3:6]
    assert back["next"]
    first = caller.get(back["previous"]).json()
    assert [row["id"] for row in first["results"]] == order[:3]
    assert first["previous"] is None
    assert caller.get(first["next"]).json()["results"] == pages[1]["results"]


def test_list__all_of_one_moment__is_still_paged_without_loss(agent: Staff, calling: Calling) -> None:
    made = tickets(5)
    Ticket.objects.update(updated_at="2026-01-01T00:00:00Z")
    caller, seen, url = calling(agent, "read"), [], f"{TICKETS}?page_size=2"
    while url:
        page = caller.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == [one.public_id for one in reversed(made)]


@pytest.mark.parametrize("size", ["0", "-1", "x", "1.5", "", "9" * 30])
def test_list__page_size_that_is_none__is_400(agent: Staff, calling: Calling, size: str) -> None:
    assert "page_size" in problem(calling(agent, "read").get(f"{TICKETS}?page_size={size}"), 400)["errors"]


def test_list__huge_page_size__gives_at_most_200(agent: Staff, calling: Calling) -> None:
    first = mail_ticket()
    like_it = {name: getattr(first, name) for name in ("subject", "channel", "requester_id", "requester_address")}
    Ticket.objects.bulk_create(Ticket(**like_it) for _ in range(201))
    assert len(calling(agent, "read").get(f"{TICKETS}?page_size=100000").json()["results"]) == 200


@pytest.mark.parametrize("cursor", ["x", "n", "nAAAA", "q2025", "n" + "A" * 400])
def test_list__cursor_that_was_never_given__is_400(agent: Staff, calling: Calling, cursor: str) -> None:
    assert "cursor" in problem(calling(agent, "read").get(f"{TICKETS}?cursor={cursor}"), 400)["errors"]


@pytest.mark.parametrize(
    "query",
    [
        "team__slug=x", "assignee__password__startswith=a", "mailbox__imap_secret=x", "requester__addresses__value=a",
        "status__in=new", "ordering=assignee__password", "order_by=mailbox__imap_secret", "sort=1", "search=x",
        "is_spam=1", "id=1", "status=new&pk=1", "updated_since__lt=2026", "status=deleted", "priority=now",
        "channel=fax", "updated_since=yesterday", "fields=password", "expand=assignee",
    ],
)  # fmt: skip
@pytest.mark.attack("D3")
def test_list__d3_unknown_or_traversing_parameter__is_400(agent: Staff, calling: Calling, query: str) -> None:
    mail_ticket()
    problem(calling(agent, "read").get(f"{TICKETS}?{query}"), 400, "invalid")


def test_list__each_filter__keeps_what_it_names(agent: Staff, lead: Staff, calling: Calling) -> None:
    team: Team = TeamFactory.create(slug="payments")
    other = by_hand.open_for(
        reported=by_hand.Reported(channel="phone", address="+44 20 8366 1177", name="Oz", subject="Other", text="x"),
        by=lead,
        assign=False,
    )
    wanted = mail_ticket(team=team, priority="urgent", language="de")
    wanted = properties.assign(ticket=wanted, to=agent, by=agent)
    properties.set_tags(ticket=wanted, names=["vip"], by=agent)
    Ticket.objects.filter(pk=other.pk).update(status="open", updated_at="2020-01-01T00:00:00Z")
    caller = calling(agent, "read")
    for query in (
        "status=new", "priority=urgent&priority=high", "channel=email", "team=payments", "tag=vip", "language=de",
        "assignee=me", f"assignee={agent.public_id}", "updated_since=2026-01-01T00:00:00Z", "status=new&team=payments",
    ):  # fmt: skip
        rows = caller.get(f"{TICKETS}?{query}").json()["results"]
        assert [row["id"] for row in rows] == [wanted.public_id], query
    assert [row["id"] for row in caller.get(f"{TICKETS}?assignee=none").json()["results"]] == [other.public_id]
    assert len(caller.get(f"{TICKETS}?status=new&status=open").json()["results"]) == 2
    for nothing in (f"assignee={lead.public_id}", "assignee=nobody", "team=no-such", "tag=no-such"):
        assert caller.get(f"{TICKETS}?{nothing}").json()["results"] == []


def test_list__next_link__keeps_the_filters(agent: Staff, calling: Calling) -> None:
    tickets(3)
    link = calling(agent, "read").get(f"{TICKETS}?page_size=1&status=new&status=open").json()["next"]
    assert parse_qs(urlsplit(link).query)["status"] == ["new", "open"]


@pytest.mark.attack("D1")
def test_list__restricted_team__is_hidden_from_who_may_not_see_it(agent: Staff, lead: Staff, calling: Calling) -> None:
    hidden = mail_ticket(team=TeamFactory.create(is_restricted=True))
    path = f"{TICKETS}{hidden.public_id}/"
    assert calling(agent, "read").get(TICKETS).json()["results"] == []
    unknown = problem(calling(agent, "read").get(f"{TICKETS}{'a' * 20}/"), 404)
    for answer in (calling(agent, "read").get(path), calling(agent, "read").get(f"{path}messages/")):
        assert {**problem(answer, 404), "instance": ""} == {**unknown, "instance": ""}
    problem(calling(agent).post(f"{path}messages/", {"text": "Hello"}), 404)
    assert calling(lead, "read").get(path).json()["id"] == hidden.public_id


def queries_of_list(caller: object) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        caller.get(TICKETS)  # type: ignore[attr-defined]
    return len(found)


def test_list__from_1_row_to_20__costs_the_same_few_queries(agent: Staff, calling: Calling) -> None:
    caller = calling(agent, "read")
    Tag.objects.create(name="vip")

    def add(number: int) -> None:
        team: Team = TeamFactory.create()
        ticket = mail_ticket(address=f"q{number}@example.com", team=team)
        properties.set_tags(ticket=properties.assign(ticket=ticket, to=agent, by=agent), names=["vip"], by=agent)

    add(0)
    queries_of_list(caller)  # the first call of a minute notes the token's use
    with_one = queries_of_list(caller)
    for number in range(1, 20):
        add(number)
    assert queries_of_list(caller) == with_one <= MAX_QUERIES


def test_clocks__of_a_ticket_under_a_policy__are_told_in_list_and_alone(
    agent: Staff, admin: Staff, calling: Calling, move_time: Callable[[timedelta], None]
) -> None:
    version = policy("Retail", by=admin)
    ticket = mail_ticket()
    caller = calling(agent, "read")
    (row,) = caller.get(TICKETS).json()["results"]
    assert row["clocks"] == caller.get(f"{TICKETS}{ticket.public_id}/").json()["clocks"]
    first, resolution = row["clocks"]
    due_at = ticket.clocks.get(metric="first_response").due_at
    assert first == {
        "metric": "first_response",
        "state": "running",
        "due_at": due_at.isoformat() if due_at else None,
        "target_seconds": FIRST * 60,
        "policy": {"id": version.policy.public_id, "name": "Retail"},
    }
    assert (resolution["metric"], resolution["target_seconds"]) == ("resolution", RESOLUTION * 60)
    move_time((FIRST + 1) * MINUTE)
    sla_sweep.sweep()
    (row,) = caller.get(TICKETS).json()["results"]
    assert [clock["state"] for clock in row["clocks"]] == ["overdue", "running"]
