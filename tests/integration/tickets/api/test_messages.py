"""Messages of API v1: shape, `since=`, replies and notes, and that nothing but the listed fields can be set."""

from typing import Any

import pytest

from accounts.models import Staff
from core.models import AuditEntry
from security.models import OfficialChannel
from tests.factories.tickets import answer, mail_ticket
from tests.integration.tickets.api.conftest import NEW, TICKETS, Calling, problem
from tickets.models import Message, OutboundMail, Ticket
from tickets.services import replies
from tickets.services.senders import NewFile, Sender

pytestmark = pytest.mark.django_db
KEYS = [
    "seq", "public_seq", "kind", "direction", "channel", "sender", "text", "html", "attachments", "delivery",
    "created_at",
]  # fmt: skip


def messages_of(ticket: Ticket) -> str:
    return f"{TICKETS}{ticket.public_id}/messages/"


def test_messages__incoming__have_exactly_the_fields_of_the_contract(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    body = calling(agent, "read").get(messages_of(ticket)).json()
    assert body.keys() == {"results"}
    (row,) = body["results"]
    assert list(row) == KEYS
    assert (row["seq"], row["public_seq"], row["kind"], row["direction"], row["channel"]) == (
        1,
        1,
        "reply",
        "in",
        "email",
    )
    assert row["sender"].keys() == {"name", "address", "proven"}
    assert (row["sender"]["proven"], row["delivery"], row["attachments"]) == (True, None, [])
    assert row["text"] == "My withdrawal of 0.5 BTC is still pending."


def test_messages__own_reply_with_a_file__tells_delivery_and_attachment(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="See the file."),
        attached=[NewFile(name="terms.txt", content=b"terms")],
    )  # fmt: skip
    row = next(
        one
        for one in calling(agent, "read").get(messages_of(ticket)).json()["results"]
        if one["direction"] == "out" and one["kind"] == "reply"
    )
    assert row["delivery"] == {"state": "queued", "detail": ""}
    (file,) = row["attachments"]
    assert file.keys() == {"id", "name", "content_type", "size"}
    assert (file["name"], file["content_type"], file["size"]) == ("terms.txt", "text/plain", 5)


def test_messages__html__comes_sanitised_without_remote_images(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    # Without it the outbound guard would hold the reply back.
    OfficialChannel.objects.create(kind="domain", value="evil.example", canonical="evil.example")
    replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email",
        words=replies.Words(text="x", html='<p onclick="x()">Hi<script>x()</script><img src="https://evil.example/p"></p>'),
    )  # fmt: skip
    html = "".join(one["html"] for one in calling(agent, "read").get(messages_of(ticket)).json()["results"])
    assert "Hi" in html
    for bad in ("onclick", "<script", "evil.example"):
        assert bad not in html


def test_messages__since__returns_what_came_after_in_order(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    for text in ("two", "three"):
        answer(ticket, text)
    caller = calling(agent, "read")
    assert [row["seq"] for row in caller.get(messages_of(ticket)).json()["results"]] == [1, 2, 3]
    assert [row["text"] for row in caller.get(f"{messages_of(ticket)}?since=1").json()["results"]] == ["two", "three"]
    assert caller.get(f"{messages_of(ticket)}?since=3").json() == {"results": []}


@pytest.mark.parametrize(
    "query", ["since=x", "since=-1", "since=", "since=1e3", "since=" + "9" * 12, "seq__gt=1", "text__contains=a"]
)
def test_messages__bad_since_or_unknown_parameter__is_400(agent: Staff, calling: Calling, query: str) -> None:
    problem(calling(agent, "read").get(f"{messages_of(mail_ticket())}?{query}"), 400, "invalid")


def test_reply__posted__is_stored_owed_and_shown(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    given = calling(agent).post(
        messages_of(ticket), {"text": "We are looking.", "seen_public_seq": 1, "then_status": "pending"}
    )
    assert given.status_code == 201
    row = given.json()
    assert (row["kind"], row["direction"], row["sender"]["name"], row["text"]) == (
        "reply",
        "out",
        agent.name,
        "We are looking.",
    )
    assert row["sender"]["proven"] is True
    assert OutboundMail.objects.get().to_address == ticket.requester_address
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee_id) == ("pending", agent.pk)


def test_reply__customer_wrote_meanwhile__is_409_and_nothing_is_sent(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    answer(ticket, "It has arrived.")
    problem(calling(agent).post(messages_of(ticket), {"text": "Looking.", "seen_public_seq": 1}), 409, "stale_reply")
    assert not OutboundMail.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "x", "then_status": "closed"}, 422, "illegal_move"),
        ({"text": "x", "then_status": "resolved"}, 422, "topic_needed"),
        ({"text": " "}, 400, "invalid"),
        ({}, 400, "invalid"),
        ({"text": "x", "kind": "event"}, 400, "invalid"),
        ({"text": "x", "kind": "note", "then_status": "pending"}, 400, "invalid"),
        ({"text": "x" * 100_001}, 400, "invalid"),
        ({"text": "\x00"}, 400, "invalid"),
        ({"text": "\ud800"}, 400, "invalid"),
        ({"text": ["x"]}, 400, "invalid"),
    ],
)
def test_reply__that_cannot_be__is_refused_whole(
    agent: Staff, calling: Calling, body: dict[str, Any], status: int, code: str
) -> None:
    ticket = mail_ticket()
    Ticket.objects.update(status="open")
    problem(calling(agent).post(messages_of(ticket), body), status, code)
    assert ticket.messages.count() == 1
    assert Ticket.objects.get().status == "open"


