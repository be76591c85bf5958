"""Calls as the desk shows them: who calls and waits, one's own, and those of a ticket. Numbers are masked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q

from accounts.masking import masked_phone
from accounts.models import Presence, Staff, StaffPhone, Team
from accounts.permissions import ROLE_PERMISSIONS, Permission
from core.clock import DatabaseNow
from tickets.models import CallState, NumberCheck, PhoneCall, PhoneCallback, PhoneLine, PhoneRecording, Ticket
from tickets.models.phone_calls import LIVE

MOST: Final = 50
OF_TICKET: Final = 5
LEADING: Final = sorted(role for role, rights in ROLE_PERMISSIONS.items() if Permission.CHAT_LEAD in rights)


@dataclass(frozen=True, slots=True)
class CallShown:
    """One call in template terms."""

    public_id: str
    state: str
    state_name: str
    direction: str
    outcome: str
    outcome_name: str
    disposition_name: str
    number: str
    ticket: str
    ticket_number: int
    subject: str
    agent: str
    is_urgent: bool
    is_pin_proven: bool
    started_at: datetime
    queued_at: datetime | None
    needs_notes: bool


@dataclass(frozen=True, slots=True)
class CallbackShown:
    """One call-back that is open, in template terms."""

    public_id: str
    is_calling: bool
    number: str
    ticket: str
    ticket_number: int
    subject: str
    starts_at: datetime
    ends_at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class RecordingShown:
    """One recorded talk that is here, in template terms."""

    public_id: str
    seconds: int
    recorded_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody or something to choose."""

    value: str
    name: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The calls of a ticket, and what whoever looks may do."""

    calls: list[CallShown]
    talking: CallShown | None
    unfinished: CallShown | None
    number: str
    can_call: bool
    has_own_number: bool
    teams: list[Choice]
    people: list[Choice]
    leads: list[Choice]
    dispositions: list[tuple[str, str]]
    callbacks: list[CallbackShown]
    recordings: list[RecordingShown]


def live(person: Staff) -> dict[str, list[CallShown]]:
    """Return what rings and waits, who talks, and one's own calls that are not finished; three lists, one query."""
    seen = Q(ticket__in=Ticket.objects.visible_to(person)) | Q(ticket__isnull=True, line__team__in=_teams(person))
    mine = Q(agent=person.pk)
    now = Q(state__in=[state for state in LIVE if state != CallState.MENU])
    unfinished = mine & Q(outcome=PhoneCall.Outcome.ANSWERED, disposition="")
    rows = PhoneCall.objects.filter(seen, now | unfinished).select_related("ticket", "agent")
    found = [shown(row, person) for row in rows.order_by("-is_urgent", "queued_at", "pk")[:MOST]]
    return {
        "waiting": [one for one in found if one.state in {CallState.QUEUED, CallState.RINGING}],
        "talking": [one for one in found if one.state in {CallState.TALKING, CallState.VOICEMAIL}],
        "unfinished": [one for one in found if one.needs_notes],
    }


def panel(ticket: Ticket, person: Staff) -> Panel:
    """Return the panel of a ticket."""
    rows = list(ticket.phone_calls.select_related("ticket", "agent", "line").order_by("-pk")[:OF_TICKET])
    found = [shown(row, person) for row in rows]
    talking = next((row for row in rows if row.state == CallState.TALKING and row.agent_id == person.pk), None)
    is_incoming = talking is not None and talking.direction == PhoneCall.Direction.IN
    number = ticket.requester_address if ticket.requester_address.startswith("+") else ""
    phones = [] if number else list(ticket.requester.addresses.filter(kind="phone").values_list("value", flat=True)[:1])
    return Panel(
        calls=found,
        talking=next((one for one in found if talking is not None and one.public_id == talking.public_id), None),
        unfinished=next((one for one in found if one.needs_notes), None),
        number=masked_phone(number or (phones[0] if phones else "")) if number or phones else "",
        can_call=person.has(Permission.TICKET_REPLY),
        has_own_number=StaffPhone.objects.filter(staff=person).exists(),
        teams=[Choice(f"team:{one.public_id}", one.name) for one in _teams(person)] if is_incoming else [],
        people=_people(talking, person) if is_incoming and talking is not None else [],
        leads=_leads(person) if is_incoming else [],
        dispositions=[(value, str(label)) for value, label in PhoneCall.Disposition.choices],
        callbacks=_callbacks(Q(ticket=ticket)),
        recordings=_recordings(ticket),
    )


