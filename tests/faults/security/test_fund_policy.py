"""Policy: two people of different teams, a day, and what no policy can give away."""

from datetime import timedelta

import psycopg
import pytest

from core.ids import new_public_id
from tests.faults.security.cast import DESTINATION, Cast
from tests.faults.security.conftest import Move, enrol
from tests.support.databases import TestStores

# ── policy ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def change_of_policy(
    cast: Cast, *, by: int = 0, terms: dict[str, object] | None = None, **changed: object
) -> tuple[int, bytes]:
    proposer = by or cast.leads[0]
    given: dict[str, object] = {
        "public_id": new_public_id(), "kind": "withdrawal_release", "asset": "BTC", "above": "0", "risk": "normal",
        "methods": ["totp", "webauthn"], "needs_approval": False, "cooling_off_s": 0,
    } | (terms or {}) | changed  # fmt: skip
    words = cast.owner.execute(
        "SELECT core.fund_policy_hash(%(public_id)s, %(kind)s, %(asset)s, %(above)s::numeric(38, 18), %(risk)s,"
        " %(methods)s, %(needs_approval)s, %(cooling_off_s)s)",
        given,
    ).fetchone()
    assert words is not None
    key, at = cast.step_up(proposer, "policy.propose", words[0])
    proposed = {"proposer_id": proposer, "proposer_stepup_id": key, "proposer_verified_at": at}
    return cast.insert("security_fundpolicychange", given | proposed), words[0]


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
    confirm(cast, change, words, cast.colleague)
    confirm(cast, *change_of_policy(cast, above="10", risk="high", methods=["webauthn"], needs_approval=True),
            cast.colleague)  # fmt: skip
    assert terms_of(cast) == strict
    move_time(timedelta(hours=24))
    assert terms_of(cast) == (["totp", "webauthn"], False, 0)
    assert terms_of(cast, amount="10") == strict
    assert terms_of(cast, asset="ETH") == strict


def test_policy__no_approval_needed__is_executed_by_totp_alone(cast: Cast, move_time: Move) -> None:
    confirm(cast, *change_of_policy(cast), cast.colleague)
    cast.factor = enrol(cast, "totp")
    move_time(timedelta(hours=72))
    action = cast.request()
    check = cast.begin_check(action, "totp")
    cast.answer(check)
    cast.execute(action, check, None)
    assert cast.executions() == 1


def test_policy__confirmed_by_its_proposer__is_refused(cast: Cast) -> None:
    change, words = change_of_policy(cast)
    with pytest.raises(psycopg.errors.CheckViolation, match="another team"):
        confirm(cast, change, words, cast.leads[0])


def test_policy__confirmed_with_a_step_up_for_another_change__is_refused(cast: Cast) -> None:
    change, _words = change_of_policy(cast)
    _other, others = change_of_policy(cast, above="1")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        confirm(cast, change, others, cast.colleague)


def test_policy__changed_after_it_was_confirmed__is_refused(cast: Cast) -> None:
    change, words = change_of_policy(cast)
    confirm(cast, change, words, cast.colleague)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        confirm(cast, change, words, cast.colleague)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        cast.owner.execute("UPDATE security_fundpolicychange SET needs_approval = false, confirmed_at = NULL")


@pytest.mark.parametrize("changed", [{"needs_approval": False}, {"cooling_off_s": 3600}], ids=["alone", "at once"])
def test_policy__of_what_changes_who_can_act__keeps_two_people_and_a_day(
    cast: Cast, changed: dict[str, object]
) -> None:
    guarded = {"kind": "email_change", "asset": "", "needs_approval": True, "cooling_off_s": 86400}
    change_of_policy(cast, terms=guarded)
    with pytest.raises(psycopg.errors.CheckViolation, match="floor"):
        change_of_policy(cast, terms=guarded | changed)


def test_policy__proposed_by_an_agent__is_refused(cast: Cast) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="proposed by a lead"):
        change_of_policy(cast, by=cast.agent)


def test_policy__confirmed_by_a_colleague_of_the_same_team__is_refused(cast: Cast) -> None:
    change, words = change_of_policy(cast)
    with pytest.raises(psycopg.errors.CheckViolation, match="of another team"):
        confirm(cast, change, words, cast.leads[1])


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
