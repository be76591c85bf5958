"""Effects of actions in the exchange's own rows: once, whole, and as each kind says."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from sandbox import people
from sandbox.conformance.case import Scene, expect, expect_executed, expect_problem, expect_refused, proven
from sandbox.conformance.gateway import Action
from tests.support.exchange import RunningExchange

BITCOIN = people.BITCOIN
PARALLEL = 30


@pytest.fixture
def scene(running_exchange: RunningExchange) -> Scene:
    """Two fresh accounts, a passkey on each."""
    running_exchange.accounts = running_exchange.open_accounts()
    return Scene(running_exchange.target())


def rows(running: RunningExchange, sql: str, *values: str) -> list[tuple[Any, ...]]:
    """Read the exchange's file."""
    with closing(sqlite3.connect(running.database)) as connection:
        return connection.execute(sql, values).fetchall()


def change(running: RunningExchange, sql: str, *values: str) -> None:
    """Change the exchange's file, as its own staff or time would."""
    with closing(sqlite3.connect(running.database, timeout=10)) as connection, connection:
        connection.execute(sql, values)


def balance(running: RunningExchange, account: str) -> Decimal:
    return Decimal(rows(running, "SELECT amount FROM balance WHERE account_id = ? AND asset = 'BTC'", account)[0][0])


def debit(scene: Scene, amount: str) -> Action:
    return scene.action(operation="debit", amount=amount)


def test_action__sent_thirty_times_at_once__has_one_effect(running_exchange: RunningExchange, scene: Scene) -> None:
    before = balance(running_exchange, scene.target.account)
    action = debit(scene, "0.250000000000000000")
    sent = scene.gateway.body(action)

    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(lambda _: scene.gateway.send("POST", f"/actions/{action.id}", sent), range(PARALLEL)))

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1
    assert balance(running_exchange, scene.target.account) == before - Decimal("0.25")
    assert rows(running_exchange, "SELECT count(*) FROM entry WHERE action_id = ?", action.id) == [(1,)]


def test_action__thirty_others_at_once__spend_no_more_than_there_is(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    actions = [replace(debit(scene, "0.300000000000000000"), method="webauthn") for _ in range(PARALLEL)]

    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(scene.gateway.execute, actions))

    assert sorted({answer.status for answer in answers}) == [200, 422]
    assert sum(answer.status == 200 for answer in answers) == 6
    assert balance(running_exchange, scene.target.account) == Decimal("0.2")


def test_action__more_than_the_account_holds__is_refused_and_changes_nothing(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    account = scene.target.account
    change(running_exchange, "UPDATE ceiling SET per_action = '9', per_day = '9' WHERE account_id = ?", account)

    expect_refused(scene, debit(scene, "2.000000000000000001"), "balance")

    assert balance(running_exchange, account) == 2


def test_action__above_the_day__is_refused(scene: Scene) -> None:
    expect_executed(scene, debit(scene, "1.500000000000000000"))
    expect_executed(scene, scene.action(amount="1.000000000000000000"))

    expect_refused(scene, debit(scene, "0.500000000000000001"), "limits")


def test_action__of_a_closed_account__is_refused(running_exchange: RunningExchange, scene: Scene) -> None:
    change(running_exchange, "UPDATE account SET state = 'closed' WHERE account_id = ?", scene.target.account)

    expect_refused(scene, scene.action(), "state")


@pytest.mark.parametrize(
    "bent", [{"operation": ""}, {"subject": ""}, {"destination": BITCOIN}, {"asset": ""}, {"operation": "add"}]
)
def test_action__that_carries_less_or_more_than_its_kind__is_refused(scene: Scene, bent: dict[str, str]) -> None:
    expect_refused(scene, scene.action(**bent), "state")


def test_action__asked_again_when_its_passkey_is_gone__is_answered_from_the_record(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    action = scene.action()
    sent = scene.gateway.body(action)
    first = scene.gateway.send("POST", f"/actions/{action.id}", sent)
    expect(first, 200)
    change(running_exchange, "DELETE FROM factor WHERE account_id = ?", scene.target.account)

    again = scene.gateway.send("POST", f"/actions/{action.id}", sent)

    assert (again.status, again.body) == (200, first.body)
    expect_refused(scene, scene.action(), "signature")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("allow_list_change", {"network": "bitcoin", "destination": BITCOIN}),
        ("factor_change", {"subject": "fac_1"}),
    ],
)
def test_action__with_an_operation_of_another_kind__is_refused(scene: Scene, kind: str, fields: dict[str, str]) -> None:
    expect_refused(scene, proven(scene.gateway.bare(kind, operation="credit", **fields), scene.passkey), "state")


