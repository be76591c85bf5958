"""A disk that was full is reported once the database takes a row again, though nobody meets the full disk any more."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from structlog.testing import capture_logs

from core import disks, heartbeat
from core.models import Heartbeat
from tests.support.system import wait_for

PULSE = f"{heartbeat.FULL}database"


@pytest.fixture
def takes_no_row(clone_db: str, owner_connection: "psycopg.Connection[Any]") -> Iterator["psycopg.Connection[Any]"]:
    """A database that refuses signs of life, as a full one does, until the owner grants it again."""
    owner_connection.execute("REVOKE INSERT ON core_heartbeat FROM pharos_app")
    yield owner_connection
    owner_connection.execute("GRANT INSERT ON core_heartbeat TO pharos_app")


def is_reported() -> bool:
    return Heartbeat.objects.filter(name=PULSE, is_ok=False).exists()


def test_full_database__takes_no_row_and_then_does__is_reported_without_another_failure(
    takes_no_row: "psycopg.Connection[Any]",
) -> None:
    with capture_logs() as said:
        disks.report_full("database")
        disks.report_full("database")

    assert not is_reported()
    assert [line["event"] for line in said].count("disk_full_not_recorded") == 2

    takes_no_row.execute("GRANT INSERT ON core_heartbeat TO pharos_app")
    wait_for(is_reported, "the report of a full disk")
