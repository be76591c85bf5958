"""Assign: eight workers give what waits in a team to who is free; what one claim alone costs; none double, and fair."""

import statistics
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from django.db import connection

from accounts.models import Presence, Staff, Team
from bench import ground
from bench.report import Measured, Row, Target, row
from core.clock import DatabaseNow
from livechat.services import presence
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.support.databases import TestStores
from tickets.models import Decision, Ticket
from tickets.services import assignment

WORKERS, PEOPLE, TICKETS, ROUNDS = 8, 20, 100, 3
# Less than whoever has no open desk counts as there.
PATIENCE_S = 40.0
FLOOR = 100
LEAST_PER_S = 25.0


def measure(stores: TestStores, size: int) -> Measured:
    """Measure the floor, then races until nothing waits."""
    measured = Measured("assign", size)
    with ExitStack() as stack:
        stack.enter_context(ground.pointed_at(stack.enter_context(ground.prepared(stores))))
        team = _team()
        person = Presence.objects.order_by("pk")[0].pk
        claims = row("floor: one conditional UPDATE", [[ground.timed(partial(_claim, person)) for _ in range(FLOOR)]])
        mail_ticket(address="first@example.com", team=team)
        sql = ground.statements(lambda: assignment.assign_next(team))
        raced = _races(team, sql, claims)
        double, beyond = _double(), _beyond()
    measured.floors = {"claim_p50_ms": claims.p50_ms}
    measured.results += [claims, raced]
    measured.targets += [
        Target("given a second by eight workers", raced.per_s, LEAST_PER_S, is_least=True),
        Target("tickets given twice", double, 0.0),
        Target("most beyond the least that one person got", beyond, 2.0),
    ]
    return measured


def _team() -> Team:
    """Make a team that assigns in turn, with people who are online and have room."""
    MailboxFactory.create()
    team: Team = TeamFactory.create(name="Assign", slug="assign", assigns_tickets=True, method=Team.Method.ROUND_ROBIN)
    for number in range(PEOPLE):
        person: Staff = StaffFactory.create(email=f"assign{number}@pharos.test")
        team.memberships.create(staff=person)
        presence.say(person=person, state="online")
    Presence.objects.update(ticket_capacity=200)
    _at_their_desks()
    return team


def _at_their_desks() -> None:
    """Open everybody's desk, for as long as that counts."""
    Presence.objects.update(seen_at=DatabaseNow(), active_at=DatabaseNow())


def _claim(person: int) -> None:
    Presence.objects.filter(pk=person, given__gte=0).update(given=0)


def _races(team: Team, sql: int, floor: Row) -> Row:
    rounds: list[list[float]] = []
    rates: list[float] = []
    for number in range(ROUNDS):
        for one in range(TICKETS):
            mail_ticket(address=f"c{number}-{one}@example.com", team=team)
        _at_their_desks()
        spans: list[float] = []
        threads = [threading.Thread(target=_work, args=(team, spans)) for _worker in range(WORKERS)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rates.append(len(spans) / (time.perf_counter() - started))
        rounds.append(spans)
        left = Ticket.objects.filter(team=team, assignee__isnull=True).count()
        if left or len(spans) != TICKETS:
            message = f"{len(spans)} of {TICKETS} were given, {left} are left."
            raise RuntimeError(message)
    middle = statistics.median(ms for one in rounds for ms in one)
    summed = row(f"{WORKERS} workers, each claim", rounds, sql=sql, ratio=round(floor.p50_ms / middle, 3))
    return replace(summed, per_s=round(statistics.median(rates), 1))


def _work(team: Team, spans: list[float]) -> None:
    """Give until nothing waits; a look that found everything held by others is looked at again."""
    give_up = time.monotonic() + PATIENCE_S
    try:
        while time.monotonic() < give_up and Ticket.objects.filter(team=team, assignee__isnull=True).exists():
            started = time.perf_counter()
            _ticket, is_given = assignment.assign_next(team)
            if is_given:
                spans.append((time.perf_counter() - started) * 1000)
    finally:
        connection.close()


def _double() -> int:
    return sum(1 for number in Counter(Decision.objects.values_list("ticket", flat=True)).values() if number > 1)


def _beyond() -> int:
    held = Counter(Decision.objects.values_list("staff", flat=True))
    return max(held.values()) - min(held[pk] for pk in Presence.objects.values_list("pk", flat=True))
