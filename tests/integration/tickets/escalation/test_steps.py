"""What steps do: tell, raise, reassign, add followers, call who is on call; in quiet hours and in storms."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Staff
from core import clock
from core.models import Notice
from tests.factories.accounts import TeamFactory
from tests.factories.escalation import chain, hook, owed, run_of, schedule, taken
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.escalation.conftest import Look
from tests.support import small_hook
from tickets.delivery import hooks
from tickets.models import EscalationChain, EscalationHook, EscalationNotice, EscalationRun, Ticket, TicketFollower
from tickets.services import escalation_sweep, escalations, properties

SECONDS = timedelta(seconds=10)
BREACH = FIRST * MINUTE


@pytest.fixture
def ticket(admin: Staff) -> Ticket:
    """A case with one promise: an answer within half an hour."""
    policy(by=admin, targets={"first_response": {"normal": 30, "urgent": 30}})
    return mail_ticket()


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[dict[str, Any]]:
    """A place outside that keeps what it is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    settings.ESCALATION_INSIDE_HOSTS = ["localhost"]
    with small_hook.listening(tmp_path) as kept:
        yield kept


def test_mail__of_a_breach__says_which_ticket_and_no_word_of_the_customer(
    ticket: Ticket, ada: Staff, look: Look
) -> None:
    ada.locale = "zh-hans"
    ada.save(update_fields=["locale"])
    chain({"action": "mail", "staff": ada})
    look(BREACH)
    mail = Notice.objects.get(kind="escalation")
    assert (mail.to_address, mail.language, mail.state) == (ada.email, "zh-hans", "queued")
    assert str(ticket.number) in mail.subject
    assert "升级" in mail.subject
    assert ticket.public_id in mail.body
    assert ticket.subject not in mail.body + mail.subject


def test_page__for_a_team_and_whoever_has_it__tells_each_once(
    ticket: Ticket, ada: Staff, ben: Staff, look: Look
) -> None:
    team = TeamFactory.create(slug="seconds", name="Seconds")
    for person in (ada, ben):
        team.memberships.create(staff=person)
    properties.assign(ticket=ticket, to=ada, by=None)
    chain({"action": "page", "team": team}, {"action": "page", "to_assignee": True})
    look(BREACH)
    look(SECONDS)
    assert owed() == [("Ada", "sent"), ("Ben", "sent"), ("Ada", "sent")]


def test_on_call__two_lines__climbs_to_the_second_without_an_answer(
    ticket: Ticket, ada: Staff, ben: Staff, look: Look
) -> None:
    first, second = schedule(ada), schedule(ben, name="Second line")
    chain(
        {"action": "on_call", "schedule": first},
        {"action": "on_call", "schedule": second, "after": "previous", "minutes": 10},
    )
    look(BREACH)
    assert (owed("page"), owed("mail")) == ([("Ada", "sent")], [("Ada", "sent")])
    look(9 * MINUTE)
    assert len(owed()) == 1
    look(MINUTE + SECONDS)
    assert owed()[1] == ("Ben", "sent")
    assert taken(ticket) == [("on_call", "done")] * 2
    names = ticket.messages.filter(event="escalation_step").values_list("event_data__people", flat=True)
    assert list(names) == [ada.public_id, ben.public_id]


def test_on_call__nobody_is__lets_the_next_step_go_on_at_once(ticket: Ticket, ben: Staff, look: Look) -> None:
    chain(
        {"action": "on_call", "schedule": schedule()},
        {"action": "page", "staff": ben, "after": "previous", "minutes": 60},
    )
    look(BREACH)
    look(SECONDS)
    assert taken(ticket) == [("on_call", "skipped"), ("page", "done")]


