"""The running system that browser and mail tests stand on keeps what it promises."""

import smtplib
import subprocess
import threading
from datetime import datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from websockets.sync.client import connect
from websockets.typing import Origin

from accounts.models import Staff
from core import doorbell
from tests.support.databases import TestStores
from tests.support.system import RunningSystem, wait_for

pytestmark = pytest.mark.xdist_group("system")


def test_running_system__when_given__answers_on_every_port(running_system: RunningSystem) -> None:
    for url in (f"{running_system.url}/healthz", f"{running_system.url.replace('localhost', '127.0.0.1')}/readyz"):
        with urlopen(url) as answer:
            assert answer.status == 200
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{running_system.content_url}/desk/")
    with smtplib.SMTP("127.0.0.1", running_system.smtp_port, timeout=10) as client:
        assert client.noop()[0] == 250


def test_running_system__socket_that_offers_compression__is_given_none(running_system: RunningSystem) -> None:
    with connect(f"{running_system.socket_url}/ws/desk/", origin=Origin(settings.SITE_URL)) as socket:
        assert socket.protocol.extensions == []


def test_system_db__row_written_by_the_test__is_seen_by_a_command_of_the_system(
    running_system: RunningSystem, system_db: str, test_stores: TestStores
) -> None:
    with test_stores.owner(system_db) as owner:
        assert Staff.objects.count() == owner.execute("SELECT count(*) FROM accounts_staff").fetchone()[0]  # type: ignore[index]

    assert f"'{system_db}'" in running_system.manage(
        "shell", "-v", "0", "-c", "from django.db import connection as c; print(repr(c.settings_dict['NAME']))"
    )


def test_running_system__worker_stopped_and_started__is_ready_again(running_system: RunningSystem) -> None:
    former = running_system.processes["worker"].pid

    running_system.stop("worker")
    running_system.start("worker")
    running_system.wait_until_ready()

    assert running_system.processes["worker"].pid != former


def test_running_system__process_started_by_a_thread_that_ends__lives_on(running_system: RunningSystem) -> None:
    def start() -> None:
        running_system.start("beat")
        command = Path(f"/proc/{running_system.processes['beat'].pid}/cmdline")
        wait_for(lambda: b"bound.py" not in command.read_bytes(), "beat to be tied to its parent")

    running_system.stop("beat")
    starting = threading.Thread(target=start)
    starting.start()
    starting.join()

    with pytest.raises(subprocess.TimeoutExpired):
        running_system.processes["beat"].wait(1)


def last_words(*names: str) -> dict[str, datetime]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, at FROM core_heartbeat WHERE name = ANY(%s)", [list(names)])
        return dict(cursor.fetchall())


@pytest.mark.usefixtures("system_db")
def test_rounds__long_queue_before_a_worker_that_stands_still__go_on(running_system: RunningSystem) -> None:
    rounds = ("sweeper", "audit sealer")
    running_system.stop("worker")
    try:
        for _ in range(200):
            doorbell.ring_now("tickets.ingest", 0)
        before = last_words(*rounds)

        wait_for(lambda: all(at > before[name] for name, at in last_words(*rounds).items()), "rounds beside the queue")
    finally:
        running_system.start("worker")
    running_system.wait_until_ready()
