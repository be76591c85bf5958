"""Fixtures that every test may use; what each one is for stands in tests/support."""

import pytest
from django.conf import settings

pytest_plugins = [
    "tests.support.network",
    "tests.support.second_tries",
    "tests.support.databases",
    "tests.support.system",
    "tests.support.browser",
    "tests.support.dovecot",
    "tests.support.race",
    "tests.support.verifier",
    "tests.support.small_exchange",
    "tests.support.small_telegram",
    "tests.support.small_meta",
    "tests.support.small_discord",
    "tests.support.discord_events",
    "tests.support.small_twilio",
    "tests.support.small_x",
    "tests.support.small_sms",
    "tests.support.x_events",
    "tests.support.exchange",
    "tests.support.exchange_beside",
    "tests.cast",
]


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_when_asked_for(django_test_environment: None) -> None:
    """Every test has a client of its own, each of which would list all static files anew: a third of a request."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what cannot work here: pytest-django's transactional tests flush, which deny triggers forbid."""
    keep_groups_together(items)
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker is not None and marker.kwargs.get("transaction"):
            message = f"{item.nodeid}: use the fixture clone_db instead of django_db(transaction=True)."
            raise pytest.UsageError(message)


def keep_groups_together(items: list[pytest.Item]) -> None:
    """Let pytest-xdist see which group a test belongs to: else each worker starts a system of its own.

    Version 3.8 writes the group behind the name in `_nodeid`, which pytest reads no more since 9.2.
    """
    for item in items:
        named = str(getattr(item, "_nodeid", item.nodeid))
        if named != item.nodeid:
            item._id = type(item.id).parse(named)
