"""The databases that other tests stand on keep what they promise."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection

from core import clock


def current(setting: str) -> str:
    """Return one value of the database session."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {setting}")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_database__of_an_ordinary_test__is_reached_as_the_app_role() -> None:
    assert current("current_user") == "pharos_app"


@pytest.mark.django_db
def test_database__of_an_ordinary_test__refuses_the_app_to_create_tables() -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.planted (id int)")


def test_clone__opened_from_another_thread__is_the_same_database(clone_db: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        name = pool.submit(current, "current_database()").result()

    assert name == clone_db


def test_owner_connection__beside_a_clone__is_the_owner_on_it(
    clone_db: str, owner_connection: "psycopg.Connection[Any]"
) -> None:
    row = owner_connection.execute("SELECT current_user, current_database()").fetchone()

    assert row == ("pharos_owner", clone_db)


def test_move_time__by_a_day__moves_the_clock_of_the_database(
    clone_db: str,
    move_time: Callable[[timedelta], None],
) -> None:
    before = clock.now()

    move_time(timedelta(days=1))

    assert timedelta(days=1) <= clock.now() - before < timedelta(days=1, minutes=1)
