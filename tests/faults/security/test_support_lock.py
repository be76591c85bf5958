"""The support lock against the fund rule: while it holds, support asks for nothing and nothing is carried out."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tests.faults.security.cast import Cast

Move = Callable[[timedelta], None]
LOCK = "INSERT INTO security_supportlock (customer_id, until) VALUES (%s, core.clock() + interval '5 days')"


def test_lock__action_asked_for__is_refused(cast: Cast) -> None:
    cast.app.execute(LOCK, [cast.customer])
    with pytest.raises(psycopg.errors.CheckViolation, match="locked support out"):
        cast.request()


def test_lock__everything_ready_before__is_not_carried_out(cast: Cast) -> None:
    ready = cast.ready()
    cast.app.execute(LOCK, [cast.customer])
    with pytest.raises(psycopg.errors.CheckViolation, match="locked support out"):
        cast.execute(*ready)


def test_lock__over__support_asks_again(cast: Cast, move_time: Move) -> None:
    cast.app.execute(LOCK, [cast.customer])
    move_time(timedelta(days=5, seconds=1))
    assert cast.request() > 0
