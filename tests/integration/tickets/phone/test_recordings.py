"""Recorded talks: only after a yes, kept for the line's days, heard on record, deleted at both places, written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from core import files
from core.models import AuditEntry, StoredFile
from tests.cast import signed_in
from tests.integration.tickets.phone.conftest import OnCall
from tests.integration.tickets.phone.test_calls import events
from tests.support.small_twilio import MP3, RECORDING, Caller, SmallTwilio
from tickets.channels.phone import transcripts
from tickets.models import PhoneLine, PhoneRecording
from tickets.services import phone_recordings, phone_sweep, retention

FORM = {"RecordingSid": RECORDING, "RecordingDuration": "61", "RecordingStatus": "completed"}


class Typist:
    """Writes down the same for all; the first time it is away."""

    asked = 0

    def transcribe(self, content: bytes, *, language: str) -> str:
        Typist.asked += 1
        if Typist.asked == 1:
            raise OSError
        return f"{language}: where is my deposit?"


@pytest.fixture
def recorded(line: PhoneLine) -> PhoneLine:
    line.records_calls, line.keep_recordings_days = True, 30
    line.consent_words = "May we keep this talk for thirty days?"
    line.save(update_fields=["records_calls", "keep_recordings_days", "consent_words"])
    return line


def talked(caller: Caller, key: str) -> dict[str, Any]:
    """Talk with somebody; returns how the call was dialled."""
    caller.calls().presses("1").presses("1")
    assert "May we keep this talk for thirty days?" in caller.words
    caller.presses(key).waits()
    caller.answered_by()
    dial = caller.page.find("Dial")
    assert dial is not None
    return dict(dial.attrib)


def again(row: PhoneRecording) -> None:
    PhoneRecording.objects.filter(pk=row.pk).update(next_attempt_at=row.created_at)
    phone_recordings.keep(pk=row.pk)
    row.refresh_from_db()


@pytest.mark.parametrize("key", ["2", "7"])
def test_consent__not_given__nothing_is_recorded_and_nothing_is_fetched(
    recorded: PhoneLine, caller: Caller, on_call: OnCall, key: str
) -> None:
    on_call("Ada")
    assert "record" not in talked(caller, key)
    caller.ask(f"{caller.url('recording')}?kind=talk", **FORM)
    assert not PhoneRecording.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneRecording.objects.create(call=caller.call, kind="talk", sid="RE1")


def test_consent__given__is_kept_heard_on_record_and_deleted_at_both_places(
    client: Client, recorded: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio,
    move_time: Callable[[timedelta], None],
) -> None:  # fmt: skip
    ada = on_call("Ada")
    dial = talked(caller, "1")
    assert dial["record"] == "record-from-answer-dual"
    caller.ask(dial["recordingStatusCallback"], **FORM)
    caller.ask(dial["recordingStatusCallback"], **FORM)
    row = PhoneRecording.objects.get()
    phone_recordings.keep(pk=row.pk)
    row.refresh_from_db()
    assert (row.state, row.kind) == ("kept", "talk")
    assert row.file is not None
    assert row.expires_at is not None
    ticket = caller.call.ticket
    assert ticket is not None
    path = reverse("desk:call_recording", args=[ticket.public_id, row.public_id])
    desk = signed_in(client, ada)
    assert path in desk.get(reverse("desk:call_panel", args=[ticket.public_id])).content.decode()
    assert desk.get(path).content == MP3
    heard = AuditEntry.objects.get(action="phone.recording_heard")
    assert (heard.actor_id, heard.object_id) == (ada.public_id, row.public_id)
    kept, name = files.path(row.file), row.file.storage_name
    move_time(timedelta(days=31))
    retention.tidy()
    assert kept.exists(), "what a recording names is no file that nothing names"
    small_twilio.plan(f"{RECORDING}.json", (503, {}))
    phone_sweep.sweep()
    again(row)
    assert row.state == "expired", "the provider was away: it is tried again"
    again(row)
    assert PhoneRecording.objects.filter(state="deleted", file__isnull=True).exists()
    assert [verb for verb, _path, _form in small_twilio.asked] == ["GET", "DELETE", "DELETE"]
    assert not StoredFile.objects.filter(storage_name=name).exists()
    assert events(ticket)[-1] == "phone_recording_deleted"
    assert AuditEntry.objects.filter(action="phone.recording_deleted").exists()


def test_transcript__machine_away_once__is_a_note_that_customers_never_see(
    recorded: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio, settings: Settings
) -> None:
    on_call("Ada")
    caller.ask(talked(caller, "1")["recordingStatusCallback"], **FORM)
    settings.PHONE_TRANSCRIPTION = f"{__name__}:Typist"
    row = PhoneRecording.objects.get()
    for _step in range(3):
        again(row)
    assert row.state == "kept"
    assert caller.call.ticket is not None
    note = caller.call.ticket.messages.get(kind="note")
    assert (note.text, note.sender_name) == ("en: where is my deposit?", transcripts.NAME)
