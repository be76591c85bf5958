"""What a PBX tells of calls: kept first, acted on once each, by the services that the phone's own provider leads to."""

import hashlib

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from tickets.channels.phone import cti
from tickets.channels.phone.cti import CallEvent
from tickets.models import CallState, PhoneCall, PhoneLine
from tickets.services import phone_joining, phone_queue, phone_tickets
from tickets.services.phone_turns import move, record

STEP = "cti"
SID = "PBX"


def name_of(event: CallEvent) -> str:
    """Return what names an event of a line: its id, whatever else it says the second time."""
    return hashlib.sha256(f"cti {event.event_id}".encode()).hexdigest()


def act(line: PhoneLine, event: CallEvent) -> str:
    """Do what an event says and return where the call is now. Within the caller's transaction, which holds the event.

    They may come in any order: what is said of a call that has ended changes nothing.
    """
    call = _call(line, event)
    if call.state == CallState.ENDED:
        return str(call.state)
    PhoneCall.objects.filter(pk=call.pk).update(seen_at=DatabaseNow())
    if event.kind == cti.RINGING:
        _ring(call)
    elif event.kind == cti.ANSWERED:
        _answer(call, event)
    else:
        if event.was_answered and call.answered_at is None:
            call.answered_at = call.started_at
            PhoneCall.objects.filter(pk=call.pk).update(answered_at=call.started_at)
        phone_joining.end(call)
    return str(call.state)


def _call(line: PhoneLine, event: CallEvent) -> PhoneCall:
    """Return the call, locked; whatever is said of it first writes it."""
    sid = SID + hashlib.sha256(f"{line.public_id} {event.call}".encode()).hexdigest()[:40]
    language = event.language if event.language in line.languages else line.languages[0]
    row = PhoneCall(line=line, sid=sid, direction=PhoneCall.Direction.IN, number=event.number, language=language)
    PhoneCall.objects.bulk_create([row], ignore_conflicts=True)
    if PhoneCall.objects.filter(public_id=row.public_id).exists():
        audit.record("phone.call_came", actor=audit.SYSTEM, obj=("phone_call", row.public_id))
    rows = PhoneCall.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("line__team", "reason__topic", "ticket", "customer").get(sid=sid)


def _ring(call: PhoneCall) -> None:
    if call.state == CallState.MENU:
        phone_tickets.open_for(call)
        move(call, CallState.RINGING, queued_at=DatabaseNow())
        phone_tickets.tell(call, "phone_queued")


def _answer(call: PhoneCall, event: CallEvent) -> None:
    """Give the call to whoever the PBX says has it; one whom we do not know is nobody of ours."""
    _ring(call)
    person = Staff.objects.filter(email=event.agent, is_active=True).first() if event.agent else None
    if call.state != CallState.RINGING:
        return
    if person is None:
        record("phone.answered_by_nobody_known", call)
        PhoneCall.objects.filter(pk=call.pk, answered_at__isnull=True).update(answered_at=DatabaseNow())
        return
    leg = phone_queue.hold(call, person)
    if leg is not None:
        phone_queue.accept(leg)
    move(call, CallState.TALKING, answered_at=DatabaseNow(), agent=person)
    phone_tickets.answered(call, by=person)
