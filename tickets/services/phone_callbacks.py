"""Call-backs: chosen by the caller, placed by a lease when their time has come, given up in the sight of the team.

First somebody of ours is rung, as the engine of assignment says; once they have pressed 1 the customer is called.
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow, from_now, now
from tickets.channels.phone import twiml
from tickets.models import CallState, PhoneCall, PhoneCallback
from tickets.models.ticket import Status
from tickets.selectors import phone_slots
from tickets.selectors.phone_slots import Slot
from tickets.services import (
    errors,
    phone_numbers,
    phone_orders,
    phone_queue,
    phone_tickets,
    phone_words,
    properties,
    status,
    timeline,
)
from tickets.services.phone_turns import Asked, next_url, record, url_of

LEASE_S: Final = 60
TRIES: Final = 3
AGAIN: Final = timedelta(minutes=10)
NOBODY_FREE_S, NOT_TAKEN_S = 30, 60
# For so long after the promised time the first call is still worth something; then a person decides.
LATE: Final = timedelta(minutes=30)
CHOOSING_S: Final = 10
LEAVE_MESSAGE, GO_ON = "8", "9"
PLACE: Final = "tickets.place_callback"
State = PhoneCallback.State


class _NobodyIsFree(Exception):
    """Nobody could be rung: nothing of this try stays."""


def offer(call: PhoneCall, before: list[twiml.Said]) -> str:
    """Say the next slots; '' when there are none, or this caller cannot be called. The caller holds the call."""
    slots = phone_slots.free(call.line) if phone_slots.may_be_called_back(call) else []
    if not slots:
        return ""
    waits = call.state == CallState.QUEUED
    said = [*before, *phone_words.slots(call.language, slots, waits=waits)]
    after = next_url(call, "slot", s="-".join(str(one.stamp) for one in slots))
    return twiml.ask(said, action=after, otherwise=after, wait_s=CHOOSING_S)


def chosen(asked: Asked, call: PhoneCall) -> Slot | None:
    """Return the slot that a key means, if it is free still."""
    stamps = str(asked.query.get("s", "")).split("-")
    wanted = stamps[int(asked.key) - 1] if asked.key.isdecimal() and 1 <= int(asked.key) <= len(stamps) else ""
    if not phone_slots.may_be_called_back(call):
        return None
    return next((one for one in phone_slots.free(call.line) if str(one.stamp) == wanted), None)


def promise(call: PhoneCall, slot: Slot) -> None:
    """Promise the locked call's number a call in a slot; one that is promised already moves there."""
    ticket = phone_tickets.open_for(call)
    row = PhoneCallback(
        line=call.line,
        ticket=ticket,
        asked_in=call,
        number=call.number,
        number_digest=_digest(call.number),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        next_attempt_at=slot.starts_at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row = _move(row)
    audit.record("phone.callback_promised", actor=audit.SYSTEM, obj=("phone_callback", row.public_id))
    phone_tickets.tell(call, "phone_callback_asked")


def _move(wanted: PhoneCallback) -> PhoneCallback:
    """Give the one that is open another time, and the newer ticket; one that is being called goes on."""
    locked = PhoneCallback.objects.select_for_update(of=("self",), no_key=True)
    row = locked.filter(number_digest=wanted.number_digest, state__in=[State.WAITING, State.CALLING]).get()
    PhoneCallback.objects.filter(pk=row.pk, state=State.WAITING).update(
        ticket=wanted.ticket,
        asked_in=wanted.asked_in,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        next_attempt_at=wanted.starts_at,
    )
    return row


def place(*, pk: int) -> None:
    """Ring somebody for one call-back, if it is due and nobody else is at it; too late it is given up."""
    row = PhoneCallback.claim_row(pk, lease_s=LEASE_S)
    if row is None or row.lease_token is None:
        return
    if row.ticket.status == Status.CLOSED:
        with transaction.atomic(), audit.together():
            _settle(row, State.CANCELLED)
        return
    if now() > row.ends_at + LATE * (row.tries + 1):
        _give_up(row)
        return
    try:
        with transaction.atomic(), audit.together():
            call = _ring(row)
            if not PhoneCallback.settle(pk, row.lease_token, state=State.CALLING, placed=call):
                raise _NobodyIsFree
            audit.record("phone.callback_placed", actor=audit.SYSTEM, obj=("phone_callback", row.public_id))
    except _NobodyIsFree:
        PhoneCallback.settle(pk, row.lease_token, state=State.WAITING, retry_in_s=NOBODY_FREE_S)


def _ring(row: PhoneCallback) -> PhoneCall:
    ticket = timeline.lock(row.ticket)
    call = PhoneCall.objects.create(
        line=row.line,
        direction=PhoneCall.Direction.OUT,
        state=CallState.RINGING,
        number=row.number,
        customer=ticket.requester,
        ticket=ticket,
        language=row.asked_in.language,
        is_urgent=row.asked_in.is_urgent,
        queued_at=DatabaseNow(),
    )
    record("phone.call_made", call)
    leg = phone_queue.ring_whose_turn_it_is(call)
    if leg is None:
        raise _NobodyIsFree
    PhoneCall.objects.filter(pk=call.pk).update(agent=leg.staff)
    phone_orders.place(
        line=row.line,
        number=phone_numbers.of(leg.staff),
        url=url_of(row.line, "bridge", call=call.public_id),
        status_url=url_of(row.line, "over", call=call.public_id),
        call=call,
    )
    return call


def ended(call: PhoneCall) -> None:
    """Draw the conclusion from a call of ours that has ended: talked, to be tried again, or given up."""
    locked = PhoneCallback.objects.select_for_update(of=("self",), no_key=True)
    row = locked.filter(placed=call, state=State.CALLING).select_related("ticket", "line__team").first()
    if row is None:
        return
    if call.outcome == PhoneCall.Outcome.ANSWERED:
        _settle(row, State.DONE)
    elif call.answered_at is None:
        _again(row, timedelta(seconds=NOT_TAKEN_S), tries=row.tries)
    elif row.tries + 1 < TRIES:
        _again(row, AGAIN * (row.tries + 1), tries=row.tries + 1)
    else:
        PhoneCallback.objects.filter(pk=row.pk).update(tries=row.tries + 1)
        _fail(row)


def cancel(*, callback: PhoneCallback, by: Staff) -> None:
    """Call nobody back; one that is being called cannot be cancelled. Raises Refused."""
    with transaction.atomic(), audit.together():
        waiting = PhoneCallback.objects.filter(pk=callback.pk, state=State.WAITING)
        if not by.has(Permission.TICKET_REPLY) or not waiting.update(state=State.CANCELLED):
            raise errors.Refused(_("This call-back is under way, or over."))
        audit.record("phone.callback_cancelled", actor=by.actor, obj=("phone_callback", callback.public_id))
        phone_tickets.tell(callback.asked_in, "phone_callback_cancelled", by=by)


def _again(row: PhoneCallback, after: timedelta, *, tries: int) -> None:
    PhoneCallback.objects.filter(pk=row.pk).update(
        state=State.WAITING, tries=tries, next_attempt_at=from_now(after), placed=None
    )
    audit.record("phone.callback_waits", actor=audit.SYSTEM, obj=("phone_callback", row.public_id))


def _settle(row: PhoneCallback, state: str) -> None:
    PhoneCallback.objects.filter(pk=row.pk).update(state=state)
    audit.record(
        "phone.callback_ended", actor=audit.SYSTEM, obj=("phone_callback", row.public_id), detail={"to": state}
    )


def _give_up(row: PhoneCallback) -> None:
    with transaction.atomic(), audit.together():
        if row.lease_token is not None and PhoneCallback.settle(row.pk, row.lease_token, state=State.FAILED):
            _fail(row)


def _fail(row: PhoneCallback) -> None:
    """Say on the ticket that nobody was reached, and lay it before the team once more."""
    _settle(row, State.FAILED)
    phone_tickets.tell(row.asked_in, "phone_callback_failed")
    ticket = timeline.lock(row.ticket)
    if ticket.status == Status.CLOSED:
        return
    if ticket.assignee_id is not None:
        properties.assign(ticket=ticket, to=None, by=None)
        ticket = timeline.lock(ticket)
    if ticket.status not in {Status.NEW, Status.OPEN}:
        status.move_locked(ticket=ticket, to=Status.OPEN, by=None)


def _digest(number: str) -> str:
    return hmac.digest(settings.CONVERSATION_KEY, f"call back {number}".encode(), hashlib.sha256).hex()
