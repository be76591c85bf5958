"""Clocks of cases: moved by what happens to the case, in the same transaction."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.livechat import ChatInboxFactory, said, started
from tests.factories.sla import FIRST, MINUTE, NEXT, RESOLUTION, UPDATE, draft, policy, same_for_all, told
from tests.factories.tickets import CUSTOMER_ADDRESS, TopicFactory, customer, mail_ticket, requester
from tickets.models import SlaCalendar, SlaClock, SlaPolicyVersion, Ticket
from tickets.services import cases, errors, properties, replies, sla_clocks, sla_policies, status
from tickets.services.senders import Sender

Move = Callable[[timedelta], None]
pytestmark = pytest.mark.django_db


def clock(ticket: Ticket, metric: str) -> SlaClock:
    return SlaClock.objects.filter(ticket=ticket, metric=metric).latest("pk")


def minutes(clock: SlaClock) -> float:
    """Return after how many minutes it is due."""
    assert clock.due_at is not None
    return round((clock.due_at - clock.started_at) / MINUTE, 1)


def answer(ticket: Ticket, by: Staff, **more: Any) -> Ticket:
    replies.add(ticket=ticket, sender=Sender.of_staff(by), channel="email", words=replies.Words(text="Yes."), **more)
    return Ticket.objects.get(pk=ticket.pk)


def ask(ticket: Ticket) -> Ticket:
    who = requester(customer(), CUSTOMER_ADDRESS)
    replies.add(ticket=ticket, sender=who, channel="email", words=replies.Words(text="And now?"))
    return Ticket.objects.get(pk=ticket.pk)


def test_opening__under_a_policy__promises_a_response_and_a_resolution(admin: Staff) -> None:
    version = policy(by=admin)
    ticket = mail_ticket()
    ticket.refresh_from_db()
    assert [minutes(clock(ticket, one)) for one in ("first_response", "resolution")] == [FIRST, RESOLUTION]
    assert ticket.clocks.count() == 2
    first = clock(ticket, "first_response")
    assert (ticket.sla_version, ticket.due_at, ticket.due_metric) == (version, first.due_at, "first_response")
    assert ticket.is_awaiting_reply
    assert first.fires_at == first.warn_at == ticket.warn_at


def test_opening__without_a_policy__or_as_spam__has_no_clock(admin: Staff) -> None:
    before = mail_ticket()
    policy(by=admin)
    spam = mail_ticket(is_spam=True)
    assert not SlaClock.objects.filter(ticket__in=[before, spam]).exists()
    properties.set_spam(ticket=spam, is_spam=False, by=admin)
    assert spam.clocks.count() == 2
    properties.set_spam(ticket=spam, is_spam=True, by=admin)
    assert not spam.clocks.open().exists()


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ({"channels": ["email"]}, True),
        ({"channels": ["chat"]}, False),
        ({"priorities": ["urgent"]}, False),
        ({"languages": ["en"]}, False),
        ({"tags": ["vip"]}, False),
        ({"is_risk_raised": True}, False),
        ({"is_active": False}, False),
    ],
)
def test_opening__conditions__choose_the_cases(admin: Staff, condition: dict[str, Any], fits: bool) -> None:
    policy(by=admin, **condition)
    assert SlaClock.objects.filter(ticket=mail_ticket()).exists() is fits


@pytest.mark.parametrize(
    ("wanted", "written", "fits"),
    [
        (["zh-hans"], "zh-hans", True), (["zh-hant"], "zh-hans", False), (["zh"], "zh-hant", True),
        (["en", "es"], "es", True), (["zh-hans"], "en", False),
    ],
)  # fmt: skip
def test_opening__language__chooses_the_cases_that_are_written_in_it(
    admin: Staff, wanted: list[str], written: str, *, fits: bool
) -> None:
    policy(by=admin, languages=wanted)
    assert SlaClock.objects.filter(ticket=mail_ticket(language=written)).exists() is fits


def test_opening__of_two_policies_that_fit__the_lowest_holds(admin: Staff) -> None:
    policy("Wide", by=admin)
    narrow = policy("Narrow", by=admin, position=10, targets={"first_response": {"normal": 5}})
    ticket = mail_ticket()
    assert [one.version for one in ticket.clocks.all()] == [narrow]


def test_answer__in_time__meets_the_response_and_promises_the_next_update(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    move_time(10 * MINUTE)
    ticket = answer(ticket, admin)
    first = clock(ticket, "first_response")
    assert first.met_at is not None
    assert round(first.used / MINUTE) == 10
    assert (first.breached_at, first.fires_at, first.due_at) == (None, None, None)
    assert minutes(clock(ticket, "update_every")) == UPDATE
    assert not ticket.is_awaiting_reply
    assert ticket.due_metric == "update_every"


def test_answer__late__is_told_as_a_breach_at_the_moment_it_was_due(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    heard: list[tuple[str, str]] = []
    hear = lambda _ticket, row, what: heard.append((row.metric, what))  # noqa: E731 -- taken out again below
    sla_clocks.happened.append(hear)
    try:
        move_time(40 * MINUTE)
        ticket = answer(ticket, admin)
    finally:
        sla_clocks.happened.remove(hear)
    first = clock(ticket, "first_response")
    assert first.breached_at == first.started_at + FIRST * MINUTE
    assert heard == [("first_response", "breached"), ("first_response", "met")]
    assert told(ticket) == [("breached", "first_response")]


def test_ask__after_an_answer__starts_one_clock_for_the_next(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = answer(mail_ticket(), admin)
    move_time(5 * MINUTE)
    ticket = ask(ticket)
    waiting = clock(ticket, "next_response")
    assert minutes(waiting) == NEXT
    assert (ticket.due_at, ticket.due_metric) == (waiting.due_at, "next_response")
    move_time(5 * MINUTE)
    ask(ticket)
    assert SlaClock.objects.filter(ticket=ticket, metric="next_response").count() == 1


def test_ask__where_nothing_changes__costs_no_statement_and_a_transition_two(admin: Staff) -> None:
    def statements(ticket: Ticket) -> int:
        with CaptureQueriesContext(connection) as captured:
            ask(ticket)
        return len([one for one in captured if not (one["sql"] or "").startswith(("SAVEPOINT", "RELEASE"))])

    bare = mail_ticket()
    without = statements(bare)
    policy(by=admin)
    ticket = mail_ticket()
    assert statements(ticket) == without, "who waits already waits on"
    ticket = answer(ticket, admin)
    assert statements(ticket) == without + 2
    assert statements(ticket) == without


def test_status__waiting_for_the_customer__moves_the_deadline(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = answer(mail_ticket(), admin, then_status="pending")
    resolution = clock(ticket, "resolution")
    assert (resolution.runs_since, resolution.due_at, resolution.fires_at) == (None, None, None)
    assert (ticket.due_at, ticket.due_metric) == (None, "")
    move_time(100 * MINUTE)
    ticket = ask(ticket)
    assert ticket.status == "open"
    assert minutes(clock(ticket, "resolution")) == RESOLUTION + 100
    assert minutes(clock(ticket, "next_response")) == NEXT
    assert ticket.due_metric == "next_response"


def test_status__reopened__goes_on_without_the_time_between(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket(is_spam=False)
    move_time(10 * MINUTE)
    ticket = answer(ticket, admin)
    with_topic(ticket, admin)
    status.move(ticket=ticket, to="resolved", by=admin)
    resolution = clock(ticket, "resolution")
    assert resolution.used > timedelta()
    assert not ticket.clocks.open().exists()
    move_time(60 * MINUTE)
    ticket = ask(Ticket.objects.get(pk=ticket.pk))
    resolution.refresh_from_db()
    assert resolution.met_at is None
    assert minutes(resolution) == RESOLUTION + 60


def with_topic(ticket: Ticket, by: Staff) -> None:

    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=by)
    ticket.refresh_from_db()


def test_priority__raised__counts_what_was_used_against_the_shorter_target(admin: Staff, move_time: Move) -> None:
    targets = {"resolution": {"normal": 480, "urgent": 60}}
    policy(by=admin, targets=targets)
    ticket = mail_ticket()
    move_time(20 * MINUTE)
    properties.set_priority(ticket=ticket, to="urgent", by=admin)
    ticket.refresh_from_db()
    assert minutes(clock(ticket, "resolution")) == 60
    assert ticket.due_at == clock(ticket, "resolution").due_at
    properties.set_priority(ticket=ticket, to="low", by=admin)
    assert clock(ticket, "resolution").ended_at is not None


def test_tags__that_a_policy_asks_for__bring_a_case_under_it(admin: Staff) -> None:
    version = policy(by=admin, tags=["vip"])
    ticket = mail_ticket()
    properties.set_tags(ticket=ticket, names=["vip"], by=admin)
    ticket.refresh_from_db()
    assert ticket.sla_version == version
    assert ticket.clocks.count() == 2
    properties.set_tags(ticket=ticket, names=[], by=admin)
    ticket.refresh_from_db()
    assert not ticket.clocks.open().exists()
    assert ticket.due_metric == ""


def test_take_back__an_answer__leaves_the_clocks_as_they_were(admin: Staff, move_time: Move) -> None:
    policy(by=admin)
    ticket = mail_ticket()
    before = clock(ticket, "first_response")
    move_time(10 * MINUTE)
    answer(ticket, admin)
    message = ticket.messages.filter(kind="reply", staff=admin).get()
    ask(ticket)
    replies.withdraw(message=message, by=admin)
    ticket.refresh_from_db()
    after = clock(ticket, "first_response")
    assert (after.due_at, after.met_at, ticket.due_at) == (before.due_at, None, before.due_at)
    assert ticket.is_awaiting_reply
    assert [clock(ticket, one).ended_at is None for one in ("update_every", "next_response")] == [False, False]


def test_opening_by_us__owes_updates_and_no_response(admin: Staff) -> None:
    policy(by=admin)
    case = cases.NewCase(
        requester=customer(), subject="We noticed", channel="email", requester_address=CUSTOMER_ADDRESS
    )
    ticket, _first = cases.open_case(case=case, sender=Sender.of_staff(admin), words=replies.Words(text="Hello."))
    ticket.refresh_from_db()
    assert sorted(ticket.clocks.values_list("metric", flat=True)) == ["resolution", "update_every"]
    assert (ticket.is_awaiting_reply, ticket.due_metric) == (False, "update_every")


def test_chat__words_and_answers__move_the_clocks_alike(admin: Staff) -> None:
    policy(by=admin, channels=["chat"])
    visitor = started(ChatInboxFactory.create())[0]
    ticket = said(visitor).chat.ticket
    replies.add(ticket=ticket, sender=Sender.of_staff(admin), channel="chat", words=replies.Words(text="Here."))
    said(visitor, "Thanks, and", "two")
    assert sorted(SlaClock.objects.open().values_list("metric", flat=True)) == [
        "next_response", "resolution", "update_every",
    ]  # fmt: skip


def test_calendar__of_the_team__counts_before_the_one_for_everything_else(admin: Staff) -> None:
    always = SlaCalendar.objects.create(name="Always", is_always=True, is_default=True)
    policy(by=admin)
    assert clock(mail_ticket(), "resolution").calendar == always


def test_version__in_force__is_never_changed_and_never_backdated(admin: Staff) -> None:
    version = policy(by=admin)
    for change in ({"warn_percent": 50}, {"applies_from": None, "published_by": None}):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            SlaPolicyVersion.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        version.delete()
    with pytest.raises(DatabaseError, match="from now on or later"), transaction.atomic():
        sla_policies.put_into_force(version=draft(), by=admin, at=version.created_at - timedelta(hours=1))
    with pytest.raises(errors.Refused):
        sla_policies.put_into_force(version=version, by=admin)


def test_version__from_a_later_moment__leaves_running_clocks_alone(admin: Staff, move_time: Move) -> None:
    first = policy(by=admin)
    ticket = mail_ticket()
    later = draft(targets=same_for_all({"resolution": 60}))
    sla_policies.put_into_force(version=later, by=admin, at=first.created_at + timedelta(hours=2))
    assert mail_ticket(address="b@example.com").clocks.first().version == first  # type: ignore[union-attr]
    move_time(timedelta(hours=3))
    assert mail_ticket(address="c@example.com").clocks.get().version == later
    assert {one.version for one in ticket.clocks.all()} == {first}


def test_version__that_does_not_hold_yet__is_taken_back_and_nothing_else_of_it_changed(
    admin: Staff, move_time: Move
) -> None:
    first = policy(by=admin)
    version = draft()
    sla_policies.put_into_force(version=version, by=admin, at=first.created_at + timedelta(hours=2))
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        SlaPolicyVersion.objects.filter(pk=version.pk).update(warn_percent=50)
    sla_policies.take_back(version=version, by=admin)
    assert AuditEntry.objects.filter(action="slapolicyversion.taken_back", object_id=version.public_id).count() == 1
    move_time(timedelta(hours=3))
    assert clock(mail_ticket(), "resolution").version == first
    for other in (first, version):
        with pytest.raises(errors.Refused):
            sla_policies.take_back(version=other, by=admin)


def test_admin__put_into_force__asks_from_when_and_takes_no_past(admin: Staff, client: Client) -> None:
    Staff.objects.filter(pk=admin.pk).update(time_zone="Asia/Shanghai")
    version, here = draft(), "/admin/tickets/slapolicyversion/"
    data = {"action": "put_into_force", "_selected_action": [str(version.pk)]}
    signed_in(client, admin)

    def asked(**more: str) -> str:
        return str(client.post(here, data | more, follow=True).content.decode())

    assert "At a moment (in your time zone), or empty for now" in asked()
    for past in ("2020-02-29T12:00", "not a time"):
        assert 'class="errorlist"' in asked(post="yes", at=past)
    version.refresh_from_db()
    assert version.applies_from is None
    later = (now() + timedelta(hours=2)).replace(second=0, microsecond=0)
    asked(post="yes", at=f"{later.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}")
    version.refresh_from_db()
    assert version.applies_from == later
    entry = AuditEntry.objects.get(action="slapolicyversion.put_into_force", object_id=version.public_id)
    assert entry.detail == {"from": later.isoformat()}
    asked(action="take_back")
    version.refresh_from_db()
    assert version.applies_from is None
    assert "is a draft, or holds already" in asked(action="take_back")
    asked(post="yes")
    assert clock(mail_ticket(), "resolution").version == version


def test_database__two_open_clocks_of_a_metric__are_refused(admin: Staff) -> None:
    policy(by=admin)
    row = clock(mail_ticket(), "resolution")
    row.pk = None
    with pytest.raises(IntegrityError, match="one_open"), transaction.atomic():
        row.save(force_insert=True)
