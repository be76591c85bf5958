"""The rule against everybody: each way round it is tried as the role that would try it, and the way through passes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import DESTINATION, Cast
from tests.faults.security.conftest import Move, enrol
from tests.support.databases import TestStores
from tests.support.race import wait_until_somebody_waits

Attack = Callable[[Cast], object]
MINUTE = timedelta(minutes=1)


def executions(cast: Cast) -> int:
    return int(cast.one("SELECT count(*) FROM security_execution"))


def test_rule__asked_checked_approved__is_executed_once(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    assert executions(cast) == 1
    assert approver in cast.leads
    with pytest.raises(psycopg.errors.UniqueViolation):
        cast.execute(action, check, approver)


def other_customer(cast: Cast) -> int:
    return int(cast.one("INSERT INTO accounts_customer (public_id, name, locale, time_zone) "
                        "VALUES (%s, '', '', '') RETURNING id", [new_public_id()]))  # fmt: skip


def ready_with(cast: Cast, *, check: bool = True, approval: bool = True) -> tuple[int, int, int | None]:
    action = cast.request()
    found = cast.begin_check(action)
    if check:
        cast.answer(found)
    return action, found, cast.approve(action) if approval else None


# ── as the application's role ──────────────────────────────────────────────────────────────────────────────────────


def execute_without_check(cast: Cast) -> object:
    action = cast.request()
    return cast.execute(action, 0, cast.approve(action))


def execute_with_unanswered_check(cast: Cast) -> object:
    action, check, approver = ready_with(cast, check=False)
    return cast.execute(action, check, approver)


def execute_without_approval(cast: Cast) -> object:
    action, check, _nobody = ready_with(cast, approval=False)
    return cast.execute(action, check, None)


def execute_naming_an_approver_who_did_not(cast: Cast) -> object:
    action, check, _nobody = ready_with(cast, approval=False)
    return cast.execute(action, check, cast.draw(action))


def execute_with_the_check_of_another_action(cast: Cast) -> object:
    _small, check, _approver = cast.ready(amount="0.001")
    large, _check, approver = cast.ready(amount="500")
    return cast.execute(large, check, approver)


def execute_with_the_approval_of_another_action(cast: Cast) -> object:
    _first, _check, approver = cast.ready()
    second, check, _nobody = ready_with(cast, approval=False)
    return cast.execute(second, check, approver)


def execute_with_a_used_check(cast: Cast) -> object:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    second = cast.request()
    return cast.execute(second, check, cast.approve(second))


def execute_saying_that_it_was_verified(cast: Cast) -> object:
    action, check, approver = ready_with(cast, check=False)
    return cast.insert(
        "security_execution", {"action_id": action, "check_id": check, "approver_id": approver, "is_verified": True}
    )


def execute_at_a_time_of_ones_own(cast: Cast) -> object:
    action, check, approver = cast.ready()
    return cast.insert(
        "security_execution",
        {"action_id": action, "check_id": check, "approver_id": approver, "executed_at": "2020-01-01"},
    )


def execute_saying_that_no_approval_is_needed(cast: Cast) -> object:
    action, check, _nobody = ready_with(cast, approval=False)
    return cast.insert("security_execution", {"action_id": action, "check_id": check, "needs_approval": False})


def approve_ones_own(cast: Cast) -> object:
    return cast.approve(cast.request(), cast.agent)


def approve_as_a_colleague_of_the_same_team(cast: Cast) -> object:
    return cast.approve(cast.request(), cast.colleague)


def approve_as_somebody_not_drawn(cast: Cast) -> object:
    action = cast.request()
    drawn = cast.draw(action)
    return cast.approve(action, next(one for one in cast.leads if one != drawn))


def approve_without_stepping_up(cast: Cast) -> object:
    action = cast.request()
    who = cast.draw(action)
    values = {"action_id": action, "approver_id": who, "approver_stepup_id": 0, "approver_verified_at": "now"}
    return cast.insert("security_approval", values)


def approve_with_a_step_up_for_another_action(cast: Cast) -> object:
    action, other = cast.request(), cast.request()
    who = cast.draw(action)
    key, at = cast.step_up(who, "action.approve", cast.hash_of(other))
    values = {"action_id": action, "approver_id": who, "approver_stepup_id": key, "approver_verified_at": at}
    return cast.insert("security_approval", values)


def approve_with_a_step_up_of_the_requester(cast: Cast) -> object:
    action = cast.request()
    who = cast.draw(action)
    key, at = cast.step_up(cast.agent, "action.approve", cast.hash_of(action))
    values = {"action_id": action, "approver_id": who, "approver_stepup_id": key, "approver_verified_at": at}
    return cast.insert("security_approval", values)


def approve_with_a_step_up_for_asking(cast: Cast) -> object:
    action = cast.request()
    who = cast.draw(action)
    key, at = cast.step_up(who, "action.request", cast.hash_of(action))
    values = {"action_id": action, "approver_id": who, "approver_stepup_id": key, "approver_verified_at": at}
    return cast.insert("security_approval", values)


def draw_again_at_once(cast: Cast) -> object:
    action = cast.request()
    return cast.draw(action), cast.draw(action)


def choose_the_approver(cast: Cast) -> object:
    return cast.insert("security_approverdraw", {"action_id": cast.request(), "approver_id": cast.colleague})


def ask_without_stepping_up(cast: Cast) -> object:
    values = {**cast.asked(), "requester_stepup_id": 0, "requester_verified_at": "now"}
    return cast.insert("security_fundaction", values)


def ask_for_more_than_was_stepped_up_for(cast: Cast) -> object:
    action = cast.request(amount="0.001")
    key = cast.one("SELECT requester_stepup_id FROM security_fundaction WHERE id = %s", [action])
    at = cast.one("SELECT requester_verified_at FROM security_fundaction WHERE id = %s", [action])
    values = {**cast.asked(amount="500"), "requester_stepup_id": key, "requester_verified_at": at}
    return cast.insert("security_fundaction", values)


def ask_in_a_colleagues_name(cast: Cast) -> object:
    asked = cast.asked()
    key, at = cast.step_up(cast.agent, "action.request", bytes(32))
    values = {**asked, "requester_id": cast.colleague, "requester_stepup_id": key, "requester_verified_at": at}
    return cast.insert("security_fundaction", values)


def ask_with_a_policy_of_ones_own(cast: Cast) -> object:
    return cast.insert("security_fundaction", {**cast.asked(), "risk": "normal", "needs_approval": False})


def ask_for_a_kind_there_is_not(cast: Cast) -> object:
    return cast.request(kind="gift")


def ask_for_nothing(cast: Cast) -> object:
    return cast.request(amount="0")


def ask_for_less_than_nothing(cast: Cast) -> object:
    return cast.request(amount="-1")


def ask_for_no_number(cast: Cast) -> object:
    return cast.request(amount="NaN")


def ask_without_a_destination(cast: Cast) -> object:
    return cast.request(destination="")


def ask_without_an_asset(cast: Cast) -> object:
    return cast.request(asset="")


def say_when_it_was_asked(cast: Cast) -> object:
    return cast.insert("security_fundaction", {**cast.asked(), "created_at": "2020-01-01"})


def change_the_amount(cast: Cast) -> object:
    return cast.app.execute("UPDATE security_fundaction SET amount = 500 WHERE id = %s", [cast.request()])


def check_by_a_method_that_is_too_weak(cast: Cast) -> object:
    return cast.begin_check(cast.request(), "totp")


def say_that_the_check_was_passed(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    return cast.app.execute("UPDATE security_identitycheck SET is_verified = true WHERE id = %s", [check])


def begin_a_check_that_is_passed(cast: Cast) -> object:
    values = {"public_id": new_public_id(), "action_id": cast.request(), "method": "webauthn", "is_verified": True}
    return cast.insert("security_identitycheck", values)


def give_oneself_a_step_up(cast: Cast) -> object:
    values = {
        "public_id": new_public_id(), "staff_id": cast.agent, "purpose": "action.request", "bound_to": bytes(32),
        "method": "webauthn",
    }  # fmt: skip
    return cast.insert("security_stepup", values)


def give_the_customer_a_factor(cast: Cast) -> object:
    values = {
        "public_id": new_public_id(), "customer_id": cast.customer, "method": "webauthn", "counts_from": "-infinity",
    }  # fmt: skip
    return cast.insert("security_customerfactor", values)


def delete_the_evidence(cast: Cast) -> object:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    return cast.app.execute("DELETE FROM security_execution")


def truncate_the_evidence(cast: Cast) -> object:
    return cast.app.execute("TRUNCATE security_execution")


def unfreeze_by_hand(cast: Cast) -> object:
    cast.app.execute("SELECT core.fund_freeze(%s, 'test')", [cast.customer])
    return cast.app.execute("UPDATE security_freeze SET frozen_at = NULL")


def write_a_policy(cast: Cast) -> object:
    return cast.app.execute("UPDATE security_fundpolicy SET needs_approval = false")


def add_a_policy(cast: Cast) -> object:
    return cast.app.execute(
        "INSERT INTO security_fundpolicy (kind, asset, above, risk, methods, needs_approval, cooling_off_s, valid_from)"
        " VALUES ('withdrawal_release', 'BTC', 0, 'normal', '{totp}', false, 0, '-infinity')"
    )


def become_the_owner(cast: Cast) -> object:
    return cast.app.execute("SET ROLE pharos_owner")


def become_the_verifier(cast: Cast) -> object:
    return cast.app.execute("SET ROLE pharos_verifier")


def switch_the_triggers_off(cast: Cast) -> object:
    return cast.app.execute("SET session_replication_role = replica")


def replace_a_function(cast: Cast) -> object:
    return cast.app.execute(
        "CREATE OR REPLACE FUNCTION core.clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
    )


AS_APP: list[Attack] = [
    execute_without_check, execute_with_unanswered_check, execute_without_approval,
    execute_naming_an_approver_who_did_not, execute_with_the_check_of_another_action,
    execute_with_the_approval_of_another_action, execute_with_a_used_check, execute_saying_that_it_was_verified,
    execute_at_a_time_of_ones_own, execute_saying_that_no_approval_is_needed, approve_ones_own,
    approve_as_a_colleague_of_the_same_team, approve_as_somebody_not_drawn, approve_without_stepping_up,
    approve_with_a_step_up_for_another_action, approve_with_a_step_up_of_the_requester,
    approve_with_a_step_up_for_asking, draw_again_at_once, choose_the_approver, ask_without_stepping_up,
    ask_for_more_than_was_stepped_up_for, ask_in_a_colleagues_name, ask_with_a_policy_of_ones_own,
    ask_for_a_kind_there_is_not, ask_for_nothing, ask_for_less_than_nothing, ask_for_no_number,
    ask_without_a_destination, ask_without_an_asset, say_when_it_was_asked, change_the_amount,
    check_by_a_method_that_is_too_weak, say_that_the_check_was_passed, begin_a_check_that_is_passed,
    give_oneself_a_step_up, give_the_customer_a_factor, delete_the_evidence, truncate_the_evidence,
    unfreeze_by_hand, write_a_policy, add_a_policy, become_the_owner, become_the_verifier, switch_the_triggers_off,
    replace_a_function,
]  # fmt: skip


def outcomes(cast: Cast, attacks: list[Attack]) -> dict[str, str]:
    """Try each on a customer of its own; return the SQLSTATE that it ended with, nothing for one that passed."""
    found = {}
    for attack in attacks:
        cast.change_customer()
        try:
            attack(cast)
        except psycopg.Error as refused:
            found[attack.__name__] = refused.sqlstate or "no answer"
        else:
            found[attack.__name__] = ""
    return found


def passed(found: dict[str, str]) -> list[str]:
    """Return those that were not refused as a breach of a rule (23, 22) or of a right (42)."""
    return [name for name, state in found.items() if state[:2] not in ("22", "23", "42") or state in BROKEN_TESTS]


# A statement that names what is not there proves nothing.
BROKEN_TESTS = ("42601", "42703", "42P01", "42883", "42P18", "42804")


def test_rule__as_the_application__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_APP)) == []
    assert len(AS_APP) >= 42
    # Two were legitimate before the attack on them.
    assert executions(cast) == 2


# ── as the verifier ────────────────────────────────────────────────────────────────────────────────────────────────


def ask_for_an_action(cast: Cast) -> object:
    return cast.insert("security_fundaction", cast.asked(), by=cast.verifier)


def approve_an_action(cast: Cast) -> object:
    values = {"action_id": cast.request(), "approver_id": cast.leads[0]}
    return cast.insert("security_approval", values, by=cast.verifier)


def execute_an_action(cast: Cast) -> object:
    action, check, approver = cast.ready()
    values = {"action_id": action, "check_id": check, "approver_id": approver}
    return cast.insert("security_execution", values, by=cast.verifier)


def begin_a_check(cast: Cast) -> object:
    values = {"public_id": new_public_id(), "action_id": cast.request(), "method": "webauthn"}
    return cast.insert("security_identitycheck", values, by=cast.verifier)


def pass_a_check_nobody_answered(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    return cast.verifier.execute("UPDATE security_identitycheck SET is_verified = true WHERE id = %s", [check])


def count_and_pass_in_one_transaction(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    factor, counts_from = cast.factor
    with cast.verifier.transaction():
        cast.verifier.execute("UPDATE security_identitycheck SET attempts = attempts + 1 WHERE id = %s", [check])
        return cast.verifier.execute(
            "UPDATE security_identitycheck SET is_verified = true, factor_id = %s, factor_counts_from = %s,"
            " evidence = '{}' WHERE id = %s",
            [factor, counts_from, check],
        )


def pass_without_a_factor(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    return cast.prove("security_identitycheck", check)


def pass_by_another_customers_factor(cast: Cast) -> object:
    someone = other_customer(cast)
    check = cast.begin_check(cast.request(customer_id=someone))
    return cast.answer(check)


def pass_by_a_factor_enrolled_today(cast: Cast) -> object:
    cast.factor = enrol(cast)
    return cast.answer(cast.begin_check(cast.request()))


def enrol_a_factor_of_last_week(cast: Cast) -> object:
    key, counts_from = enrol(cast)
    enrolled = cast.one("SELECT enrolled_at FROM security_customerfactor WHERE id = %s", [key])
    assert counts_from - enrolled >= timedelta(hours=72)
    return cast.verifier.execute("UPDATE security_customerfactor SET counts_from = enrolled_at WHERE id = %s", [key])


def set_the_counter_back(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    cast.verifier.execute("UPDATE security_identitycheck SET attempts = attempts + 1 WHERE id = %s", [check])
    return cast.verifier.execute("UPDATE security_identitycheck SET attempts = 0 WHERE id = %s", [check])


def try_a_sixth_time(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    for _attempt in range(6):
        cast.verifier.execute("UPDATE security_identitycheck SET attempts = attempts + 1 WHERE id = %s", [check])
    return None


def pass_twice(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    cast.answer(check)
    return cast.answer(check)


def say_when_it_was_passed(cast: Cast) -> object:
    return cast.verifier.execute("UPDATE security_identitycheck SET verified_at = core.clock()")


def move_a_check_to_another_action(cast: Cast) -> object:
    check = cast.begin_check(cast.request(amount="0.001"))
    return cast.verifier.execute(
        "UPDATE security_identitycheck SET action_id = %s WHERE id = %s", [cast.request(amount="500"), check]
    )


def read_staff_secrets(cast: Cast) -> object:
    return cast.verifier.execute("SELECT * FROM accounts_staff")


AS_VERIFIER: list[Attack] = [
    ask_for_an_action, approve_an_action, execute_an_action, begin_a_check, pass_a_check_nobody_answered,
    count_and_pass_in_one_transaction, pass_without_a_factor, pass_by_another_customers_factor,
    pass_by_a_factor_enrolled_today, enrol_a_factor_of_last_week, set_the_counter_back, try_a_sixth_time, pass_twice,
    say_when_it_was_passed, move_a_check_to_another_action, read_staff_secrets,
]  # fmt: skip


def test_rule__as_the_verifier__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_VERIFIER)) == []
    assert executions(cast) == 0


# ── by the owner's own statements ──────────────────────────────────────────────────────────────────────────────────

BY_OWNER = {
    "change an amount": "UPDATE security_fundaction SET amount = 500",
    "change a destination": "UPDATE security_fundaction SET destination = 'bc1qother'",
    "delete an action": "DELETE FROM security_fundaction",
    "change an execution": "UPDATE security_execution SET executed_at = '2020-01-01'",
    "delete an execution": "DELETE FROM security_execution",
    "truncate executions": "TRUNCATE security_execution CASCADE",
    "delete an approval": "DELETE FROM security_approval",
    "change an approval": "UPDATE security_approval SET approved_at = core.clock()",
    "pick an approver": "UPDATE security_approverdraw SET approver_id = requester_id FROM security_fundaction a",
    "pass a check": "UPDATE security_identitycheck SET is_verified = true",
    "free a check": "UPDATE security_identitycheck SET is_verified = false, verified_at = NULL, factor_id = NULL",
    "delete a check": "DELETE FROM security_identitycheck",
    "date a factor back": "UPDATE security_customerfactor SET counts_from = '-infinity'",
    "weaken a policy": "UPDATE security_fundpolicy SET needs_approval = false",
    "add a policy": "INSERT INTO security_fundpolicy (kind, asset, above, risk, methods, needs_approval, cooling_off_s,"
    " valid_from) VALUES ('withdrawal_release', 'BTC', 0, 'normal', '{totp}', false, 0, '-infinity')",
    "add a kind": "INSERT INTO security_fundkind VALUES ('gift', false, false)",
    "thaw": "UPDATE security_freeze SET frozen_at = NULL, unfrozen_at = core.clock()",
    "forget a freeze": "DELETE FROM security_freeze",
    "say that nobody is frozen": "UPDATE security_freeze SET is_frozen = false",
}


def test_rule__by_the_owners_statement__every_one_is_refused(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    cast.begin_check(cast.request())
    freeze(cast)
    found = {}
    for name, statement in BY_OWNER.items():
        try:
            cast.owner.execute(statement)
        except psycopg.Error as refused:
            found[name] = refused.sqlstate or "no answer"
        else:
            found[name] = ""
    assert passed(found) == []
    assert cast.one("SELECT is_frozen FROM security_freeze WHERE customer_id = %s", [cast.customer])


def test_rule__owner_inserts_an_execution_of_its_own_words__repeats_the_action_or_is_refused(cast: Cast) -> None:
    action = cast.request()
    check = cast.begin_check(action)
    values = {
        "action_id": action, "check_id": check, "hash": bytes(32), "kind": "refund", "customer_id": cast.customer,
        "requester_id": cast.agent, "methods": ["totp"], "needs_approval": False, "cooling_off_s": 0,
        "action_created_at": "2020-01-01", "verified_at": "2020-01-01",
    }  # fmt: skip
    with pytest.raises(psycopg.errors.IntegrityError):
        cast.insert("security_execution", values, by=cast.owner)


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
    action = cast.request(kind="email_change", asset="", network="", amount="0", destination="new@example.com")
    approver = cast.draw(action)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_identitycheck_cooled"):
        cast.begin_check(action)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_approval_cooled"):
        cast.approve(action, approver)
    move_time(timedelta(hours=72))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action, approver))
    assert executions(cast) == 1


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


def freeze(cast: Cast) -> None:
    cast.app.execute("SELECT core.fund_freeze(%s, 'test')", [cast.customer])


def test_freeze__before_the_execution__refuses_it(cast: Cast) -> None:
    action, check, approver = cast.ready()
    freeze(cast)
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
    assert executions(cast) == 0


def test_unfreeze__executed_after_a_day__thaws_and_a_later_freeze_holds(cast: Cast, move_time: Move) -> None:
    freeze(cast)
    action = cast.request(kind="unfreeze", asset="", network="", amount="0", destination="")
    move_time(timedelta(hours=24))
    check = cast.begin_check(action)
    cast.answer(check)
    cast.execute(action, check, cast.approve(action))
    assert not cast.one("SELECT is_frozen FROM security_freeze WHERE customer_id = %s", [cast.customer])
    cast.execute(*cast.ready())
    freeze(cast)
    with pytest.raises(psycopg.errors.CheckViolation, match="frozen"):
        cast.execute(*cast.ready())


# ── policy ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def change_of_policy(cast: Cast, **changed: object) -> tuple[int, bytes]:
    terms = {
        "public_id": new_public_id(), "kind": "withdrawal_release", "asset": "BTC", "above": "0", "risk": "normal",
        "methods": ["totp", "webauthn"], "needs_approval": False, "cooling_off_s": 0,
    } | changed  # fmt: skip
    words = cast.owner.execute(
        "SELECT core.fund_policy_hash(%(public_id)s, %(kind)s, %(asset)s, %(above)s::numeric(38, 18), %(risk)s,"
        " %(methods)s, %(needs_approval)s, %(cooling_off_s)s)",
        terms,
    ).fetchone()
    assert words is not None
    key, at = cast.step_up(cast.leads[0], "policy.propose", words[0])
    proposer = {"proposer_id": cast.leads[0], "proposer_stepup_id": key, "proposer_verified_at": at}
    return cast.insert("security_fundpolicychange", terms | proposer), words[0]


def confirm(cast: Cast, change: int, words: bytes, who: int) -> None:
    key, at = cast.step_up(who, "policy.confirm", words)
    cast.app.execute(
        "UPDATE security_fundpolicychange SET confirmer_id = %s, confirmer_stepup_id = %s, confirmer_verified_at = %s"
        " WHERE id = %s",
        [who, key, at, change],
    )


def terms_of(cast: Cast, **changed: str) -> tuple[object, ...]:
    action = cast.request(**changed)
    row = cast.owner.execute(
        "SELECT methods, needs_approval, cooling_off_s FROM security_fundaction WHERE id = %s", [action]
    ).fetchone()
    assert row is not None
    return row


def test_policy__two_people__holds_after_a_day_for_its_asset_and_amount_alone(cast: Cast, move_time: Move) -> None:
    strict = (["webauthn"], True, 0)
    change, words = change_of_policy(cast)
    confirm(cast, change, words, cast.leads[1])
    confirm(cast, *change_of_policy(cast, above="10", risk="high", methods=["webauthn"], needs_approval=True),
            cast.leads[1])  # fmt: skip
    assert terms_of(cast) == strict
    move_time(timedelta(hours=24))
    assert terms_of(cast) == (["totp", "webauthn"], False, 0)
    assert terms_of(cast, amount="10") == strict
    assert terms_of(cast, asset="ETH") == strict


def test_policy__no_approval_needed__is_executed_by_totp_alone(cast: Cast, move_time: Move) -> None:
    confirm(cast, *change_of_policy(cast), cast.leads[1])
    cast.factor = enrol(cast, "totp")
    move_time(timedelta(hours=72))
    action = cast.request()
    check = cast.begin_check(action, "totp")
    cast.answer(check)
    cast.execute(action, check, None)
    assert executions(cast) == 1


def test_policy__confirmed_by_its_proposer__is_refused(cast: Cast) -> None:
    change, words = change_of_policy(cast)
    with pytest.raises(psycopg.errors.CheckViolation, match="security_policychange_two"):
        confirm(cast, change, words, cast.leads[0])


def test_policy__confirmed_with_a_step_up_for_another_change__is_refused(cast: Cast) -> None:
    change, _words = change_of_policy(cast)
    _other, others = change_of_policy(cast, above="1")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        confirm(cast, change, others, cast.leads[1])


def test_policy__changed_after_it_was_confirmed__is_refused(cast: Cast) -> None:
    change, words = change_of_policy(cast)
    confirm(cast, change, words, cast.leads[1])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        confirm(cast, change, words, cast.leads[1])
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cast.owner.execute("UPDATE security_fundpolicychange SET needs_approval = false, confirmed_at = NULL")


def test_policy__high_risk_by_code__cannot_be_proposed(cast: Cast) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="methods"):
        change_of_policy(cast, risk="high")


def test_auditor__reads_evidence_and_changes_nothing(cast: Cast, clone_db: str, test_stores: TestStores) -> None:
    cast.execute(*cast.ready())
    with test_stores.connect("AUDITOR", clone_db) as auditor:
        assert auditor.execute("SELECT destination FROM security_fundaction").fetchall() == [(DESTINATION,)]
        for statement in ("UPDATE security_freeze SET reason = ''", "SELECT * FROM tickets_message"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), auditor.transaction():
                auditor.execute(statement)


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
        assert executions(cast) == done


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
