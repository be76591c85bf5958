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
from typing import Any

import psycopg

from core.models import Heartbeat
from helpdesk import mail_process
from helpdesk.embedded.environment import with_database
from helpdesk.launcher.preflight import free_port
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, OutboundMail, Ticket
from tickets.services import replies, sweeps
from tickets.services.senders import Sender

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


def test_run_mail__takes_mail_beats_and_stops_when_told(clone_db: str) -> None:
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
        assert process.wait(45) == 0


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


def test_handle_forgotten__one_row_that_always_fails__the_others_are_handled(
    clone_db: str, mail: Mail, owner_connection: "psycopg.Connection[Any]"
) -> None:
    poison = mail.store(letter(subject="Poison"))
    other = mail.store(letter(subject="Other"))
    InboundMail.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    owner_connection.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
    owner_connection.execute(
        f"CREATE TRIGGER refuse BEFORE UPDATE ON tickets_inboundmail FOR EACH ROW WHEN (old.id = {poison.pk}) "
        "EXECUTE FUNCTION refuse()"
    )
    assert mail_process.handle_forgotten(threading.Event()) == 1
    other.refresh_from_db()
    assert other.state == "processed"


def test_reread__mailbox_whose_secret_no_key_opens__is_reported_and_the_others_are_read(
    clone_db: str, owner_connection: "psycopg.Connection[Any]"
) -> None:
    read_by_imap = {"inbound": "imap", "imap_host": "127.0.0.1", "imap_port": 1, "imap_secret": "secret"}
    broken = MailboxFactory.create(slug="a-broken", address="broken@pharos.test", **read_by_imap)
    well = MailboxFactory.create(slug="b-well", address="well@pharos.test", **read_by_imap)
    owner_connection.execute("UPDATE tickets_mailbox SET imap_secret = 'gAAAAAB-no-key' WHERE id = %s", [broken.pk])
    pollers = mail_process.Pollers()
    try:
        pollers.reread()
        assert set(pollers.running) == {well.pk}
        assert not Heartbeat.objects.get(name="mailbox:a-broken").is_ok
    finally:
        pollers.stop()


def test_unreported__more_failing_rows_than_one_round_takes__the_rest_get_their_turn(mailbox: Mailbox) -> None:
    tickets = [mail_ticket(mailbox=mailbox) for _ in range(3)]
    rows = [sent_mail_of(ticket) for ticket in tickets]
    first = sweeps.take_unreported(limit=2)
    second = sweeps.take_unreported(limit=2)
    assert sorted(first + second) == sorted(row.pk for row in rows)
    assert sweeps.take_unreported(limit=2) == []
    OutboundMail.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    assert len(sweeps.take_unreported(limit=5)) == 3


def sent_mail_of(ticket: Ticket) -> OutboundMail:
    """A mail that has been sent, and whose consequences nobody has written."""
    message = replies.add(
        ticket=ticket, sender=Sender(role="system"), channel="email", words=replies.Words(text="Hello")
    )
    OutboundMail.objects.filter(message=message).update(state="sent", next_attempt_at="2020-01-01T00:00:00Z")
    return OutboundMail.objects.get(message=message)
