"""A worker's connection to the database outlives its tasks, and a broken one is not kept."""

from typing import Any

import pytest
from django.db import connection

from core.inbound_tasks import seal_audit
from helpdesk import celery


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@pytest.fixture
def around(clone_db: str) -> Any:
    """What Celery calls before and after a task in a worker's process."""
    return celery.app._fixups[0].worker_fixup


def test_worker__one_task_after_another__talks_to_the_same_process_of_the_database(around: Any) -> None:
    around.on_task_prerun(seal_audit)
    first = backend()
    around.on_task_postrun(seal_audit)
    around.on_task_prerun(seal_audit)
    assert backend() == first


def test_worker__connection_ended_by_the_database__has_a_new_one_for_the_next_task(
    around: Any, test_stores: Any
) -> None:
    around.on_task_prerun(seal_audit)
    first = backend()
    around.on_task_postrun(seal_audit)
    with test_stores._server() as server:
        server.execute("SELECT pg_terminate_backend(%s)", [first])
    around.on_task_prerun(seal_audit)
    assert backend() != first
