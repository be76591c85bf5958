"""One sandbox exchange for all tests that leave it as it is for the others."""

from collections.abc import Iterator

import pytest

from tests.support.exchange import RunningExchange, exchange


@pytest.fixture(scope="session")
def running_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    """The exchange as a real process."""
    with exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running
