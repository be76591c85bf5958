"""Sweepers ring for late rows, and not before a queue that is long already."""

import pytest
from celery import current_app

from core import doorbell
from core.ids import new_public_id
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail
from tickets.services import raw_mail, sweeps


@pytest.fixture
def own_queue(monkeypatch: pytest.MonkeyPatch) -> str:
    """Bells go to a queue that no worker of another copy on this Redis listens to or fills."""
    name = f"bells-{new_public_id()}"
    monkeypatch.setitem(current_app.conf, "task_default_queue", name)
    return name


def test_sweep__late_row__is_rung_for(mail: Mail, own_queue: str) -> None:
    row = mail.store(letter())
    InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    assert sweeps.inbox() == 1


def test_sweep__long_queue_before_the_worker__no_bell_is_added(mail: Mail, own_queue: str) -> None:
    row = mail.store(letter())
    InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    for _ in range(sweeps.ENOUGH):
        assert doorbell.ring_now(raw_mail.INGEST, 0, queue=own_queue)
    assert doorbell.unheard() == sweeps.ENOUGH
    assert sweeps.inbox() == 0
