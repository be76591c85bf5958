"""Voice messages: owed when the provider tells of one, fetched from its API alone, put on the ticket as a file."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit, doorbell, files
from tickets.channels.phone import client
from tickets.channels.phone.client import SID
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import Message, PhoneCall, PhoneRecording
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import phone_tickets, replies, timeline
from tickets.services.senders import NewFile

log = structlog.get_logger(__name__)

FETCH: Final = "tickets.phone_recording"
LEASE_S, RETRY_S, MAX_TRIES = 60, 5, 12
State = PhoneRecording.State


class _LeaseLost(Exception):
    """Another worker has taken over: nothing of this one stays."""


def owe(*, call: PhoneCall, form: Mapping[str, str]) -> bool:
    """Owe the fetching of what the provider has recorded, once, for the locked `call`; False when it is nothing."""
    sid, seconds = form.get("RecordingSid", ""), form.get("RecordingDuration", "0")
    if not SID.match(sid) or form.get("RecordingStatus", "completed") != "completed":
        return False
    row = PhoneRecording(call=call, sid=sid, duration_s=int(seconds) if seconds.isdecimal() else 0)
    PhoneRecording.objects.bulk_create([row], ignore_conflicts=True)
    kept = PhoneRecording.objects.get(sid=sid)
    if kept.public_id == row.public_id:
        phone_tickets.open_for(call)
        phone_tickets.tell(call, "phone_voicemail")
        audit.record("phone.recording_owed", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))
        doorbell.ring(FETCH, kept.pk)
    return True


def keep(*, pk: int) -> None:
    """Fetch one recording and put it on its ticket, if it is due and nobody else is at it."""
    row = PhoneRecording.claim_row(pk, lease_s=LEASE_S)
    if row is None or row.lease_token is None:
        return
    token = row.lease_token
    try:
        content = client.recording(row.call.line, row.sid, limit=settings.MAX_UPLOAD_BYTES)
    except VendorAway as away:
        if row.attempts < MAX_TRIES:
            wait_s = RETRY_S * 2 ** min(row.attempts - 1, 8)
            PhoneRecording.settle(pk, token, state=State.WAITING, error=str(away), retry_in_s=wait_s)
            return
        _give_up(row, token, str(away))
    except VendorRefused as refused:
        _give_up(row, token, str(refused))
    else:
        with suppress(_LeaseLost):
            _attach(row, token, content)


def _attach(row: PhoneRecording, token: uuid.UUID, content: bytes) -> None:
    with files.all_or_none(), transaction.atomic(), audit.together():
        call = _call(row)
        message = _message(call, row.duration_s, content)
        if not PhoneRecording.settle(row.pk, token, state=State.KEPT, message=message):
            raise _LeaseLost
        audit.record("phone.recording_kept", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _message(call: PhoneCall, seconds: int, content: bytes) -> Message:
    """Say on the call's ticket what was said; a ticket that was closed meanwhile is followed by another."""
    if call.ticket is not None and call.ticket.status == Status.CLOSED:
        call.ticket = None
    ticket = timeline.lock(phone_tickets.open_for(call))
    with translation.override(call.language or settings.LANGUAGE_CODE):
        text = _("Voice message of %(seconds)s seconds") % {"seconds": seconds}
    return replies.add_locked(
        ticket=ticket,
        sender=phone_tickets.sender_of(call, ticket.requester),
        channel=Channel.PHONE,
        words=replies.Words(text=text, language=call.language),
        attached=[NewFile(name="voice-message.mp3", content=content)],
    )


def _give_up(row: PhoneRecording, token: uuid.UUID, reason: str) -> None:
    log.warning("recording_given_up", recording=row.public_id, reason=reason)
    with transaction.atomic(), audit.together():
        if PhoneRecording.settle(row.pk, token, state=State.FAILED, error=reason):
            phone_tickets.tell(_call(row), "phone_voicemail_lost")
            audit.record("phone.recording_lost", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _call(row: PhoneRecording) -> PhoneCall:
    locked = PhoneCall.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("line__team", "reason__topic", "ticket", "customer").get(pk=row.call_id)