def test_priority__raised__changes_it_once_and_never_lowers_it(ticket: Ticket, look: Look) -> None:
    chain({"action": "priority", "priority": "urgent"}, {"action": "priority", "priority": "high"})
    look(BREACH)
    look(SECONDS)
    assert taken(ticket) == [("priority", "done"), ("priority", "skipped")]
    ticket.refresh_from_db()
    assert ticket.priority == "urgent"
    event = ticket.messages.get(event="priority_changed")
    assert (event.staff, event.event_data) == (None, {"from": "normal", "to": "urgent"})


def test_reassign__to_a_team_then_a_person__moves_the_ticket(
    ticket: Ticket, ada: Staff, ben: Staff, look: Look
) -> None:
    properties.assign(ticket=ticket, to=ada, by=None)
    team = TeamFactory.create(slug="seconds", name="Seconds")
    chain({"action": "reassign", "team": team}, {"action": "reassign", "staff": ben})
    look(BREACH)
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee) == (team, None)
    look(SECONDS)
    ticket.refresh_from_db()
    assert ticket.assignee == ben
    assert taken(ticket) == [("reassign", "done")] * 2


def test_follow__added__is_told_what_others_are(ticket: Ticket, ada: Staff, ben: Staff, look: Look) -> None:
    chain({"action": "follow", "staff": ben}, {"action": "page", "staff": ada})
    look(BREACH)
    look(SECONDS)
    assert TicketFollower.objects.get().staff == ben
    assert sorted(owed()) == [("Ada", "sent"), ("Ben", "sent")]


@pytest.mark.parametrize("form", ["json", "chat"])
def test_hook__of_a_breach__is_told_signed_and_once(
    ticket: Ticket, look: Look, outside: dict[str, Any], form: str
) -> None:
    made = hook(url=outside["url"], format=form)
    chain({"action": "hook", "hook": made})
    look(BREACH)
    row = EscalationNotice.objects.get()
    hooks.deliver(row.pk)
    hooks.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.lease_token) == ("sent", None)
    ((path, headers, body),) = outside["got"]
    assert path == "/hook?channel=ops"
    at, _comma, given = headers["X-Pharos-Signature"].removeprefix("t=").partition(",v1=")
    assert given == hmac.new(b"signing-key", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert f"#{ticket.number}" in said["text"]
    if form == "chat":
        assert said.keys() == {"text"}
    else:
        assert (said["kind"], said["ticket"]["id"], said["id"]) == ("escalation", ticket.public_id, row.public_id)
    assert ticket.subject not in body.decode()


@pytest.mark.parametrize(("status", "state"), [(500, "queued"), (404, "failed"), (302, "queued")])
def test_hook__that_does_not_take_it__is_asked_again_or_given_up(
    ticket: Ticket, look: Look, outside: dict[str, Any], status: int, state: str
) -> None:
    outside["status"] = status
    chain({"action": "hook", "hook": hook(url=outside["url"])})
    look(BREACH)
    row = EscalationNotice.objects.get()
    hooks.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, row.last_error) == (state, f"It answered {status}.")
    assert len(outside["got"]) == 1
    outside["status"] = 200
    look(10 * MINUTE)
    hooks.deliver(row.pk)
    row.refresh_from_db()
    assert row.state == ("sent" if state == "queued" else "failed")


@pytest.mark.attack("D9")
@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/x", "https://[::1]/x"])
def test_hook__inside_the_network__is_never_reached(ticket: Ticket, look: Look, url: str) -> None:
    chain({"action": "hook", "hook": hook(url=url)})
    look(BREACH)
    row = EscalationNotice.objects.get()
    hooks.deliver(row.pk)
    row.refresh_from_db()
    assert row.state == "queued"
    assert "not on the public internet" in row.last_error


@pytest.mark.usefixtures("_any_database")
def test_hook__without_tls__is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="tickets_escalationhook_https"), transaction.atomic():
        hook(url="http://hooks.example/x")