def test_reply__to_a_closed_case__is_422(agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    problem(calling(agent).post(messages_of(ticket), {"text": "x"}), 422, "case_closed")


def test_note__of_a_light_agent__is_taken_their_reply_is_403_and_recorded(light_agent: Staff, calling: Calling) -> None:
    ticket = mail_ticket()
    caller = calling(light_agent)
    note = caller.post(messages_of(ticket), {"kind": "note", "text": "Seen before."})
    assert (note.status_code, note.json()["public_seq"], note.json()["kind"]) == (201, None, "note")
    denials = AuditEntry.objects.filter(action="access.denied", detail__permission="ticket.reply")
    # Denials commit on a connection of their own: earlier tests have left theirs.
    before = denials.count()
    problem(caller.post(messages_of(ticket), {"text": "Hello"}), 403)
    assert denials.count() == before + 1
    assert not OutboundMail.objects.exists()


@pytest.mark.attack("D2")
def test_messages__d2_all_fields_of_the_model_sent__only_the_listed_ones_count(
    agent: Staff, lead: Staff, calling: Calling
) -> None:
    ticket = mail_ticket()
    everything: dict[str, Any] = {field.name: 999 for field in Message._meta.concrete_fields}
    everything |= {"staff": lead.pk, "sender_name": "Mallory", "kind": "note", "text": "Only this.", "direction": "in"}
    everything |= {"ticket_id": 1, "staff_id": lead.pk, "is_sender_proven": False, "created_at": "2000-01-01T00:00:00Z"}
    assert calling(agent).post(messages_of(ticket), everything).status_code == 201
    row = ticket.messages.get(kind="note")
    assert (row.staff_id, row.sender_name, row.direction, row.seq, row.public_seq) == (
        agent.pk,
        agent.name,
        "out",
        2,
        None,
    )
    assert (row.text, row.redactions, row.message_id_header, row.withdrawn_at) == ("Only this.", [], "", None)
    assert row.created_at.year > 2000


@pytest.mark.attack("D2")
def test_tickets__d2_all_fields_of_the_model_sent__only_the_listed_ones_count(
    agent: Staff, lead: Staff, calling: Calling
) -> None:
    everything: dict[str, Any] = {field.name: 999 for field in Ticket._meta.concrete_fields}
    everything |= {
        "status": "closed",
        "assignee": lead.pk,
        "assignee_id": lead.pk,
        "team": 1,
        "tags": ["vip"],
        "is_spam": True,
    }
    everything |= {
        "priority": "high",
        "channel": "phone",
        "language": "de",
        "is_requester_proven": True,
        "public_id": "a" * 20,
    }
    everything |= {**NEW, "requester": {**NEW["requester"], "id": 1, "proven": True, "proof": "dkim"}}  # type: ignore[dict-item]
    everything.pop("topic")
    given = calling(agent).post(TICKETS, everything)
    assert given.status_code == 201, given.content
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.assignee_id, ticket.team_id, ticket.is_spam, ticket.version) == (
        "new",
        None,
        None,
        False,
        1,
    )
    assert (ticket.priority, ticket.channel, ticket.language) == ("high", "phone", "de")
    assert not ticket.is_requester_proven
    assert ticket.requester.addresses.get().proof == "claimed"
    assert ticket.public_id != "a" * 20
    assert ticket.number != 999
    assert given.json()["id"] == ticket.public_id


@pytest.mark.parametrize(
    "change",
    [
        {"subject": ""}, {"subject": "x" * 251}, {"text": ""}, {"requester": None}, {"requester": "kim@example.com"},
        {"requester": {}}, {"requester": {"address": "a@b@c"}}, {"requester": {"address": "a@example.com\r\nBcc: b@example.com"}},
        {"requester": {"address": "a@example.com, b@example.com"}}, {"requester": {"address": "not an address"}},
        {"priority": "now"}, {"channel": "chat"}, {"topic": "no-such"}, {"language": "x" * 17},
    ],
)  # fmt: skip
def test_tickets__field_that_cannot_be__is_400_and_named(
    agent: Staff, calling: Calling, change: dict[str, Any]
) -> None:
    found = problem(calling(agent).post(TICKETS, {**NEW, **change}), 400, "invalid")
    assert found["errors"].keys() == change.keys()
    assert not Ticket.objects.exists()
