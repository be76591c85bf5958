"""One database of their own for acts that commit: cloned once a module, since no act looks at another's rows."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker, Settings

from security.verifier import configuration
from tests.support import verifier
from tests.support.databases import TestStores, pointed_at
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import queue


@pytest.fixture(scope="module")
def acts_database(test_stores: TestStores, django_db_setup: None) -> Iterator[str]:
    """A clone that a whole module shares, with a verifier of its own."""
    name = f"{test_stores.session.database}_{secrets.token_hex(3)}"
    test_stores.clone(name)
    with verifier.serving(configuration.read(verifier.told(test_stores, name))):
        yield name
    test_stores.drop(name)


@pytest.fixture
def own_database(acts_database: str, django_db_blocker: DjangoDbBlocker, settings: Settings) -> Iterator[None]:
    """Point Django at the module's clone; what is written there is committed, and its chain has its own anchors."""
    settings.AUDIT_ANCHOR_FILE = str(Path(settings.VAR_DIR) / "anchors" / acts_database)
    with django_db_blocker.unblock(), pointed_at(acts_database):
        yield


@pytest.fixture
def nothing_hidden(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desk that has forgotten to hide: every ticket is visible to everybody, in statements kept from before, too."""
    monkeypatch.setattr(TicketQuerySet, "visible_to", lambda self, _person, _teams=None: self)
    queue.forget_statements()
    yield
    queue.forget_statements()
