"""Signals of the exchange against the fund rule: while one raises a customer's risk, nothing below high risk passes."""

from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import Cast
from tests.faults.security.conftest import Move, enrol
from tests.faults.security.test_fund_policy import change_of_policy, confirm

STRICT, LOOSE = ("high", ["webauthn"], True, 0), ("normal", ["totp", "webauthn"], False, 0)


def signal(cast: Cast, kind: str = "device.new") -> None:
    """Let the app record what the exchange has signalled."""
    values = {"public_id": new_public_id(), "event": new_public_id(), "customer_id": cast.customer, "kind": kind}
    cast.insert("security_exchangesignal", values | {"occurred_at": "2026-01-01T00:00:00Z"})


def loosen(cast: Cast, move_time: Move, **terms: int) -> None:
    """Let two people make a policy of normal risk, and a day pass."""
    confirm(cast, *change_of_policy(cast, terms=dict[str, object](terms)), cast.colleague)
    cast.factor = enrol(cast, "totp")
    move_time(timedelta(hours=73))


def terms(cast: Cast, action: int) -> tuple[object, ...]:
    row = cast.owner.execute(
        "SELECT risk, methods, needs_approval, cooling_off_s FROM security_fundaction WHERE id = %s", [action]
    ).fetchone()
    assert row is not None
    return row


def by_code(cast: Cast, action: int) -> int:
    check = cast.begin_check(action, "totp")
    return cast.answer(check)


def test_signal__while_it_counts__makes_what_is_asked_for_high_risk(cast: Cast, move_time: Move) -> None:
    loosen(cast, move_time)
    assert terms(cast, cast.request()) == LOOSE
    signal(cast)
    action = cast.request()
    assert terms(cast, action) == STRICT
    with pytest.raises(psycopg.errors.CheckViolation, match="method"):
        cast.begin_check(action, "totp")
    move_time(timedelta(hours=72, seconds=1))
    assert terms(cast, cast.request()) == LOOSE


def test_signal__of_another_customer__changes_nothing(cast: Cast, move_time: Move) -> None:
    loosen(cast, move_time)
    signal(cast)
    cast.change_customer()
    assert terms(cast, cast.request()) == LOOSE


def test_signal__after_the_customer_has_answered__lets_nothing_of_normal_risk_pass(cast: Cast, move_time: Move) -> None:
    loosen(cast, move_time)
    action = cast.request()
    check = by_code(cast, action)
    signal(cast, "credential.changed")
    with pytest.raises(psycopg.errors.CheckViolation, match="asked for again"):
        cast.execute(action, check, None)
    assert cast.executions() == 0


def test_signal__what_is_of_high_risk__goes_its_way(cast: Cast) -> None:
    ready = cast.ready()
    signal(cast)
    cast.execute(*ready)
    cast.execute(*cast.ready())
    assert cast.executions() == 2


def test_signal__longer_waiting_time_of_the_policy__is_not_shortened(cast: Cast, move_time: Move) -> None:
    loosen(cast, move_time, cooling_off_s=3600)
    signal(cast)
    with pytest.raises(psycopg.errors.CheckViolation, match="no policy of high risk fits"):
        cast.request()


def test_signal__times_given_by_the_application__are_refused(cast: Cast) -> None:
    values = {"public_id": "s", "event": "e", "customer_id": cast.customer, "kind": "device.new"}
    for column in ("raised_until", "received_at"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            cast.insert("security_exchangesignal", {**values, "occurred_at": "now", column: "-infinity"})


def test_signal__taken_back_by_anybody__is_refused(cast: Cast) -> None:
    signal(cast)
    for by in (cast.app, cast.owner):
        for statement in (
            "UPDATE security_exchangesignal SET raised_until = core.clock()",
            "DELETE FROM security_exchangesignal",
            "TRUNCATE security_exchangesignal",
            "UPDATE security_signalpolicy SET raises_for_s = 0",
            "DELETE FROM security_signalpolicy",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                by.execute(statement)
