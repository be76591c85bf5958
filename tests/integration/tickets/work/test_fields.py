"""Custom fields: one typed column each, one service for every door, needed to resolve, found by the search."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets.models import CustomField, CustomFieldTopic, CustomValue, Ticket
from tickets.search.language import QueryError, read
from tickets.selectors import custom_fields as shown
from tickets.selectors import queue, timeline
from tickets.selectors import saved_views as views
from tickets.selectors.search_terms import meaning, within
from tickets.services import custom_fields, merging, properties, saved_views, splitting, status
from tickets.services.saved_views import Wording

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
SAID: dict[str, tuple[list[str], object]] = {
    "text": (["A-17"], "A-17"),
    "long_text": (["First line\nand a second"], "First line\nand a second"),
    "number": (["250"], 250),
    "decimal": (["1.25"], Decimal("1.25")),
    "date": (["2026-11-30"], date(2026, 11, 30)),
    "yes_no": (["yes"], True),
    "choice": (["red"], "red"),
    "choices": (["red", "blue"], ["red", "blue"]),
    "link": (["https://example.com/x"], "https://example.com/x"),
}


def field(key: str, kind: str = "text", **more: Any) -> CustomField:
    choices = ["red", "blue"] if kind in {"choice", "choices"} else []
    return CustomField.objects.create(key=key, kind=kind, name=key.title(), choices=choices, **more)


def fill(ticket: Ticket, by: Staff, **given: str) -> None:
    custom_fields.fill_in(ticket=ticket, given={key: [value] for key, value in given.items()}, by=by)


def found(person: Staff, query: str) -> set[int]:
    return set(within(meaning(read(query), person), person).values_list("pk", flat=True))


@pytest.fixture
def case(db: None) -> Ticket:
    return mail_ticket()


def test_fill_in__every_kind__stands_in_its_column_and_no_other(case: Ticket, agent: Staff) -> None:
    for kind in SAID:
        field(kind, kind)
    custom_fields.fill_in(ticket=case, given={kind: typed for kind, (typed, _value) in SAID.items()}, by=agent)
    assert shown.told(case) == {kind: value for kind, (_typed, value) in SAID.items()}
    number = CustomValue.objects.get(field__key="number")
    for wrong in ({"text": "and more"}, {"whole": None}, {"whole": None, "text": "other"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            CustomValue.objects.filter(pk=number.pk).update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        CustomValue.objects.create(ticket=mail_ticket(), field=number.field, kind="text", text="of another kind")
    with pytest.raises(DatabaseError), transaction.atomic():
        CustomValue.objects.create(ticket=case, field=number.field, kind="number", whole=1)


def test_fill_in__change__is_told_with_before_and_after_and_audited_without(case: Ticket, agent: Staff) -> None:
    field("order")
    field("passport", is_personal=True)
    fill(case, agent, order="A-17", passport="X123")
    fill(case, agent, order="A-18", passport="X123")
    events = [message.event for message in timeline.latest(case).messages if message.event]
    told = [event.text for event in events]
    assert told[-1] == f"{agent.name} changed “Order” from A-17 to A-18"
    assert sorted(told[-3:-1]) == [f"{agent.name} changed “Passport”.", f"{agent.name} filled in “Order”: A-17"]
    entries = AuditEntry.objects.filter(action="ticket.field_changed")
    assert [entry.detail for entry in entries.order_by("pk")][-1] == {"field": "order"}
    assert entries.count() == 3
    assert not case.messages.filter(event_data__icontains="X123").exists()


def test_fill_in__secret__is_masked_in_value_and_timeline(case: Ticket, agent: Staff) -> None:
    field("note", "long_text")
    fill(case, agent, note="Card 4111 1111 1111 1111")
    value = CustomValue.objects.get().text
    assert value is not None
    assert "4111 1111" not in value
    assert not case.messages.filter(event_data__icontains="4111 1111").exists()


def test_fields__of_a_topic__are_asked_for_there_alone_and_needed_to_resolve(case: Ticket, agent: Staff) -> None:
    heading = TopicFactory.create(slug="cards", name="Cards", parent=None)
    lost = TopicFactory.create(slug="lost", name="Lost", parent=heading)
    other = TopicFactory.create(slug="fees", name="Fees")
    needed = field("card", need="resolve")
    CustomFieldTopic.objects.create(field=needed, topic=heading)
    with pytest.raises(custom_fields.BadValues) as refused:
        fill(case, agent, card="17")
    assert set(refused.value.problems) == {"card"}
    properties.set_topic(ticket=case, to=lost, by=agent)
    with pytest.raises(custom_fields.FieldsNeeded, match="Card"):
        status.move(ticket=case, to="resolved", by=agent)
    fill(case, agent, card="17")
    status.move(ticket=case, to="resolved", by=agent)
    again = mail_ticket()
    properties.set_topic(ticket=again, to=other, by=agent)
    status.move(ticket=again, to="resolved", by=agent)
    CustomField.objects.filter(pk=needed.pk).update(is_retired=True)
    kept = shown.of_ticket(Ticket.objects.get(pk=case.pk))
    assert [(one.key, one.text, one.is_editable) for one in kept] == [("card", "17", False)]


def test_panel__wrong_value_or_stale_page__is_422_and_changes_nothing(
    client: Client, case: Ticket, agent: Staff
) -> None:
    field("amount", "number")
    signed_in(client, agent)
    path = reverse("desk:fields", args=[case.public_id])
    seen = shown.seen(case)
    wrong = client.post(path, {"f-amount": "many", "seen": seen}, headers=PARTIAL)
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.content.decode()
    assert client.post(path, {"f-amount": "7", "seen": seen}, headers=PARTIAL).status_code == 200
    assert client.post(path, {"f-amount": "8", "seen": seen}, headers=PARTIAL).status_code == 422
    assert shown.told(case) == {"amount": 7}
    assert client.post(path, {"f-amount": "", "seen": shown.seen(case)}).status_code == 302
    assert shown.told(case) == {}
    page = client.get(reverse("desk:work", args=[case.public_id]), headers=PARTIAL).content.decode()
    assert 'name="f-amount"' in page


def test_merge_and_split__fields__targets_win_and_the_source_keeps_its_own(case: Ticket, agent: Staff) -> None:
    field("order")
    field("colour", "choice")
    fill(case, agent, order="A-17", colour="red")
    target = mail_ticket(subject="Again")
    fill(target, agent, order="B-1")
    new = splitting.split(ticket=case, seqs=[1], subject="Another matter", by=agent)
    assert shown.told(new) == {"order": "A-17", "colour": "red"}
    merging.merge(source=case, into=target, by=agent)
    assert shown.told(target) == {"order": "B-1", "colour": "red"}
    assert shown.told(case) == {"order": "A-17", "colour": "red"}
    stranger = mail_ticket(address="sam@example.com")
    custom_fields.carry(source=target, into=stranger, by=agent)
    assert shown.told(stranger) == {}


@pytest.mark.parametrize(
    ("kind", "hits", "misses"),
    [
        ("text", ["a-17", "A-*", "any"], ["a-1", "none", "b*"]),
        ("long_text", ["first*"], ["second*"]),
        ("number", ["250", ">249", "<251"], ["251", ">250"]),
        ("decimal", ["1.25", ">1"], ["1.26"]),
        ("date", ["2026-11-30", ">2026-11-29"], ["<2026-11-30"]),
        ("yes_no", ["yes"], ["no"]),
        ("choice", ["red", "Red"], ["blue"]),
        ("choices", ["red"], ["green"]),
        ("link", ["https://example.com/*"], ["http*x"]),
    ],
)
@pytest.mark.attack("D5")
def test_search__field_by_value__finds_the_ticket_where_it_may_be_seen(
    case: Ticket, agent: Staff, kind: str, hits: list[str], misses: list[str]
) -> None:
    field("thing", kind)
    hidden = mail_ticket()
    Ticket.objects.filter(pk=hidden.pk).update(
        team=TeamFactory.create(slug="closed", name="Closed", is_restricted=True)
    )
    for ticket in (case, hidden):
        custom_fields.fill_in(ticket=ticket, given={"thing": SAID[kind][0]}, by=agent)
    assert [value for value in hits if found(agent, f'field.thing:"{value}"') != {case.pk}] == []
    assert [value for value in misses if found(agent, f'field.thing:"{value}"')] == []
    view = saved_views.add(by=agent, wording=Wording(name="Things", query=f'field.thing:"{hits[0]}"'))
    assert views.counts([view], agent, queue.visible_teams(agent)) == {views.slug_of(view): 1}


@pytest.mark.attack("D3")
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("field.nothing:1", "There are: field.amount:, field.day:"),
        ("field.amount:many", "takes whole numbers|takes a number"),
        ("field.amount:1.5", "takes whole numbers"),
        ("field.day:2026-02-30", "takes a date"),
        ("field:1", "There is no operator"),
    ],
)
def test_search__field_or_value_that_is_not_known__is_one_clear_sentence(agent: Staff, query: str, says: str) -> None:
    field("amount", "number")
    field("day", "date")
    with pytest.raises(QueryError, match=says):
        found(agent, query)


def test_search__range_and_either__both_ends_hold_and_any_choice_does(case: Ticket, agent: Staff) -> None:
    field("amount", "number")
    field("colour", "choice")
    fill(case, agent, amount="50", colour="red")
    assert found(agent, "field.amount:>10 field.amount:<60") == {case.pk}
    assert not found(agent, "field.amount:>10 field.amount:<40")
    assert found(agent, "field.colour:blue field.colour:red") == {case.pk}
    assert not found(agent, "-field.colour:red")


def test_search__rare_value__is_found_by_its_index(case: Ticket, agent: Staff) -> None:
    order = field("order")
    fill(case, agent, order="A-17")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with CaptureQueriesContext(connection) as captured:
        assert found(agent, "field.order:a-17") == {case.pk}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured.captured_queries[-1]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "tickets_customvalue_text" in plan, (order.pk, plan)


def test_customer__public_field__is_read_in_the_portal_and_no_other(case: Ticket, agent: Staff) -> None:
    field("reference", is_public=True)
    field("inside")
    fill(case, agent, reference="R-1", inside="hidden")
    assert [(one.name, one.text) for one in shown.public_of(case)] == [("Reference", "R-1")]
