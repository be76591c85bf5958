"""The rule against everybody: each way round it is tried as the role that would try it, and the way through passes."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import Cast
from tests.faults.security.conftest import enrol

Attack = Callable[[Cast], object]


def test_rule__asked_checked_approved__is_executed_once(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    assert cast.executions() == 1
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


def ask_without_saying_which(cast: Cast) -> object:
    return cast.request(subject="")


def ask_for_an_asset_that_looks_like_another(cast: Cast) -> object:
    return cast.request(asset="btc ")


def check_a_fourth_time(cast: Cast) -> object:
    action = cast.request()
    return [cast.begin_check(action) for _check in range(4)]


def end_the_customers_factor(cast: Cast) -> object:
    return cast.insert("security_factorend", {"factor_id": cast.factor[0]}, key="factor_id")


def approve_after_changing_team(cast: Cast) -> object:
    action = cast.request()
    who = cast.draw(action)
    team = cast.one("SELECT team_id FROM accounts_teammembership WHERE staff_id = %s", [cast.agent])
    cast.app.execute("INSERT INTO accounts_teammembership (team_id, staff_id) VALUES (%s, %s)", [team, who])
    try:
        return cast.approve(action, who)
    finally:
        cast.owner.execute("DELETE FROM accounts_teammembership WHERE (team_id, staff_id) = (%s, %s)", [team, who])


def draw_for_somebody_without_a_team(cast: Cast) -> object:
    action = cast.request()
    team = cast.one("DELETE FROM accounts_teammembership WHERE staff_id = %s RETURNING team_id", [cast.agent])
    try:
        return cast.draw(action)
    finally:
        cast.owner.execute(
            "INSERT INTO accounts_teammembership (team_id, staff_id) VALUES (%s, %s)", [team, cast.agent]
        )


def call_a_trigger(cast: Cast) -> object:
    return cast.app.execute("CREATE TRIGGER mine BEFORE INSERT ON accounts_brand EXECUTE FUNCTION core.fund_unfreeze()")


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
    unfreeze_by_hand, write_a_policy,     add_a_policy, ask_without_saying_which, ask_for_an_asset_that_looks_like_another, check_a_fourth_time,
    end_the_customers_factor, approve_after_changing_team, draw_for_somebody_without_a_team, call_a_trigger, become_the_owner, become_the_verifier, switch_the_triggers_off,
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
    assert cast.executions() == 2


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


def pass_by_a_factor_that_has_ended(cast: Cast) -> object:
    check = cast.begin_check(cast.request())
    cast.insert("security_factorend", {"factor_id": cast.factor[0]}, by=cast.verifier, key="factor_id")
    return cast.answer(check)


def read_staff_secrets(cast: Cast) -> object:
    return cast.verifier.execute("SELECT * FROM accounts_staff")


AS_VERIFIER: list[Attack] = [
    ask_for_an_action, approve_an_action, execute_an_action, begin_a_check, pass_a_check_nobody_answered,
    count_and_pass_in_one_transaction, pass_without_a_factor, pass_by_another_customers_factor,
    pass_by_a_factor_enrolled_today, enrol_a_factor_of_last_week, set_the_counter_back, try_a_sixth_time, pass_twice,
    say_when_it_was_passed, move_a_check_to_another_action, pass_by_a_factor_that_has_ended, read_staff_secrets,
]  # fmt: skip


def test_rule__as_the_verifier__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_VERIFIER)) == []
    assert cast.executions() == 0


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
    cast.freeze()
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


def test_rule__owner_plays_the_verifier__is_refused_at_every_step(cast: Cast) -> None:
    action = cast.request()
    check = cast.begin_check(action)
    step_up = {
        "public_id": new_public_id(), "staff_id": cast.agent, "purpose": "action.approve",
        "bound_to": cast.hash_of(action), "method": "webauthn",
    }  # fmt: skip
    factor = {
        "public_id": new_public_id(), "customer_id": cast.customer, "method": "webauthn", "counts_from": "-infinity",
    }  # fmt: skip
    tries: list[Callable[[], object]] = [
        lambda: cast.insert("security_stepup", step_up, by=cast.owner),
        lambda: cast.insert("security_customerfactor", factor, by=cast.owner),
        lambda: cast.insert("security_factorend", {"factor_id": cast.factor[0]}, by=cast.owner, key="factor_id"),
        lambda: cast.owner.execute("UPDATE security_identitycheck SET attempts = attempts + 1 WHERE id = %s", [check]),
        lambda: cast.owner.execute("UPDATE security_stepup SET attempts = attempts + 1"),
    ]
    for attempt in tries:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            attempt()


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
