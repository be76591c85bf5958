"""Fixtures that every test may use; what each one is for stands in tests/support."""

import pytest

pytest_plugins = [
    "tests.support.network",
    "tests.support.databases",
    "tests.support.system",
    "tests.support.browser",
    "tests.support.dovecot",
    "tests.support.race",
    "tests.support.verifier",
    "tests.support.small_exchange",
    "tests.support.exchange_beside",
    "tests.cast",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what cannot work here: pytest-django's transactional tests flush, which deny triggers forbid."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is not None and marker.kwargs.get("transaction"):
            message = f"{item.nodeid}: use the fixture clone_db instead of django_db(transaction=True)."
            raise pytest.UsageError(message)
