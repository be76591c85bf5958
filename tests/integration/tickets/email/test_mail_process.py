"""The mail process as it runs: takes mail, beats, stops at once; and does the workers' work when nobody rings."""

import asyncio
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.models import Heartbeat
from helpdesk import mail_process
from helpdesk.embedded.environment import with_database
from helpdesk.launcher.preflight import free_port
from tests.factories.tickets import MailboxFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail, OutboundMail, Ticket

ROOT = Path(__file__).resolve().parents[4]


def until(condition: Callable[[], bool], *, patience_s: float = 60) -> None:
    ends = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        threading.Event().wait(0.1)


def answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5):
            return True
    except OSError:
        return False


def test_run_mail__takes_mail_beats_and_stops_within_five_seconds(clone_db: str) -> None:
    MailboxFactory.create(slug="support", address="support@pharos.test")
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": with_database(os.environ["DATABASE_URL"], clone_db),
        "SMTP_PORT": str(port),
        # No broker listens there: the mail process has to do the work itself.
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    process = subprocess.Popen([sys.executable, "manage.py", "run_mail"], cwd=ROOT, env=environment)
    try:
        until(lambda: answers(port))
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("mina@example.com", ["support@pharos.test"], letter())
        assert InboundMail.objects.count() == 1
        until(lambda: Heartbeat.objects.filter(name="mail", is_ok=True).exists())
        InboundMail.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
        until(Ticket.objects.exists)
    finally:
        process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(20) == 0
    assert time.monotonic() - started < 5


def test_run_mail__port_taken__is_one_sentence(clone_db: str) -> None:
    port = free_port()
    with asyncio.Runner() as runner:
        server = runner.run(asyncio.start_server(lambda *_: None, "127.0.0.1", port))
        done = subprocess.run(
            [sys.executable, "manage.py", "run_mail"], cwd=ROOT, env=os.environ | {"SMTP_PORT": str(port)},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        server.close()
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_handle_forgotten__rows_nobody_came_for__are_handled_here(mail: Mail) -> None:
    row = mail.store(letter())
    stop = threading.Event()
    assert mail_process.handle_forgotten(stop) == 0
    InboundMail.objects.filter(pk=row.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    assert mail_process.handle_forgotten(stop) == 1
    OutboundMail.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    assert mail_process.handle_forgotten(stop) == 1
    owed = OutboundMail.objects.get()
    assert (owed.state, owed.is_reported) == ("sent", True)
