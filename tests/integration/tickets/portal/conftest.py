"""A customer with the verifier and the exchange around them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Staff
from tests.support import portal_scene
from tests.support.databases import TestStores
from tests.support.exchange import exchange
from tests.support.portal_scene import Scene


@pytest.fixture
def scene(
    clone_db: str, test_stores: TestStores, owner_connection: Any, tmp_path: Path, agent: Staff, lead: Staff
) -> Iterator[Scene]:  # fmt: skip
    """Everything real: an account of the exchange belongs to one customer of ours for good, so each test has its own."""
    with (
        exchange(tmp_path) as running,
        portal_scene.scene(running, test_stores, clone_db, owner_connection, (agent, lead)) as found,
    ):
        yield found
