"""The rule against the verifier, who records proofs, and against the owner's own statements."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import Attack, Cast, outcomes, passed
from tests.faults.security.conftest import enrol


def other_customer(cast: Cast) -> int:
    return int(cast.one("INSERT INTO accounts_customer (public_id, name, locale, time_zone) "
                        "VALUES (%s, '', '', '') RETURNING id", [new_public_id()]))  # fmt: skip


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
    staff_factor = {"public_id": new_public_id(), "staff_id": cast.agent, "method": "webauthn", "is_device_bound": True}
    tries: list[Callable[[], object]] = [
        lambda: cast.insert("security_stepup", step_up, by=cast.owner),
        lambda: cast.insert("security_stafffactor", staff_factor, by=cast.owner),
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
