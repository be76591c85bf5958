"""Figures of reports against a slow reading of the same histories, as of any moment."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Staff
from core.clock import now
from tests.factories.accounts import TeamFactory
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import TopicFactory, customer, mail_ticket
from tests.integration.tickets.reports.histories import DONE, History, made, write
from tickets.reports.asked import Asked
from tickets.selectors import reports_facts
from tickets.selectors.reports_sources import SOURCES
from tickets.services import properties, replies, sla_sweep, status
from tickets.services.senders import Sender

Move = Callable[[timedelta], None]
ZONE = ZoneInfo("Europe/Berlin")
pytestmark = pytest.mark.django_db


def asked(start: datetime, end: datetime, as_of: datetime, **only: str) -> Asked:
    return Asked("own", start, end, as_of, ZONE, only)


def week(**only: str) -> Asked:
    at = now()
    return asked(at - timedelta(days=7), at + timedelta(days=1), at, **only)


def read(histories: list[History], question: Asked) -> dict[str, Any]:
    """Return what the report ought to say: ticket ids of each figure, with their seconds."""
    team, priority = question.only.get("team"), question.only.get("priority")
    start, until, as_of = question.start, question.until, question.as_of
    names = ("opened", "resolved", "reopened", "backlog", "answered", "first_contact", "more_contacts", "split")
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in names}
    for one in histories:
        assert one.ticket is not None
        key, opened = one.ticket.public_id, one.steps[0].at
        if one.counts(until, team, priority) and opened <= until and one.status(until) not in DONE:
            found["backlog"].append((key, (until - opened).total_seconds()))
        if not one.counts(as_of, team, priority):
            continue
        if start <= opened < until:
            found["opened"].append((key,))
            if (seconds := one.first_answer(as_of)) is not None:
                found["answered"].append((key, seconds))
        for move in one.moves(start, until):
            name = "resolved" if move.data["to"] in DONE else "reopened"
            found[name].append((key, (move.at - opened).total_seconds()))
        if resolutions := one.resolutions(start, until):
            last = resolutions[-1]
            name = "first_contact" if one.is_first_contact(last, as_of) else "more_contacts"
            found[name].append((key,))
            found["split"].append((key, *(round(value) for value in one.split(last, as_of).values())))
    return {name: sorted(rows) for name, rows in found.items()}


def told(question: Asked, person: Staff) -> dict[str, Any]:
    """Return what the report says."""
    found = {}
    for figure in read([], question):
        facts = reports_facts.listed(question, person, figure, after=None, limit=1_000)
        order = ("bot", "queue", "agent", "customer", "seconds")
        found[figure] = sorted((one.public_id, *(one.seconds[n] for n in order if n in one.seconds)) for one in facts)
    return found


def test_figures__of_generated_histories__are_those_of_a_slow_reading(lead: Staff, agent: Staff) -> None:
    chance = random.Random(20261129)  # noqa: S311 -- the same histories each time
    teams = [TeamFactory.create(name="Payments", slug="payments"), TeamFactory.create(name="Trading", slug="trading")]
    at = now().replace(microsecond=0)
    who = customer()
    histories = [made(chance, now=at, teams=teams, staff=agent) for _ in range(150)]
    for history in histories:
        write(history, customer=who, staff=agent, teams=teams)
    for days_ago, length in ((0, 7), (0, 12), (3, 5), (6, 4)):
        for only in ({}, {"team": teams[0].public_id}, {"team": "none"}, {"priority": "high"}):
            end = at - timedelta(days=days_ago)
            question = asked(end - timedelta(days=length), end, end + timedelta(hours=5 * days_ago), **only)
            expected, said = read(histories, question), told(question, lead)
            for figure, rows in expected.items():
                assert [tuple(map(_close, row)) for row in said[figure]] == [tuple(map(_close, row)) for row in rows], (
                    figure
                )
            assert question.only or expected["split"], "the histories have to say something"


def _close(value: Any) -> Any:
    return round(value) if isinstance(value, float | int) else value


@pytest.mark.parametrize("figure", sorted(SOURCES))
def test_every_figure__counted_in_any_way__agrees_with_its_list(
    lead: Staff, agent: Staff, admin: Staff, figure: str
) -> None:
    version = policy(by=admin)
    ticket = mail_ticket()
    replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Yes."))
    properties.set_tags(ticket=ticket, names=["swap"], by=agent)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    for to in ("resolved", "open", "resolved"):
        status.move(ticket=ticket, to=to, by=agent)
    mail_ticket()
    for who in (lead, agent):
        for only in ({}, {"team": "none"}, {"priority": "high"}, {"policy": version.policy.public_id}):
            question = week(**only)
            by = (
                ("figure", "metric"),
                ("figure", "team", "priority"),
                ("figure", "weekday", "hour"),
                ("figure", "day"),
            )
            counts = reports_facts.counted(question, who, figure, by)
            rows = reports_facts.listed(question, who, figure, after=None)
            for group in by:
                assert sum(n for key, n in counts[group].items() if key[0] == figure) == len(rows)
            assert reports_facts.number(question, who, figure) == len(rows)
            if "seconds" in SOURCES[figure].columns:
                found = reports_facts.measured(question, who, figure, ("team", "channel"))
                assert [one.get(None, (0,))[0] for one in found.values()] == [len(rows), len(rows)]
                assert sum(row[0] for key, row in found["team"].items() if key is not None) == len(rows)


def test_promises__as_of_an_earlier_moment__are_what_was_known_then(
    lead: Staff, admin: Staff, agent: Staff, move_time: Move
) -> None:
    policy(by=admin)
    ticket, other = mail_ticket(), mail_ticket(address="other@example.com")
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    status.move(ticket=ticket, to="resolved", by=agent)
    move_time(FIRST * MINUTE + timedelta(minutes=1))
    sla_sweep.sweep()
    then = week()
    figures = ("kept", "missed", "running", "overdue", "resolved", "reopened", "backlog", "opened")
    before = {figure: reports_facts.number(then, lead, figure) for figure in figures}
    assert before == {"kept": 1, "missed": 1, "running": 1, "overdue": 1, "resolved": 1, "reopened": 0, "backlog": 1,
                      "opened": 2}  # fmt: skip
    move_time(timedelta(hours=1))
    status.move(ticket=ticket, to="open", by=agent)
    replies.add(ticket=other, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Yes."))
    properties.set_priority(ticket=ticket, to="high", by=agent)
    properties.set_spam(ticket=other, is_spam=True, by=agent)
    assert {figure: reports_facts.number(then, lead, figure) for figure in figures} == before
    now_told = {figure: reports_facts.number(week(), lead, figure) for figure in figures}
    assert now_told == {"kept": 0, "missed": 0, "running": 2, "overdue": 0, "resolved": 1, "reopened": 1, "backlog": 1,
                        "opened": 1}  # fmt: skip


def test_tags_and_topics__changed_since__are_told_as_they_were(lead: Staff, agent: Staff, move_time: Move) -> None:
    ticket = mail_ticket()
    properties.set_tags(ticket=ticket, names=["swap", "fees"], by=agent)
    then = week()
    move_time(timedelta(minutes=5))
    properties.set_tags(ticket=ticket, names=["fees", "phishing"], by=agent)
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)

    def tags(question: Asked) -> set[str]:
        return {key[0] for key in reports_facts.counted(question, lead, "tagged", (("tag",),))["tag",]}

    assert (tags(then), tags(week())) == ({"swap", "fees"}, {"fees", "phishing"})
    topics = [list(reports_facts.counted(one, lead, "opened", (("topic",),))["topic",]) for one in (then, week())]
    assert topics[0] == [(None,)]
    assert topics[1] == [(TopicFactory.create().pk,)]
