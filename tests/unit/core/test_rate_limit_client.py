"""Callers of a process that has just started share one Redis client: a second one would close itself in use."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core import rate_limits

CALLERS, TIMES = 8, 100
URL = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _hasty_threads() -> Iterator[None]:
    former = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(former)
    rate_limits._make_client.cache_clear()


def test_client__first_callers_at_once__share_one() -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        for _ in range(TIMES):
            rate_limits._make_client.cache_clear()
            together = Barrier(CALLERS)

            def ask(together: Barrier = together) -> int:
                together.wait()
                return id(rate_limits._client(URL).connection_pool)

            assert len(set(pool.map(lambda _: ask(), range(CALLERS)))) == 1
