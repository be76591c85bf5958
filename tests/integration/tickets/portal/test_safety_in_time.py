"""The lock against the owner's statements, and sessions by the database's clock: on real commits."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from tests.factories.customers import open_portal, portal_customer
from tests.integration.tickets.portal.test_safety import SHORTER, at

LOCK = "INSERT INTO security_supportlock (customer_id, until) VALUES (%s, core.clock() + interval '9 days')"


@pytest.mark.parametrize("statement", SHORTER.values(), ids=SHORTER)
def test_lock__by_the_owners_statements__is_refused_too(clone_db: str, owner_connection: Any, statement: str) -> None:
    customer = portal_customer()
    owner_connection.execute(LOCK, [customer.pk])
    with pytest.raises(psycopg.Error) as refused:
        owner_connection.execute(statement)
    # A right or a constraint, never a mistake in the statement.
    assert str(refused.value.sqlstate)[:2] in {"23", "42", "P0"}
    assert refused.value.sqlstate not in {"42601", "42P01", "42703"}


def test_session__idle_or_old__is_over_by_the_databases_clock(clone_db: str, move_time: Any) -> None:
    client = Client()
    open_portal(client, portal_customer())
    for _ in range(4):
        move_time(timedelta(minutes=29))
        assert client.get(at("home")).status_code == 200
    move_time(timedelta(minutes=31))
    assert client.get(at("home")).status_code == 302
    open_portal(client, portal_customer())
    for _ in range(25):
        move_time(timedelta(minutes=29))
        client.get(at("home"))
    assert client.get(at("home")).status_code == 302