def held(running: RunningExchange, scene: Scene) -> str:
    """Put a held withdrawal on the account."""
    name = f"wd_{scene.target.account}"
    change(
        running,
        "INSERT INTO movement VALUES (?, ?, 'withdrawal', 'BTC', 'bitcoin', '0.400000000000000000', '', 0, 0, 'held', "
        "'new_address', ?, '2026-01-01T00:00:00.000000+00:00')",
        name, scene.target.account, BITCOIN,
    )  # fmt: skip
    return name


def test_release__of_a_held_withdrawal__sends_it_once_and_as_it_was_asked_for(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    name = held(running_exchange, scene)

    def release(**bent: str) -> Action:
        whole = {"amount": "0.400000000000000000", "destination": BITCOIN, "subject": name, "network": "bitcoin"}
        return scene.action(kind="withdrawal_release", operation="", **(whole | bent))

    expect_refused(scene, release(destination="bc1qother0000000000000000000"), "destination")
    expect_refused(scene, release(amount="0.300000000000000000"), "state")
    expect_refused(scene, release(subject="wd_unknown"), "state")
    expect_executed(scene, release())
    expect_refused(scene, release(), "state")

    assert rows(running_exchange, "SELECT state, hold_reason FROM movement WHERE id = ?", name) == [("sent", "")]
    assert balance(running_exchange, scene.target.account) == Decimal("1.6")


def test_kinds__that_change_who_may_act_or_where_money_goes__do_what_they_say(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    gateway, account = scene.gateway, scene.target.account

    def act(kind: str, **fields: str) -> None:
        expect_executed(scene, proven(gateway.bare(kind, **fields), scene.passkey))

    act("allow_list_change", operation="add", asset="BTC", network="bitcoin", destination=BITCOIN)
    act("address_change", asset="BTC", network="bitcoin", destination="1BoatSLRHtKNngkdXEeobR76b53LETtpyT")
    act("email_change", destination=f"{account}@new.test")
    act("phone_change", destination="+44 20 7946 0000")
    expect_executed(scene, scene.action(kind="limit_raise", operation="", subject="", amount="5.000000000000000000"))
    expect_refused(scene, proven(gateway.bare("email_change", destination="nobody"), scene.passkey), "destination")

    assert rows(running_exchange, "SELECT destination FROM payout_address WHERE account_id = ?", account) == [
        ("1BoatSLRHtKNngkdXEeobR76b53LETtpyT",)
    ]
    assert rows(running_exchange, "SELECT email, phone FROM account WHERE account_id = ?", account) == [
        (f"{account}@new.test", "+44 20 7946 0000")
    ]
    assert rows(running_exchange, "SELECT per_day FROM ceiling WHERE account_id = ?", account) == [
        ("5.000000000000000000",)
    ]


def test_reset_of_factors__after_a_review__removes_them_all(running_exchange: RunningExchange, scene: Scene) -> None:
    reset = replace(scene.gateway.bare("mfa_reset"), method="manual")
    other = f"/accounts/{scene.target.account}/factors/{scene.passkey.factor_id}"

    expect_refused(scene, replace(scene.gateway.bare("mfa_reset"), method="totp"), "limits")
    expect_executed(scene, reset)

    expect(scene.gateway.send("DELETE", f"{other}?action={reset.id}"), 204)
    expect_refused(scene, scene.action(), "signature")
    assert rows(running_exchange, "SELECT 1 FROM factor WHERE account_id = ?", scene.target.account) == []


def test_enrolment__after_its_ten_minutes__is_refused(running_exchange: RunningExchange, scene: Scene) -> None:
    begun = scene.begin(scene.target.account, scene.target.customer)
    change(
        running_exchange,
        "UPDATE registration SET expires_at = '2020' WHERE registration_id = ?", begun["registration_id"],
    )  # fmt: skip

    answer = scene.finish(
        scene.target.account, begun["registration_id"], scene.passkey.stranger().create(begun["options"])
    )

    expect_problem(answer, 422, "registration")


@pytest.mark.parametrize("raw", [b'{"account_id": "\\ud800"}', b"[" * 100_000, b"\xff", b'"text"'])
def test_body__that_is_no_json_object__is_refused_without_a_trace(scene: Scene, raw: bytes) -> None:
    expect_problem(scene.gateway.send("POST", "/actions/act_odd", raw), 400, "malformed")
    expect_problem(scene.gateway.send("GET", "/actions/act_odd"), 404)


def test_keys__of_pharos_that_were_changed__count_at_once(running_exchange: RunningExchange, scene: Scene) -> None:
    public = running_exchange.folder / "public" / "pharos-keys.json"
    kept = public.read_bytes()
    expect(scene.gateway.send("GET", f"/accounts/{scene.target.account}"), 200)
    try:
        public.write_text('{"keys": []}')
        expect_problem(scene.gateway.send("GET", f"/accounts/{scene.target.account}"), 401)
    finally:
        public.write_bytes(kept)
    expect(scene.gateway.send("GET", f"/accounts/{scene.target.account}"), 200)