def test_quiet_hours__of_a_person__hold_what_is_not_urgent_and_the_climb(
    ticket: Ticket, ada: Staff, ben: Staff, look: Look
) -> None:
    at = clock.now()
    ada.quiet_from, ada.quiet_until = at.time(), (at + timedelta(hours=3)).time()
    ada.save(update_fields=["quiet_from", "quiet_until"])
    chain({"action": "page", "staff": ada}, {"action": "page", "staff": ben, "after": "previous", "minutes": 5})
    look(BREACH)
    assert owed() == [("Ada", "queued")]
    assert taken(ticket) == [("page", "held")]
    # Nobody has been told: nobody had the time to answer.
    look(60 * MINUTE)
    assert len(owed()) == 1
    look(91 * MINUTE)
    assert owed() == [("Ada", "sent")]
    look(5 * MINUTE)
    assert owed()[1] == ("Ben", "sent")


def test_quiet_hours__urgent_or_on_call__do_not_hold(ticket: Ticket, ada: Staff, look: Look) -> None:
    at = clock.now()
    ada.quiet_from, ada.quiet_until = at.time(), (at + timedelta(hours=3)).time()
    ada.save(update_fields=["quiet_from", "quiet_until"])
    chain({"action": "page", "staff": ada, "is_urgent": True}, {"action": "on_call", "schedule": schedule(ada)})
    look(BREACH)
    look(SECONDS)
    assert owed() == [("Ada", "sent")] * 2
    assert taken(ticket) == [("page", "done"), ("on_call", "done")]


def test_quiet_hours__of_a_chain__hold_all_but_what_moves_the_ticket(ticket: Ticket, ada: Staff, look: Look) -> None:
    at = clock.now()
    quiet: dict[str, Any] = {"quiet_from": at.time(), "quiet_until": (at + timedelta(hours=3)).time()}
    chain({"action": "mail", "staff": ada}, {"action": "priority", "priority": "urgent"}, **quiet)
    look(BREACH)
    look(SECONDS)
    assert owed("mail") == [("Ada", "queued")]
    ticket.refresh_from_db()
    assert ticket.priority == "urgent"
    # Acknowledged before its time: nobody is told any more.
    assert escalations.acknowledge(run=run_of(ticket), by=_lead())
    assert owed("mail") == [("Ada", "dropped")]
    look(4 * 60 * MINUTE)
    assert not Notice.objects.filter(kind="escalation").exists()


def _lead() -> Staff:
    found: Staff = Staff.objects.create_staff(email="lead-of-all@cast.test", name="Lea", role="lead")
    return found


@pytest.mark.parametrize("change", ["gone", "hidden"])
def test_quiet_hours__over_for_who_may_not_see_it_any_more__tell_nothing(
    ticket: Ticket, ada: Staff, lead: Staff, look: Look, change: str
) -> None:
    at = clock.now()
    quiet = {"quiet_from": at.time(), "quiet_until": (at + timedelta(hours=1)).time()}
    Staff.objects.filter(pk=ada.pk).update(**quiet)
    ada.refresh_from_db()
    chain({"action": "mail", "staff": ada})
    look(BREACH)
    assert owed("mail") == [("Ada", "queued")]
    if change == "gone":
        Staff.objects.filter(pk=ada.pk).update(is_active=False)
    else:
        hidden = TeamFactory.create(slug="fraud", name="Fraud", is_restricted=True)
        properties.move_to_team(ticket=ticket, to=hidden, by=lead)
    look(60 * MINUTE)
    assert owed("mail") == [("Ada", "dropped")]
    assert not Notice.objects.filter(kind="escalation").exists()


