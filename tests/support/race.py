"""Running functions at the same moment in threads with connections of their own."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection


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
