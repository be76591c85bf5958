"""Running functions at the same moment in threads with connections of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def race() -> Callable[..., list[Any]]:
    """Return a function that starts its arguments together and returns what each returned or raised, in order."""
    return run_together


def run_together(*functions: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(functions))
    outcomes: list[Any] = [None] * len(functions)

    def run(place: int, function: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            outcomes[place] = function()
        except Exception as error:  # noqa: BLE001 -- the test looks at what was raised
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def wait_until_somebody_waits() -> None:
    """Return once another connection to this database waits for a lock, as that of the caller's transaction."""
    with connection.cursor() as cursor:
        for _look in range(100_000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
    raise AssertionError
