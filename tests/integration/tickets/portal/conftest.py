"""A customer with the verifier and the exchange around them."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Staff
from tests.support import portal_scene
from tests.support.databases import TestStores
from tests.support.exchange import RunningExchange
from tests.support.portal_scene import Scene


@pytest.fixture
def scene(
    clone_db: str, test_stores: TestStores, owner_connection: Any, own_accounts: RunningExchange, agent: Staff, lead: Staff
) -> Iterator[Scene]:  # fmt: skip
    """Everything real."""
    with portal_scene.scene(own_accounts, test_stores, clone_db, owner_connection, (agent, lead)) as found:
        yield found
