"""The demo's content: enough of it, different every time one looks, the same with the same seed, nobody's secret."""

import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from helpdesk.demo.content import build
from helpdesk.demo.world import DemoMessage, DemoTicket, DemoWorld
from security.redaction import redact, redact_html
from tickets.channels.email.parse import Unparsable, parse

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
RESERVED_DOMAIN = re.compile(r"(^|[.@])(example\.(com|org|net)|[a-z0-9-]+\.example|test)$")
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return build(NOW)


def replies(ticket: DemoTicket) -> list[DemoMessage]:
    return [message for message in ticket.messages if message.kind == "reply"]


def test_build__same_moment_and_seed__same_world(world: DemoWorld) -> None:
    assert build(NOW) == world


def test_build__another_seed__another_world(world: DemoWorld) -> None:
    other = build(NOW, seed=8)

    assert [ticket.subject for ticket in other.tickets] != [ticket.subject for ticket in world.tickets]


def test_build__size__is_kept(world: DemoWorld) -> None:
    assert len(world.tickets) >= 420
    assert len(build(NOW, size=60).tickets) == 60


def test_build__scenarios__are_many(world: DemoWorld) -> None:
    kinds = {ticket.scenario.partition(".")[2] for ticket in world.tickets}

    assert len(kinds) >= 45


def test_build__languages__english_and_chinese_lead(world: DemoWorld) -> None:
    count = Counter(ticket.language for ticket in world.tickets)

    assert set(count) == {"en", "zh", "es", "de", "pt", "ru", "tr", "vi", "ja", "ko", "ar"}
    assert [language for language, _ in count.most_common(2)] == ["en", "zh"]


def test_build__properties__every_value_occurs(world: DemoWorld) -> None:
    tickets = world.tickets

    assert {ticket.status for ticket in tickets} == {"new", "open", "pending", "on_hold", "resolved", "closed"}
    assert {ticket.priority for ticket in tickets} == {"low", "normal", "high", "urgent"}
    assert {ticket.channel for ticket in tickets} == {"email", "phone", "social", "web"}
    assert {ticket.team for ticket in tickets} == {team.key for team in world.teams}
    assert Counter(ticket.channel for ticket in tickets)["email"] > len(tickets) * 0.7


def test_build__living_queue__a_fifth_still_waits(world: DemoWorld) -> None:
    active = [ticket for ticket in world.tickets if ticket.status not in {"resolved", "closed"}]

    assert len(world.tickets) * 0.15 < len(active) < len(world.tickets) * 0.4


def test_build__times__sixty_days_until_minutes_ago(world: DemoWorld) -> None:
    created = [ticket.created_at for ticket in world.tickets]

    assert created == sorted(created)
    assert NOW - timedelta(days=61) < created[0] < NOW - timedelta(days=50)
    assert NOW - FIVE_MINUTES < created[-1] < NOW
    assert all(message.at <= NOW for ticket in world.tickets for message in ticket.messages)
    assert {moment.hour for moment in created} == set(range(24))


def test_build__threads__one_to_fourteen_messages_in_order(world: DemoWorld) -> None:
    for ticket in world.tickets:
        assert 1 <= len(ticket.messages) <= 14, ticket.subject
        times = [message.at for message in ticket.messages]
        assert times == sorted(times)
        assert ticket.updated_at == times[-1]
        assert ticket.messages[0].direction == "in"


def test_build__status__fits_the_last_words(world: DemoWorld) -> None:
    for ticket in world.tickets:
        ours = [message for message in replies(ticket) if message.direction == "out"]
        if ticket.status == "new":
            assert not ours
            assert not ticket.assignee
        if ticket.status == "pending":
            assert ours
        if ticket.status in {"resolved", "closed"}:
            assert ticket.resolved_at is not None
            assert ticket.assignee


def test_build__events__each_change_of_status_starts_where_the_last_ended(world: DemoWorld) -> None:
    for ticket in world.tickets:
        changes = [dict(message.event_data) for message in ticket.messages if message.event == "status_changed"]
        assert all(change["from"] != change["to"] for change in changes), ticket.subject
        if ticket.status == "closed":
            assert changes[-1] == {"from": "resolved", "to": "closed"}


def test_build__subjects__no_skeleton_shows_in_the_queue(world: DemoWorld) -> None:
    subjects = [ticket.subject for ticket in world.tickets]

    assert len(set(subjects)) > len(subjects) * 0.8
    screen = 30
    for start in range(len(subjects) - screen):
        assert len(set(subjects[start : start + screen])) >= screen - 2
    newest = sorted(world.tickets, key=lambda ticket: ticket.updated_at, reverse=True)[:60]
    last_lines = Counter(replies(ticket)[-1].text for ticket in newest)
    assert last_lines.most_common(1)[0][1] <= 2


def test_build__first_messages__hardly_repeat(world: DemoWorld) -> None:
    openings = Counter(replies(ticket)[0].text for ticket in world.tickets)

    assert len(openings) > len(world.tickets) * 0.97


