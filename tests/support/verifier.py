"""The verifier on a test's own database: the real server on its own socket and connection, in a thread."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.test import override_settings

from helpdesk.embedded.environment import with_database
from security.verifier.configuration import Configuration, read
from security.verifier.server import Server
from tests.support.databases import TestStores

SITE = "http://localhost"


def told(stores: TestStores, database: str) -> dict[str, str]:
    """Return the environment of a verifier on `database`."""
    return {
        "DATABASE_VERIFIER_URL": with_database(stores.base["DATABASE_VERIFIER_URL"], database),
        # Beside the running system's, which goes on.
        "VERIFIER_SOCKET": f"{settings.VERIFIER_SOCKET}.t",
        "PHAROS_VERIFIER_KEYS": os.environ["PHAROS_VERIFIER_KEYS"],
        "PHAROS_VERIFIER_KEY": os.environ["PHAROS_VERIFIER_KEY"],
        "PHAROS_SITE_URL": SITE,
        "EXCHANGE_ISSUER": "https://exchange.test",
    }


@contextmanager
def serving(configuration: Configuration) -> Iterator[Configuration]:
    """Serve until left."""
    with override_settings(VERIFIER_SOCKET=configuration.socket_path), Server(configuration) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield configuration
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def verifier(clone_db: str, test_stores: TestStores) -> Iterator[Configuration]:
    """A verifier on the test's database; its configuration."""
    with serving(read(told(test_stores, clone_db))) as configuration:
        yield configuration
