"""A customer's "this wasn't me" against the fund rule: nothing is carried out after it, and nobody takes it back."""

import threading
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tests.faults.security.cast import Cast
from tests.support.databases import TestStores

Move = Callable[[timedelta], None]
DENY = "INSERT INTO security_actiondenial (action_id) VALUES (%s)"
TAKEN_BACK = (
    "DELETE FROM security_actiondenial",
    "TRUNCATE security_actiondenial",
    "UPDATE security_actiondenial SET action_id = action_id + 1",
)


def ready_to_unfreeze(cast: Cast, move_time: Move) -> tuple[int, int, int]:
    """Return an unfreeze that may be executed: the one kind that no freeze holds up."""
    bare = dict.fromkeys(("subject", "asset", "network", "destination"), "") | {"amount": 0}
    action = cast.request(kind="unfreeze", **bare)
    move_time(timedelta(hours=24, seconds=1))
    return action, cast.answer(cast.begin_check(action)), cast.approve(action)


def test_denial__everything_ready_before__is_not_carried_out(cast: Cast) -> None:
    ready = cast.ready()
    cast.app.execute(DENY, [ready[0]])
    with pytest.raises(psycopg.errors.CheckViolation, match="not theirs"):
        cast.execute(*ready)


def test_denial__of_an_unfreeze__is_not_carried_out_either(cast: Cast, move_time: Move) -> None:
    ready = ready_to_unfreeze(cast, move_time)
    cast.app.execute(DENY, [ready[0]])
    with pytest.raises(psycopg.errors.CheckViolation, match="not theirs"):
        cast.execute(*ready)


@pytest.mark.parametrize("statement", TAKEN_BACK)
@pytest.mark.parametrize("who", ["app", "verifier", "owner"])
def test_denial__taken_back__is_refused_to_everybody(cast: Cast, who: str, statement: str) -> None:
    cast.app.execute(DENY, [cast.request()])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        getattr(cast, who).execute(statement)


def test_denial__while_the_execution_waits_for_its_freeze__is_seen(
    cast: Cast, test_stores: TestStores, clone_db: str, move_time: Move
) -> None:
    """The service freezes and denies in one transaction; an execution that comes during it must not slip through."""
    ready = ready_to_unfreeze(cast, move_time)
    refused: list[Exception] = []

    def execute() -> None:
        try:
            cast.execute(*ready)
        except psycopg.Error as error:
            refused.append(error)

    with test_stores.connect("APP", clone_db) as denying:
        denying.execute("SELECT core.fund_freeze(%s, 'test')", [cast.customer])
        thread = threading.Thread(target=execute)
        thread.start()
        denying.execute(DENY, [ready[0]])
        denying.commit()
        thread.join(10)
    assert ["not theirs" in str(error) for error in refused] == [True]
    assert cast.executions() == 0
