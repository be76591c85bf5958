"""Voice messages and recorded talks: owed when the provider tells of one, fetched from its API alone, then deleted."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit, doorbell, files
from core.clock import DatabaseNow, from_now
from core.models import StoredFile
from tickets.channels.phone import client, transcripts
from tickets.channels.phone.client import SID
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import Message, PhoneCall, PhoneRecording, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import landing, phone_tickets, replies, timeline
from tickets.services.senders import NewFile

log = structlog.get_logger(__name__)

FETCH: Final = "tickets.phone_recording"
LEASE_S, RETRY_S, MAX_TRIES, TRANSCRIPT_TRIES = 90, 5, 12, 3
State = PhoneRecording.State


class _LeaseLost(Exception):
    """Another worker has taken over: nothing of this one stays."""


def owe(*, call: PhoneCall, form: Mapping[str, str], is_talk: bool = False) -> bool:
    """Owe the fetching of what the provider has recorded, once, for the locked `call`; False when it is nothing.

    A talk that nobody agreed to have recorded is nothing: it is never fetched.
    """
    sid, seconds = form.get("RecordingSid", ""), form.get("RecordingDuration", "0")
    if not SID.match(sid) or form.get("RecordingStatus", "completed") != "completed":
        return False
    if is_talk and call.recording_agreed_at is None:
        return False
    row = PhoneRecording(
        call=call,
        kind=PhoneRecording.Kind.TALK if is_talk else PhoneRecording.Kind.MESSAGE,
        agreed_at=call.recording_agreed_at if is_talk else None,
        sid=sid,
        duration_s=int(seconds) if seconds.isdecimal() else 0,
    )
    PhoneRecording.objects.bulk_create([row], ignore_conflicts=True)
    kept = PhoneRecording.objects.get(sid=sid)
    if kept.public_id == row.public_id:
        phone_tickets.open_for(call)
        phone_tickets.tell(call, "phone_recorded" if is_talk else "phone_voicemail")
        audit.record("phone.recording_owed", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))
        doorbell.ring(FETCH, kept.pk)
    return True


def keep(*, pk: int) -> None:
    """Do what is next for one recording, if it is due and nobody else is at it: fetch, write down, or delete it."""
    row = PhoneRecording.claim_row(pk, lease_s=LEASE_S)
    if row is None or row.lease_token is None:
        return
    token, from_state = row.lease_token, row.state
    try:
        _NEXT[from_state](row, token)
    except VendorAway as away:
        if row.attempts < MAX_TRIES:
            wait_s = RETRY_S * 2 ** min(row.attempts - 1, 8)
            PhoneRecording.settle(pk, token, state=from_state, error=str(away), retry_in_s=wait_s)
            return
        _give_up(row, token, str(away))
    except VendorRefused as refused:
        _give_up(row, token, str(refused))
    except _LeaseLost:
        return


def heard(*, ticket: Ticket, public_id: str, by: Staff) -> bytes | None:
    """Return a recorded talk of a ticket to somebody who may see it, which is recorded; None when there is none."""
    found = PhoneRecording.objects.filter(public_id=public_id, call__ticket=ticket, file__isnull=False)
    row = found.select_related("file").first()
    if row is None or row.file is None:
        return None
    audit.record("phone.recording_heard", actor=by.actor, obj=("phone_recording", row.public_id))
    return files.read(row.file)


def expire() -> int:
    """Let recordings whose days are over be deleted; return how many."""
    over = PhoneRecording.objects.filter(state=State.KEPT, expires_at__lt=DatabaseNow())
    return over.update(state=State.EXPIRED, attempts=0, next_attempt_at=DatabaseNow())


def _fetch(row: PhoneRecording, token: uuid.UUID) -> None:
    _attach(row, token, client.recording(row.call.line, row.sid, limit=settings.MAX_UPLOAD_BYTES))


def _write_down(row: PhoneRecording, token: uuid.UUID) -> None:
    """Have a machine write down what was said, as a note for ourselves; without its answer there is none."""
    content = _content(row)
    try:
        text = transcripts.of(content, language=row.call.language) if content is not None else ""
    except Exception as error:
        log.warning("transcript_failed", recording=row.public_id, error=type(error).__name__)
        if row.attempts < TRANSCRIPT_TRIES:
            raise VendorAway(type(error).__name__) from error
        text = ""
    with transaction.atomic(), audit.together():
        call = _call(row)
        if text and call.ticket is not None and call.ticket.status != Status.CLOSED:
            replies.add_bot_note(ticket=timeline.lock(call.ticket), bot=transcripts.NAME, text=text)
        if not PhoneRecording.settle(row.pk, token, state=State.KEPT):
            raise _LeaseLost
        audit.record("phone.recording_written", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _delete(row: PhoneRecording, token: uuid.UUID) -> None:
    """Delete it at the provider, then here; a voice message's own file stays with its message."""
    client.delete_recording(row.call.line, row.sid)
    with transaction.atomic(), audit.together():
        call = _call(row)
        if not PhoneRecording.settle(row.pk, token, state=State.DELETED, file=None):
            raise _LeaseLost
        if row.file_id is not None:
            files.remove_unnamed(StoredFile.objects.filter(pk=row.file_id))
            phone_tickets.tell(call, "phone_recording_deleted")
        audit.record("phone.recording_deleted", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _content(row: PhoneRecording) -> bytes | None:
    attached = row.message.attachments.kept().first() if row.message is not None else None
    found = row.file if row.file is not None else attached.kept_file if attached is not None else None
    return files.read(found) if found is not None else None


_NEXT: Final[dict[str, Callable[[PhoneRecording, uuid.UUID], None]]] = {
    State.WAITING: _fetch,
    State.FETCHED: _write_down,
    State.EXPIRED: _delete,
}


def _attach(row: PhoneRecording, token: uuid.UUID, content: bytes) -> None:
    with files.all_or_none(), transaction.atomic(), audit.together():
        call = _call(row)
        kept: dict[str, Any] = {}
        if row.kind == PhoneRecording.Kind.TALK:
            kept["file"] = files.store(content, name="call.mp3")
        else:
            kept["message"] = _message(call, row.duration_s, content)
        kept["expires_at"] = from_now(timedelta(days=call.line.keep_recordings_days))
        state = State.FETCHED if transcripts.is_there() else State.KEPT
        if not PhoneRecording.settle(row.pk, token, state=state, attempts=0, **kept):
            raise _LeaseLost
        audit.record("phone.recording_kept", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _message(call: PhoneCall, seconds: int, content: bytes) -> Message:
    """Say on the call's ticket what was said; a ticket that was closed meanwhile is followed by another.

    Where it was merged into the ticket of somebody else, the caller is somebody else there, whom staff alone hear.
    """
    former = call.ticket
    if call.ticket is not None:
        call.ticket = landing.lock(call.ticket)
    if call.ticket is not None and call.ticket.status == Status.CLOSED:
        call.ticket = None
    ticket = timeline.lock(phone_tickets.open_for(call))
    sender = phone_tickets.sender_of(call, ticket.requester)
    if former is not None and call.ticket == ticket and former.requester_id != ticket.requester_id:
        caller = former.requester
        sender = replace(sender, role=Message.SenderRole.THIRD_PARTY, customer=caller, name=caller.name)
    with translation.override(call.language or settings.LANGUAGE_CODE):
        text = _("Voice message of %(seconds)s seconds") % {"seconds": seconds}
    return replies.add_locked(
        ticket=ticket,
        sender=sender,
        channel=Channel.PHONE,
        words=replies.Words(text=text, language=call.language),
        attached=[NewFile(name="voice-message.mp3", content=content)],
    )


def _give_up(row: PhoneRecording, token: uuid.UUID, reason: str) -> None:
    log.warning("recording_given_up", recording=row.public_id, reason=reason)
    with transaction.atomic(), audit.together():
        if PhoneRecording.settle(row.pk, token, state=State.FAILED, error=reason):
            lost = "phone_recording_lost" if row.kind == PhoneRecording.Kind.TALK else "phone_voicemail_lost"
            phone_tickets.tell(_call(row), lost)
            audit.record("phone.recording_lost", actor=audit.SYSTEM, obj=("phone_recording", row.public_id))


def _call(row: PhoneRecording) -> PhoneCall:
    locked = PhoneCall.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("line__team", "reason__topic", "ticket", "customer").get(pk=row.call_id)
