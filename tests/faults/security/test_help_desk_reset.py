"""H4: a caller who knows everything about the customer, and people of ours who believe them, change nothing."""

from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import Cast
from tests.faults.security.conftest import Move

# What a caller asks for who wants to become the customer, and how long it waits at least.
ASKED = {
    "mfa_reset": ({}, 72),
    "factor_change": ({"operation": "remove", "subject": "F-1"}, 72),
    "email_change": ({"destination": "caller@example.com"}, 72),
    "phone_change": ({"destination": "+15550100"}, 72),
    "unfreeze": ({}, 24),
}
NOTHING = {"operation": "", "subject": "", "asset": "", "network": "", "amount": "0", "destination": "", "tag": ""}
REFUSED = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)


def ask_for(cast: Cast, kind: str) -> int:
    given, _hours = ASKED[kind]
    return cast.request(**{**NOTHING, "kind": kind, **given})


@pytest.mark.attack("H4")
@pytest.mark.parametrize("kind", ASKED)
def test_caller__convinced_agent_and_approver__nothing_without_the_customers_own_check(
    cast: Cast, move_time: Move, kind: str
) -> None:
    action = ask_for(cast, kind)
    move_time(timedelta(hours=ASKED[kind][1]))
    approver = cast.approve(action)
    check = cast.begin_check(action)

    with pytest.raises(REFUSED):
        cast.execute(action, check, approver)
    with pytest.raises(REFUSED):
        cast.app.execute("UPDATE security_identitycheck SET is_verified = true WHERE id = %s", [check])
    with pytest.raises(REFUSED):
        cast.insert("security_execution", {"action_id": action, "approver_id": approver})
    assert cast.executions() == 0


@pytest.mark.attack("H4")
@pytest.mark.parametrize("kind", ASKED)
def test_caller__in_a_hurry__no_check_begins_before_the_waiting_time_is_over(
    cast: Cast, move_time: Move, kind: str
) -> None:
    action = ask_for(cast, kind)
    move_time(timedelta(hours=ASKED[kind][1]) - timedelta(seconds=30))

    with pytest.raises(psycopg.errors.CheckViolation, match="cooled"):
        cast.begin_check(action)


@pytest.mark.attack("H4")
def test_caller__new_factor_enrolled_by_a_fooled_desk__counts_for_nothing_for_72_hours(
    cast: Cast, move_time: Move
) -> None:
    action = ask_for(cast, "unfreeze")
    move_time(timedelta(hours=24))
    values = {"public_id": new_public_id(), "customer_id": cast.customer, "method": "webauthn"}
    factor = cast.insert("security_customerfactor", {**values, "counts_from": "-infinity"}, by=cast.verifier)
    cast.factor = factor, cast.one("SELECT counts_from FROM security_customerfactor WHERE id = %s", [factor])

    with pytest.raises(psycopg.errors.CheckViolation, match="factor_counts"):
        cast.answer(cast.begin_check(action))
