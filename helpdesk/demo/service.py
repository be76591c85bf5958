"""The demo's service levels and shifts: what is promised, how the demo's own past fared, and who is on this week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Presence, Staff, Team
from accounts.permissions import Permission
from helpdesk.demo import cast
from tickets.escalation.vocabulary import Action, After
from tickets.models import (
    EscalationChain,
    OnCallSchedule,
    SlaCalendar,
    SlaClock,
    SlaPolicy,
    SlaPolicyVersion,
    SlaTeamCalendar,
    Ticket,
)
from tickets.models.ticket import Priority
from tickets.selectors import sla_simulation
from tickets.selectors.sla_terms import Promise
from tickets.services import shifts, sla_clocks, sla_policies
from tickets.sla.case_clocks import CaseClocks, Terms
from tickets.sla.replay import Past, replay

HOUR = 60
DAY = 24 * HOUR
# Minutes by metric, for urgent, high, normal and low.
Targets = Mapping[str, tuple[int, int, int, int]]
STANDARD: Targets = {
    "first_response": (HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR),
    "next_response": (2 * HOUR, 8 * HOUR, 16 * HOUR, 48 * HOUR),
    "resolution": (DAY, 3 * DAY, 6 * DAY, 14 * DAY),
    "update_every": (DAY, 2 * DAY, 4 * DAY, 7 * DAY),
}
CHAT: Targets = {
    "first_response": (2, 2, 3, 5),
    "next_response": (3, 3, 5, 10),
    "resolution": (4 * HOUR, 8 * HOUR, 24 * HOUR, 48 * HOUR),
}
PRIORITIES = ("urgent", "high", "normal", "low")
# Who is on the chat's team in which hours of their own day, all week: the sun is followed from Seoul to Toronto.
ROTA = {
    "minseo": (8, 16),
    "xiao": (9, 17),
    "yuki": (16, 23),
    "layla": (9, 17),
    "deniz": (12, 20),
    "agent": (8, 16),
    "rosa": (14, 22),
    "owen": (8, 17),
}
DAYS_PLANNED = 7
ON_CALL = ("lead", "owen", "yu")
ON_CALL_DAYS = 2
NOTED_BY = "owen"
NOTE = "Two withdrawals wait for a second approval. The network notice for Polygon is still up."


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """One policy: what it promises, and which cases it is about."""

    name: str
    position: int
    targets: Targets
    channels: tuple[str, ...] = ()


POLICIES = (DemoPolicy("Chat", 10, CHAT, ("chat",)), DemoPolicy("Standard", 100, STANDARD))


def write(tickets: Sequence[Ticket], *, staff: Mapping[str, Staff], teams: Mapping[str, Team], now: datetime) -> None:
    """Put the policies into force, as if they had held all the time, and plan a week; nothing where policies are."""
    if SlaPolicy.objects.exists():
        return
    SlaCalendar.objects.create(name="Around the clock", is_always=True, is_default=True)
    office = SlaCalendar.objects.create(
        name="Zurich office",
        time_zone="Europe/Zurich",
        weekly="mon-fri 09:00-12:30 13:30-18:00",
        country="CH",
        part="ZH",
    )
    SlaTeamCalendar.objects.create(calendar=office, team=teams["compliance"])
    versions = [_put_into_force(one, by=staff[cast.TRAINER]) for one in POLICIES]
    _tell_the_past(tickets, versions, {teams["compliance"].pk: office}, now)
    _escalate(staff, now)
    _speak(staff)
    _plan(staff, now)


def _put_into_force(one: DemoPolicy, *, by: Staff) -> SlaPolicyVersion:
    targets = {metric: dict(zip(PRIORITIES, minutes, strict=True)) for metric, minutes in one.targets.items()}
    version = SlaPolicyVersion.objects.create(
        policy=SlaPolicy.objects.create(name=one.name),
        position=one.position,
        channels=list(one.channels),
        targets=targets,
        pauses_in=["pending", "on_hold"],
    )
    sla_policies.put_into_force(version=version, by=by)
    return version


def _tell_the_past(
    tickets: Sequence[Ticket], versions: Sequence[SlaPolicyVersion], calendars: Mapping[int, SlaCalendar], now: datetime
) -> None:
    """Write the clocks that the cases would have by now, and what the queue shows of them."""
    chat, standard = versions
    default = SlaCalendar.objects.get(is_default=True)
    cases = [one for one in tickets if not one.is_spam]
    past = sla_simulation.past_of([one.pk for one in cases])
    rows: list[SlaClock] = []
    for ticket in cases:
        version = chat if ticket.channel in chat.channels else standard
        calendar = calendars.get(ticket.team_id or 0, default)
        rows += _clocks(ticket, Promise.of(version, calendar, ticket.priority), past.get(ticket.pk, []), now)
    SlaClock.objects.bulk_create(rows, batch_size=500)
    Ticket.objects.bulk_update(cases, sla_clocks.SHOWN, batch_size=500)


def _clocks(ticket: Ticket, promise: Promise, past: Sequence[Past], now: datetime) -> list[SlaClock]:
    def terms_of(priority: str) -> Terms:
        return Promise.of(promise.version, promise.calendar, priority).terms

    began = next((step.before for step in past if step.what == "priority"), ticket.priority)
    is_asked = bool(past) and past[0].what == "asked"
    case = CaseClocks(promise.terms, replay(terms_of, priority=began, is_asked=is_asked, past=past, until=now))
    for one in case.clocks:
        # Nothing of the past is taken back.
        one.undo = None
    ticket.is_awaiting_reply = case.waits()
    return sla_clocks.rows_of(ticket=ticket, promise=promise, case=case)


def _escalate(staff: Mapping[str, Staff], now: datetime) -> None:
    """Make a rotation of those who are on call, and the chain that calls them when a promise is missed."""
    first = now.astimezone(ZoneInfo("UTC")).date() - timedelta(days=7)
    rotation = OnCallSchedule.objects.create(name="On call", begins_on=first, turn_days=ON_CALL_DAYS)
    for position, name in enumerate(ON_CALL):
        rotation.participants.create(staff=staff[name], position=position)
    chain = EscalationChain.objects.create(name="Nothing is missed in silence", takes_customers=True)
    steps: list[dict[str, Any]] = [
        {"after": After.WARNED, "action": Action.PAGE, "to_assignee": True},
        {"after": After.BREACHED, "action": Action.ON_CALL, "schedule": rotation},
        {"after": After.PREVIOUS, "minutes": 15, "action": Action.PAGE, "staff": staff["lead"], "is_urgent": True},
        {"after": After.PREVIOUS, "minutes": 30, "action": Action.PRIORITY, "priority": Priority.URGENT},
    ]
    for position, step in enumerate(steps):
        chain.steps.create(position=position, **step)


def _speak(staff: Mapping[str, Staff]) -> None:
    """Say who takes chats in which language: English each agent, and the one they have chosen for themselves."""
    Presence.objects.bulk_create(
        [
            Presence(staff=person, languages=sorted({"en", person.locale or "en"}))
            for person in staff.values()
            if person.has(Permission.TICKET_REPLY)
        ],
        ignore_conflicts=True,
    )


def _plan(staff: Mapping[str, Staff], now: datetime) -> None:
    """Plan a week of shifts from yesterday on; who has the one before leaves a note."""
    lead = staff["lead"]
    for name, (starts, ends) in ROTA.items():
        person = staff[name]
        first = now.astimezone(ZoneInfo(person.time_zone)).date() - timedelta(days=1)
        planned = [
            shifts.plan(staff=person, day=first + timedelta(days=day), starts=time(starts), ends=time(ends), by=lead)
            for day in range(DAYS_PLANNED)
        ]
        if name == NOTED_BY:
            shifts.note(shift=planned[0], text=NOTE, by=person)