def shown(call: PhoneCall, person: Staff) -> CallShown:
    """Return a call as the desk shows it."""
    is_answered = call.outcome == PhoneCall.Outcome.ANSWERED
    return CallShown(
        public_id=call.public_id,
        state=call.state,
        state_name=str(CallState(call.state).label),
        direction=call.direction,
        outcome=call.outcome,
        outcome_name=call.get_outcome_display(),
        disposition_name=call.get_disposition_display(),
        number=call.shown_number,
        ticket=call.ticket.public_id if call.ticket else "",
        ticket_number=call.ticket.number if call.ticket else 0,
        subject=call.ticket.subject if call.ticket else "",
        agent=call.agent.name if call.agent else "",
        is_urgent=call.is_urgent,
        is_pin_proven=call.is_pin_proven,
        started_at=call.started_at,
        queued_at=call.queued_at,
        needs_notes=is_answered and not call.disposition and call.agent_id == person.pk,
    )


def callbacks(person: Staff) -> list[CallbackShown]:
    """Return who is to be called back, the next first."""
    return _callbacks(Q(ticket__in=Ticket.objects.visible_to(person)))


def _callbacks(which: Q) -> list[CallbackShown]:
    rows = PhoneCallback.objects.filter(which, state__in=["waiting", "calling"]).select_related("ticket")
    return [
        CallbackShown(
            public_id=row.public_id,
            is_calling=row.state == PhoneCallback.State.CALLING,
            number=row.shown_number,
            ticket=row.ticket.public_id,
            ticket_number=row.ticket.number,
            subject=row.ticket.subject,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            tries=row.tries,
        )
        for row in rows.order_by("starts_at", "pk")[:MOST]
    ]


def _recordings(ticket: Ticket) -> list[RecordingShown]:
    rows = PhoneRecording.objects.filter(call__ticket=ticket, file__isnull=False).order_by("-pk")
    return [RecordingShown(row.public_id, row.duration_s, row.created_at, row.expires_at) for row in rows[:OF_TICKET]]


def line_with_key() -> PhoneLine | None:
    """Return the line by which calls are taken in the browser; None where none has a key."""
    return PhoneLine.objects.filter(is_active=True).exclude(sdk_key="").order_by("pk").first()


def number_of(person: Staff) -> str:
    """Return one's own number that was checked, masked."""
    own = StaffPhone.objects.filter(staff=person).first()
    return masked_phone(own.number) if own is not None else ""


def check_of(person: Staff) -> NumberCheck | None:
    """Return the check of one's own number that goes on."""
    return NumberCheck.objects.filter(staff=person, expires_at__gt=DatabaseNow()).first()


def _teams(person: Staff) -> list[Team]:
    return list(Team.objects.visible_to(person).order_by("name"))


def _people(call: PhoneCall, person: Staff) -> list[Choice]:
    there = Presence.objects.reachable().serving(team=call.team_id or call.line.team_id, language="")
    rows = there.exclude(staff=person).filter(staff__phone__isnull=False).select_related("staff")
    return [Choice(f"staff:{one.staff.public_id}", one.staff.name) for one in rows.order_by("staff__name")[:MOST]]


def _leads(person: Staff) -> list[Choice]:
    leading = Staff.objects.filter(is_active=True, role__in=LEADING, phone__isnull=False)
    return [Choice(one.public_id, one.name) for one in leading.exclude(pk=person.pk).order_by("name")[:MOST]]
