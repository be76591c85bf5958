"""A drawn person's no against the fund rule: it ends the action for everybody, whatever was ready before it."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tests.faults.security.cast import Attack, Cast, outcomes, passed
from tests.support.databases import TestStores

Move = Callable[[timedelta], None]
RACES = 200
TAKEN_BACK = (
    "DELETE FROM security_funddecline",
    "TRUNCATE security_funddecline",
    "UPDATE security_funddecline SET reason = 'Never mind'",
    "DELETE FROM security_fundoutcome",
    "UPDATE security_fundoutcome SET outcome = 'executed'",
    "INSERT INTO security_fundoutcome (action_id, outcome) SELECT action_id + 1, 'executed' FROM security_funddecline",
)


def drawn_for(cast: Cast, action: int) -> int:
    """Return who was drawn for an action."""
    return int(cast.one("SELECT approver_id FROM security_approverdraw WHERE action_id = %s", [action]))


def decline(cast: Cast, action: int, person: int, *, by: "psycopg.Connection[tuple[object, ...]] | None" = None) -> int:
    values = {"action_id": action, "staff_id": person, "reason": "The customer did not ask for this."}
    return cast.insert("security_funddecline", values, by=by, key="action_id")


# ── as the application's role ──────────────────────────────────────────────────────────────────────────────────────


def execute_what_its_approver_declined(cast: Cast) -> object:
    action, check, approver = cast.ready()
    decline(cast, action, approver)
    return cast.execute(action, check, approver)


def approve_what_oneself_declined(cast: Cast) -> object:
    action = cast.request()
    decline(cast, action, cast.draw(action))
    return cast.approve(action, drawn_for(cast, action))


def decline_without_being_drawn(cast: Cast) -> object:
    action = cast.request()
    drawn = cast.draw(action)
    return decline(cast, action, next(one for one in cast.leads if one != drawn))


def decline_what_one_asked_for(cast: Cast) -> object:
    action = cast.request()
    cast.draw(action)
    return decline(cast, action, cast.agent)


def decline_with_nobody_drawn(cast: Cast) -> object:
    return decline(cast, cast.request(), cast.leads[0])


def decline_without_a_reason(cast: Cast) -> object:
    action = cast.request()
    values = {"action_id": action, "staff_id": cast.draw(action), "reason": ""}
    return cast.insert("security_funddecline", values, key="action_id")


def decline_at_a_time_of_ones_own(cast: Cast) -> object:
    action = cast.request()
    values = {"action_id": action, "staff_id": cast.draw(action), "reason": "No", "at": "2020-01-01"}
    return cast.insert("security_funddecline", values, key="action_id")


def decline_what_was_carried_out(cast: Cast) -> object:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    return decline(cast, action, approver)


def decline_twice(cast: Cast) -> object:
    action = cast.request()
    who = cast.draw(action)
    return decline(cast, action, who), decline(cast, action, who)


def say_that_it_was_executed(cast: Cast) -> object:
    values = {"action_id": cast.request(), "outcome": "executed"}
    return cast.insert("security_fundoutcome", values, key="action_id")


def execute_as_an_outcome_of_ones_own(cast: Cast) -> object:
    action, check, approver = cast.ready()
    decline(cast, action, approver)
    return cast.insert(
        "security_execution", {"action_id": action, "check_id": check, "approver_id": approver, "outcome": "declined"}
    )


AS_APP: list[Attack] = [
    execute_what_its_approver_declined, approve_what_oneself_declined, decline_without_being_drawn,
    decline_what_one_asked_for, decline_with_nobody_drawn, decline_without_a_reason, decline_at_a_time_of_ones_own,
    decline_what_was_carried_out, decline_twice, say_that_it_was_executed, execute_as_an_outcome_of_ones_own,
]  # fmt: skip


def test_decline__as_the_application__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_APP)) == []
    # One was legitimate before the attack on it.
    assert cast.executions() == 1


def test_decline__and_another_person_drawn__ends_it_for_them_too(cast: Cast, move_time: Move) -> None:
    action = cast.request()
    first = cast.draw(action)
    move_time(timedelta(minutes=16))
    second = cast.draw(action)
    decline(cast, action, first)
    with pytest.raises(psycopg.errors.CheckViolation, match="declined"):
        cast.approve(action, second)


@pytest.mark.parametrize("statement", TAKEN_BACK)
@pytest.mark.parametrize("who", ["app", "verifier", "owner"])
def test_decline__taken_back__is_refused_to_everybody(cast: Cast, who: str, statement: str) -> None:
    action = cast.request()
    decline(cast, action, cast.draw(action))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        getattr(cast, who).execute(statement)


@pytest.mark.parametrize("isolation", psycopg.IsolationLevel)
def test_decline__while_an_execution_waits_with_an_older_view__holds(
    cast: Cast, test_stores: TestStores, clone_db: str, isolation: psycopg.IsolationLevel
) -> None:
    """What a snapshot does not show was still committed: no isolation gets past the key."""
    ready = cast.ready()
    with test_stores.connect("APP", clone_db) as attacker:
        attacker.isolation_level = isolation
        attacker.execute("SELECT count(*) FROM security_funddecline")
        decline(cast, ready[0], ready[2])
        values = {"action_id": ready[0], "check_id": ready[1], "approver_id": ready[2]}
        with pytest.raises((psycopg.errors.ForeignKeyViolation, psycopg.errors.SerializationFailure)):
            cast.insert("security_execution", values, by=attacker)
    assert cast.executions() == 0


def test_decline__against_execution_200_times__one_of_the_two_wins(
    cast: Cast, test_stores: TestStores, clone_db: str
) -> None:
    """Both at the same moment, on connections of their own: never both, never neither."""
    won: Counter[str] = Counter()
    with test_stores.connect("APP", clone_db) as declining, test_stores.connect("APP", clone_db) as executing:
        declining.autocommit = executing.autocommit = True
        for race in range(RACES):
            action, check, approver = cast.ready()
            start = threading.Barrier(2)
            said: dict[str, str] = {}

            def run(what: str, act: Callable[[], object], start: threading.Barrier, said: dict[str, str]) -> None:
                start.wait(10)
                try:
                    act()
                except psycopg.errors.ForeignKeyViolation as refused:
                    said[what] = str(refused.diag.constraint_name)
                else:
                    said[what] = "won"

            values = {"action_id": action, "check_id": check, "approver_id": approver}
            acts: list[tuple[str, Callable[[], object]]] = [
                ("declined", lambda: decline(cast, action, approver, by=declining)),  # noqa: B023 -- joined below
                ("executed", lambda: cast.insert("security_execution", values, by=executing)),  # noqa: B023 -- joined below
            ]
            threads = [threading.Thread(target=run, args=(*one, start, said)) for one in acts[:: 1 - 2 * (race % 2)]]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(10)
            assert said in (
                {"declined": "won", "executed": "security_execution_declined"},
                {"declined": "security_funddecline_executed", "executed": "won"},
            )
            won[next(what for what, how in said.items() if how == "won")] += 1
    assert won.total() == RACES
    assert cast.executions() == won["executed"]
    assert cast.one("SELECT count(*) FROM security_funddecline") == won["declined"]
    # Both were seen to win: otherwise nothing was raced.
    assert len(won) == 2
