"""Mail that crashes or hangs its reader is tried three times, put aside, and stops nobody (F19)."""

import sys
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.factories.tickets import MailboxFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.channels.email import reading
from tickets.channels.email.parse import Unparsable
from tickets.models import InboundMail, Message, Ticket
from tickets.services import intake, retention


def due(row: InboundMail) -> None:
    InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")


@pytest.fixture
def _hanging_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ISOLATE_FROM_BYTES", 0)
    monkeypatch.setattr(reading, "CHILD_TIMEOUT_S", 0.001)


@pytest.mark.usefixtures("_hanging_reader")
def test_accept__reader_hangs__three_tries_then_put_aside_and_the_next_mail_passes(
    mail: Mail, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = mail.store(letter(subject="poison"))
    for attempt in (1, 2):
        intake.accept(inbound_pk=poison.pk)
        poison.refresh_from_db()
        assert (poison.state, poison.attempts, poison.last_error) == ("stored", attempt, "ReaderDied")
        due(poison)
    intake.accept(inbound_pk=poison.pk)
    poison.refresh_from_db()
    assert (poison.state, poison.reason) == ("quarantined", "reader_died")
    assert "Subject: poison" in poison.preview
    monkeypatch.setattr(reading, "CHILD_TIMEOUT_S", 30)
    assert mail.take(letter()).state == "processed"
    assert Ticket.objects.count() == 1


def test_read__large_mail__is_read_in_a_child_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = letter(text="word " * 500)
    here = reading.read(raw, is_suspect=False)
    monkeypatch.setattr(reading, "ISOLATE_FROM_BYTES", 100)
    assert reading.read(raw, is_suspect=False) == here


def test_read__unparsable_in_the_child__says_why() -> None:
    with pytest.raises(Unparsable) as refused:
        reading.read(letter(sender="a@good.example <b@evil.example>"), is_suspect=True)
    assert refused.value.reason
    assert refused.value.sentence


def test_read__child_without_answer__is_a_dead_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(reading.ReaderDied):
        reading.read(letter(), is_suspect=True)


def test_tidy__raw_mail_past_its_life__is_wiped_and_waiting_mail_is_not(
    clone_db: str, move_time: Callable[[timedelta], None], mail: Mail
) -> None:
    handled, waiting = mail.take(letter()), mail.store(letter())
    assert retention.tidy() == (0, 0)
    move_time(timedelta(days=31))
    young = mail.take(letter())
    assert retention.tidy() == (1, 0)
    assert set(InboundMail.objects.exclude(raw=b"").values_list("pk", flat=True)) == {waiting.pk, young.pk}
    assert handled.state == "processed"


def test_accept__eight_workers_at_once__is_one_message(clone_db: str, mail: Mail) -> None:
    row = mail.store(letter())
    ready = threading.Barrier(8)

    def work() -> None:
        ready.wait(10)
        try:
            intake.accept(inbound_pk=row.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert Ticket.objects.count() == 1
    assert Message.objects.filter(kind="reply").count() == 1


def test_f8_two_boxes_by_two_workers_at_once__are_linked(clone_db: str, mail: Mail) -> None:
    billing = MailboxFactory.create(slug="billing", address="billing@pharos.test", trusted_authserv_id="mx.pharos.test")
    raw = letter()
    rows = [mail.store(raw), mail.store(raw, mailbox=billing)]
    ready = threading.Barrier(2)

    def work(pk: int) -> None:
        ready.wait(10)
        try:
            intake.accept(inbound_pk=pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(row.pk,)) for row in rows]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    first, second = Ticket.objects.order_by("pk")
    assert {first.possibly_related_id, second.possibly_related_id} in ({None, first.pk}, {None, second.pk})