def test_storm__mass_breach__tells_each_once_and_moves_every_ticket(
    admin: Staff, ada: Staff, ben: Staff, look: Look
) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30, "urgent": 30}})
    chain(
        {"action": "priority", "priority": "urgent"},
        {"action": "on_call", "schedule": schedule(ada)},
        {"action": "hook", "hook": hook()},
        {"action": "page", "staff": ben, "after": "previous", "minutes": 5},
        storm_limit=10,
    )
    tickets = [mail_ticket(address=f"{number}@example.com") for number in range(30)]
    look(BREACH)
    for _round in range(4):
        look(SECONDS)
    assert Ticket.objects.filter(priority="urgent").count() == 30
    # A page and a mail to who is on call, and one call outside: of all of them.
    assert (owed("page"), owed("mail"), len(owed("hook"))) == ([("Ada", "sent")], [("Ada", "sent")], 1)
    mail = Notice.objects.get(kind="escalation")
    assert "30" in mail.subject
    assert "/desk/escalations/" in mail.body
    assert json.loads(hooks.body_of(EscalationNotice.objects.get(kind="hook"), EscalationHook.objects.get()))[
        "count"
    ] == len(tickets)
    assert EscalationRun.objects.filter(storm__isnull=False).count() == 30
    look(5 * MINUTE)
    look(20 * SECONDS / 10)
    look(20 * SECONDS)
    assert owed("page") == [("Ada", "sent"), ("Ben", "sent")]
    storm = EscalationRun.objects.earliest("pk").storm
    assert storm is not None
    assert escalations.acknowledge_storm(public_id=storm.public_id, by=ada) == 30
    assert not EscalationRun.objects.waiting().exists()


def test_storm__over_before_it_is_told__tells_nobody(admin: Staff, ada: Staff, look: Look) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30}})
    chain({"action": "page", "staff": ada}, {"action": "hook", "hook": hook()}, storm_limit=2)
    for number in range(3):
        mail_ticket(address=f"{number}@example.com")
    look(BREACH)
    look(timedelta(seconds=2))
    assert owed() == [("Ada", "queued")]
    storm = EscalationRun.objects.earliest("pk").storm
    assert storm is not None
    assert escalations.acknowledge_storm(public_id=storm.public_id, by=_lead()) == 3
    look(20 * timedelta(seconds=1))
    assert owed() == [("Ada", "dropped")]
    row = EscalationNotice.objects.get(kind="hook")
    hooks.deliver(row.pk)
    row.refresh_from_db()
    assert row.state == "dropped"


def test_storm__as_many_as_the_guard_lets_through__are_told_one_by_one(admin: Staff, ada: Staff, look: Look) -> None:
    policy(by=admin, targets={"first_response": {"normal": 30}})
    chain({"action": "page", "staff": ada}, storm_limit=3)
    for number in range(3):
        mail_ticket(address=f"{number}@example.com")
    look(BREACH)
    assert owed() == [("Ada", "sent")] * 3
    assert not EscalationRun.objects.filter(storm__isnull=False).exists()


@pytest.mark.usefixtures("_any_database")
@pytest.mark.parametrize(
    "step",
    [
        {"action": "page"},
        {"action": "hook"},
        {"action": "priority"},
        {"action": "on_call", "to_assignee": True},
        {"action": "page", "to_assignee": True, "priority": "high"},
        {"action": "shout", "to_assignee": True},
    ],
)
def test_step__without_its_target_or_with_another__is_refused_by_the_database(step: dict[str, Any]) -> None:
    made = EscalationChain.objects.create(name="Wrong")
    with pytest.raises(IntegrityError, match="tickets_escalationstep_target_fits"), transaction.atomic():
        made.steps.create(**step)


def test_sweep__acknowledged_between_owing_and_giving__gives_nothing(ticket: Ticket, ada: Staff, look: Look) -> None:
    at = clock.now()
    ada.quiet_from, ada.quiet_until = at.time(), (at + timedelta(hours=1)).time()
    ada.save(update_fields=["quiet_from", "quiet_until"])
    chain({"action": "page", "staff": ada})
    look(BREACH)
    EscalationRun.objects.update(state="cancelled", ended_at=clock.now(), fires_at=None)
    look(60 * MINUTE)
    assert owed() == [("Ada", "dropped")]
    assert escalation_sweep.sweep() == 0
