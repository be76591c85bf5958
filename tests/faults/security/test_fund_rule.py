"""The rule against the application's role: every way round it is tried on a customer of its own; the way through passes."""

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import Attack, Cast, outcomes, passed


def test_rule__asked_checked_approved__is_executed_once(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    assert cast.executions() == 1
    assert approver in cast.leads
    with pytest.raises(psycopg.errors.UniqueViolation):
        cast.execute(action, check, approver)


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


def test_rule__as_the_application__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_APP)) == []
    assert len(AS_APP) >= 42
    # Two were legitimate before the attack on them.
    assert cast.executions() == 2
