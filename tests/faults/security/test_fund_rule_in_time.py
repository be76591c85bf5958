"""The rule and time: how fresh proofs are, how long one waits, who is drawn, what a freeze stops, who wins a race."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from tests.faults.security.cast import Cast
from tests.faults.security.conftest import Move
from tests.support.databases import TestStores
from tests.support.race import wait_until_somebody_waits

MINUTE = timedelta(minutes=1)

# ── time ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rule__check_older_than_five_minutes__is_no_permission(cast: Cast, move_time: Move) -> None:
    action, check, approver = cast.ready()
    move_time(5 * MINUTE)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_execution_fresh"):
        cast.execute(action, check, approver)


def test_rule__approval_older_than_fifteen_minutes__is_no_permission(cast: Cast, move_time: Move) -> None:
    action = cast.request()
    approver = cast.approve(action)
    move_time(15 * MINUTE)
    check = cast.begin_check(action)
    cast.answer(check)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_execution_approved_lately"):
        cast.execute(action, check, approver)


def test_rule__challenge_older_than_ten_minutes__cannot_be_answered(cast: Cast, move_time: Move) -> None:
    check = cast.begin_check(cast.request())
    move_time(10 * MINUTE)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_identitycheck_lives"):
        cast.answer(check)


def test_rule__requester_stepped_up_six_minutes_ago__cannot_ask(cast: Cast, move_time: Move) -> None:
    asked = cast.asked()
    key, at = cast.step_up(cast.agent, "action.request", cast.hash_of_words(asked))
    move_time(6 * MINUTE)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_fundaction_fresh"):
        cast.insert("security_fundaction", {**asked, "requester_stepup_id": key, "requester_verified_at": at})


def test_rule__cooling_off__check_and_approval_wait_for_its_end(cast: Cast, move_time: Move) -> None:
    action = cast.request(
        kind="email_change", subject="", asset="", network="", amount="0", destination="new@example.com"
    )
    approver = cast.draw(action)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_identitycheck_cooled"):
        cast.begin_check(action)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_approval_cooled"):
        cast.approve(action, approver)
    move_time(timedelta(hours=72))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action, approver))
    assert cast.executions() == 1


def test_rule__asked_for_and_left_lying_for_a_day__is_asked_for_again(cast: Cast, move_time: Move) -> None:
    action = cast.request()
    approver = cast.draw(action)
    move_time(timedelta(hours=24))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.approve(action, approver)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_execution_timely"):
        cast.execute(action, check, approver)


def test_draw__undone_and_drawn_again__finds_the_same_person(cast: Cast) -> None:
    action = cast.request()
    draw = "INSERT INTO security_approverdraw (action_id) VALUES (%s) RETURNING approver_id"
    found = set()
    for seed in range(20):
        with cast.app.transaction(force_rollback=True):
            cast.app.execute("SELECT setseed(%s)", [seed / 20])
            found.add(cast.app.execute(draw, [action]).fetchone())
    assert len(found) == 1
    assert found == {(cast.draw(action),)}


def test_draw__many_actions__fall_to_everybody(cast: Cast) -> None:
    assert {cast.draw(cast.request()) for _action in range(24)} == set(cast.leads)


def test_draw__nobody_approved_within_a_quarter__another_is_drawn_and_none_of_them_is_of_the_requesters_team(
    cast: Cast, move_time: Move
) -> None:
    action = cast.request()
    first = cast.draw(action)
    move_time(16 * MINUTE)
    assert {first, cast.draw(action)} == set(cast.leads)
    move_time(16 * MINUTE)
    with pytest.raises(psycopg.errors.CheckViolation, match="nobody of another team"):
        cast.draw(action)


# ── freeze ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_freeze__before_the_execution__refuses_it(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.freeze()
    with pytest.raises(psycopg.errors.CheckViolation, match="frozen"):
        cast.execute(action, check, approver)


def test_freeze__uncommitted__is_waited_for_and_wins(cast: Cast) -> None:
    action, check, approver = cast.ready()
    outcome: list[object] = []

    def execute() -> None:
        try:
            outcome.append(cast.execute(action, check, approver))
        except psycopg.Error as refused:
            outcome.append(refused.sqlstate)

    with cast.owner.transaction():
        cast.owner.execute("SELECT core.fund_freeze(%s, 'race')", [cast.customer])
        thread = threading.Thread(target=execute)
        thread.start()
        wait_until_somebody_waits()
    thread.join()
    assert outcome == ["23514"]
    assert cast.executions() == 0


def test_unfreeze__executed_after_a_day__thaws_and_a_later_freeze_holds(cast: Cast, move_time: Move) -> None:
    cast.freeze()
    action = cast.request(kind="unfreeze", subject="", asset="", network="", amount="0", destination="")
    move_time(timedelta(hours=24))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action))
    assert not cast.one("SELECT is_frozen FROM security_freeze WHERE customer_id = %s", [cast.customer])
    cast.execute(*cast.ready())
    cast.freeze()
    with pytest.raises(psycopg.errors.CheckViolation, match="frozen"):
        cast.execute(*cast.ready())


def test_unfreeze__asked_for_before_the_freeze__does_not_end_it(cast: Cast, move_time: Move) -> None:
    action = cast.request(kind="unfreeze", subject="", asset="", network="", amount="0", destination="")
    move_time(timedelta(hours=24))
    cast.freeze()
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action))
    assert cast.one("SELECT is_frozen FROM security_freeze WHERE customer_id = %s", [cast.customer])


def test_freeze__clock_stepped_back_since_it_was_ended__holds(cast: Cast, move_time: Move) -> None:
    cast.freeze()
    action = cast.request(kind="unfreeze", subject="", asset="", network="", amount="0", destination="")
    move_time(timedelta(hours=24))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action))
    move_time(-timedelta(hours=25))
    cast.freeze()
    assert cast.one("SELECT is_frozen FROM security_freeze WHERE customer_id = %s", [cast.customer])


# ── races ──────────────────────────────────────────────────────────────────────────────────────────────────────────

RACES = 25
EXECUTE = "INSERT INTO security_execution (action_id, check_id, approver_id) VALUES (%s, %s, %s)"


def race(test_stores: TestStores, database: str, *statements: tuple[str, list[object]]) -> list[str]:
    """Run each on a connection of its own, begun together; return the SQLSTATE of each, nothing for what went well."""

    def run(statement: str, values: list[object]) -> str:
        with test_stores.connect("APP", database) as app:
            barrier.wait()
            try:
                app.execute(statement, values)
                app.commit()
            except psycopg.Error as refused:
                return refused.sqlstate or "no answer"
        return ""

    barrier = threading.Barrier(len(statements))
    with ThreadPoolExecutor(len(statements)) as pool:
        return list(pool.map(run, *zip(*statements, strict=True)))


def test_race__the_same_execution_four_times__is_one(cast: Cast, clone_db: str, test_stores: TestStores) -> None:
    for done in range(1, RACES + 1):
        ready: list[object] = list(cast.ready())
        ended = race(test_stores, clone_db, *[(EXECUTE, ready)] * 4)
        assert sorted(ended) == ["", "23505", "23505", "23505"]
        assert cast.executions() == done


def test_race__freeze_against_execution__whoever_is_first_is_seen_by_the_other(
    cast: Cast, clone_db: str, test_stores: TestStores
) -> None:
    for _round in range(RACES):
        cast.change_customer()
        ready: list[object] = list(cast.ready())
        frozen, executed = race(
            test_stores, clone_db, ("SELECT core.fund_freeze(%s, 'race')", [cast.customer]), (EXECUTE, ready)
        )
        assert frozen == ""
        assert executed in ("", "23514")
    after = "SELECT count(*) FROM security_execution JOIN security_freeze USING (customer_id) WHERE executed_at >= frozen_at"
    assert cast.one(after) == 0
    assert cast.one("SELECT count(*) FROM security_freeze WHERE is_frozen") == RACES