def test_build__text__has_no_blank_left(world: DemoWorld) -> None:
    for ticket in world.tickets:
        for message in ticket.messages:
            shown = f"{ticket.subject}\n{message.text}"
            assert "{" not in message.text.replace("{…", "")
            assert not re.search(r"\[[^\]]*\|", shown), shown
            assert "lorem" not in shown.lower()
            assert message.kind == "event" or message.text.strip()


def test_build__addresses__belong_to_nobody(world: DemoWorld) -> None:
    everyone = [one.address for one in world.customers if one.kind == "email"]
    everyone += [person.email for person in world.staff] + [box.address for box in world.mailboxes]
    everyone += [someone.address for ticket in world.tickets for someone in ticket.participants]

    assert [address for address in everyone if not RESERVED_DOMAIN.search(address)] == []
    assert all(" 555 " in one.address for one in world.customers if one.kind == "phone")
    assert len({one.address for one in world.customers}) == len(world.customers)


def test_build__links__lead_to_reserved_domains_only(world: DemoWorld) -> None:
    bodies = [f"{message.text}\n{message.html}" for ticket in world.tickets for message in ticket.messages]
    hosts = {host for body in bodies for host in re.findall(r"https?://([^/\s\"<]+)", body)}

    assert hosts
    assert [host for host in hosts if not RESERVED_DOMAIN.search(host)] == []


def test_build__agents__never_ask_for_secrets(world: DemoWorld) -> None:
    asked = re.compile(r"(send|tell|give) (us|me) your (password|code|seed|recovery|private key)", re.IGNORECASE)
    ours = [message.text for ticket in world.tickets for message in replies(ticket) if message.direction == "out"]

    assert not [text for text in ours if asked.search(text) and "not" not in text and "never" not in text]


def test_build__senders__a_claim_is_never_proof(world: DemoWorld) -> None:
    customers = {one.key: one for one in world.customers}
    for ticket in world.tickets:
        for message in replies(ticket):
            if message.role == "requester":
                assert message.proof == customers[ticket.requester].proof
            if message.role == "third_party":
                assert not message.proof
    assert any(
        not message.proof for ticket in world.tickets for message in replies(ticket) if message.role == "requester"
    )
    assert any(message.role == "third_party" for ticket in world.tickets for message in ticket.messages)


def test_build__special_mails__all_kinds_occur(world: DemoWorld) -> None:
    messages = [message for ticket in world.tickets for message in ticket.messages]

    assert {message.delivery.state for message in messages if message.delivery} == {"sent", "bounced", "failed"}
    assert any(message.is_automatic for message in messages)
    assert any(message.quoted_text for message in messages)
    assert any(message.has_secret for message in messages)
    assert any("cid:" in message.html for message in messages)
    assert any(re.search(r'<img src="https://', message.html) for message in messages)


def test_build__messages__hold_a_secret_only_where_they_say_so(world: DemoWorld) -> None:
    for ticket in world.tickets:
        assert not redact(ticket.subject).findings
        for message in ticket.messages:
            found = [*redact(message.text).findings, *redact(message.quoted_text).findings]
            found += redact_html(message.html).findings
            assert bool(found) == message.has_secret, message.text


def test_build__files__are_what_they_say(world: DemoWorld) -> None:
    files = [file for ticket in world.tickets for message in ticket.messages for file in message.files]
    begins = {"application/pdf": b"%PDF-1.4", "application/json": b"{", "image/png": b"\x89PNG"}

    assert {file.content_type for file in files} == {*begins, "text/csv", "text/plain"}
    for file in files:
        assert file.content.startswith(begins.get(file.content_type, b""))
        if file.content_type == "image/png":
            Image.open(io.BytesIO(file.content)).verify()


def test_build__inline_images__are_named_by_their_html(world: DemoWorld) -> None:
    for ticket in world.tickets:
        for message in ticket.messages:
            cids = {file.content_id for file in message.files if file.content_id}
            assert cids == set(re.findall(r'src="cid:([^"]+)"', message.html))


def test_build__quarantined__our_parser_refuses_each_for_its_reason(world: DemoWorld) -> None:
    assert len(world.quarantined) >= 3
    for mail in world.quarantined:
        with pytest.raises(Unparsable) as refused:
            parse(mail.raw)
        assert refused.value.reason == mail.reason


def test_build__references__all_exist(world: DemoWorld) -> None:
    topics = {topic.key for topic in world.topics if topic.parent}
    staff = {person.key for person in world.staff}
    boxes = {box.key for box in world.mailboxes}
    for ticket in world.tickets:
        assert ticket.topic in topics
        assert ticket.mailbox in boxes
        assert not ticket.assignee or ticket.assignee in staff
        assert set(ticket.tags) <= set(world.tags)
        assert all(not message.staff or message.staff in staff for message in ticket.messages)
