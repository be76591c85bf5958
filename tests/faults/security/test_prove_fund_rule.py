"""The proof of the rule finds what somebody with the owner's rights has taken away."""

import psycopg
import pytest
from django.conf import settings as configured
from django.core.management import call_command
from pytest_django import Settings

from helpdesk.settings import base
from security import fund_rule
from tests.support import moved_clock

Owner = psycopg.Connection[tuple[object, ...]]
TAKEN_AWAY = {
    "a check": ("ALTER TABLE security_execution DROP CONSTRAINT security_execution_fresh", "security_execution_fresh"),
    "a key": ("ALTER TABLE security_execution DROP CONSTRAINT security_execution_check", "security_execution_check"),
    "a trigger": ("ALTER TABLE security_execution DISABLE TRIGGER b_now", "trigger D security_execution"),
    "a trigger's force": ("ALTER TABLE security_freeze ENABLE TRIGGER a_guard", "trigger O security_freeze"),
    "a default": ("ALTER TABLE security_execution ALTER executed_at DROP DEFAULT", "executed_at"),
    "the body of a function": (
        "CREATE OR REPLACE FUNCTION core.fund_execute_now() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "function core.fund_execute_now()",
    ),
    "an heir": (
        "CREATE TABLE heir () INHERITS (security_execution)",
        "security_execution owner pharos_owner has heirs",
    ),
    "a rule": (
        "CREATE RULE r AS ON INSERT TO security_freeze DO INSTEAD NOTHING",
        "security_freeze owner pharos_owner has",
    ),
    "a right to freeze": (
        "REVOKE EXECUTE ON FUNCTION core.fund_freeze FROM pharos_app",
        "core.fund_freeze(bigint,text) of",
    ),
    "a right too many": ("GRANT UPDATE ON security_identitycheck TO pharos_app", "right on security_identitycheck"),
    "a column's right": ("GRANT INSERT (executed_at) ON security_execution TO pharos_app", "executed_at of pharos_app"),
}


@pytest.fixture
def owner(clone_db: str, owner_connection: Owner, settings: Settings) -> Owner:
    """The owner of a database with the clock that production has."""
    owner_connection.execute(moved_clock.REAL)
    settings.FUND_RULE_IN_TESTS = {}
    return owner_connection


def test_prove__as_migrated__holds(owner: Owner, capsys: pytest.CaptureFixture[str]) -> None:
    assert fund_rule.differences() == []
    assert fund_rule.bypasses() == []
    call_command("prove_fund_rule")
    assert "The fund rule holds" in capsys.readouterr().out


@pytest.mark.parametrize(("statement", "named"), TAKEN_AWAY.values(), ids=list(TAKEN_AWAY))
def test_prove__something_taken_away__names_it_and_ends_with_1(
    owner: Owner, statement: str, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.execute(statement)
    with pytest.raises(SystemExit) as ended:
        call_command("prove_fund_rule")
    assert ended.value.code == 1
    assert named in capsys.readouterr().err


def test_prove__clock_that_is_not_ours__is_named(
    clone_db: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.FUND_RULE_IN_TESTS = {}
    with pytest.raises(SystemExit):
        call_command("prove_fund_rule")
    assert "function core.clock()" in capsys.readouterr().err


def test_prove__a_bypass_that_works__is_named(owner: Owner) -> None:
    owner.execute("GRANT UPDATE ON security_fundpolicy TO pharos_app")
    owner.execute("ALTER TABLE security_fundpolicy DISABLE TRIGGER z_no_update")
    assert fund_rule.bypasses() == ["change a policy"]
    assert fund_rule.bypasses() == ["change a policy"], "what passed was undone"


def test_prove__statement_that_fails_for_another_reason__proves_nothing(owner: Owner) -> None:
    owner.execute("ALTER TABLE security_freeze RENAME unfrozen_at TO thawed_at")
    assert fund_rule.bypasses() == ["thaw (SQLSTATE 42703)"]


def test_settings__in_tests__let_the_moved_clock_pass_and_nothing_else(clone_db: str) -> None:
    assert base.FUND_RULE_IN_TESTS == {}
    assert len(configured.FUND_RULE_IN_TESTS) == 1
    assert fund_rule.differences() == []


def test_is_as_reviewed__constraint_dropped_and_put_back__is_seen_at_once(owner: Owner) -> None:
    assert fund_rule.is_as_reviewed()
    owner.execute("ALTER TABLE security_freeze ENABLE TRIGGER a_guard")
    assert not fund_rule.is_as_reviewed()
    owner.execute("ALTER TABLE security_freeze ENABLE ALWAYS TRIGGER a_guard")
    assert fund_rule.is_as_reviewed()


def test_bypasses__nothing_could_be_tried__is_no_proof_and_no_fault(owner: Owner) -> None:
    with owner.transaction():
        owner.execute("LOCK TABLE security_freeze IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            fund_rule.bypasses()
