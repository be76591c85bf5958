"""The worker's sign of life is whatever it has done; rounds are another process's and say nothing of it."""

import pytest

from core.inbound_tasks import seal_audit
from core.models import Heartbeat
from helpdesk import celery
from helpdesk.worker_pulse import Pulse
from tickets.inbound_tasks import ingest


@pytest.fixture(autouse=True)
def _silent_so_far(clone_db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Heartbeat.objects.all().delete()
    monkeypatch.setattr(celery, "pulse", Pulse())


def has_beaten() -> bool:
    return Heartbeat.objects.filter(name="worker").exists()


def test_worker__with_a_queue_of_mail_before_its_heartbeat__is_heard() -> None:
    ingest.apply(args=[0])

    assert has_beaten()


def test_worker__that_has_just_been_heard__does_not_write_again() -> None:
    ingest.apply(args=[0])
    Heartbeat.objects.filter(name="worker").delete()
    ingest.apply(args=[0])

    assert not has_beaten()


def test_rounds__say_nothing_of_the_worker() -> None:
    seal_audit.apply()

    assert not has_beaten()
