"""A second, autocommitting connection: what is written on it stays, whatever the caller's transaction does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections
from django.db.backends.utils import CursorWrapper


@contextmanager
def own_cursor() -> Iterator[CursorWrapper]:
    """Yield a cursor whose every statement commits by itself, to the same database as the default connection."""
    own = connections.create_connection("default")
    try:
        own.settings_dict = connection.settings_dict
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()
