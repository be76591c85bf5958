"""The rule is proved where a process starts and while the desk runs: what was taken away refuses, alarms and heals."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from core import heartbeat
from core.models import AuditEntry
from helpdesk import starting
from helpdesk.embedded.environment import with_database
from helpdesk.embedded.places import ROOT
from security import inbound_tasks
from tickets.models import Alarm
from tickets.selectors import troubles
from tickets.services import alarms

Owner = psycopg.Connection[tuple[object, ...]]
Move = Callable[[timedelta], None]
DROP = "ALTER TABLE security_execution DROP CONSTRAINT security_execution_fresh"
GRANT = "GRANT UPDATE ON security_fundpolicy TO pharos_app; ALTER TABLE security_fundpolicy DISABLE TRIGGER z_no_update"
UNDO = (
    "REVOKE UPDATE ON security_fundpolicy FROM pharos_app;"
    " ALTER TABLE security_fundpolicy ENABLE ALWAYS TRIGGER z_no_update"
)
STARTS = {
    "web": ["-c", "import helpdesk.wsgi"],
    "sockets": ["-c", "import helpdesk.asgi"],
    "worker": ["-m", "celery", "--app", "helpdesk", "worker", "--queues", "celery"],
    "rounds": ["-m", "celery", "--app", "helpdesk", "worker", "--queues", "rounds"],
    "beat": ["-m", "celery", "--app", "helpdesk", "beat"],
    "mail": ["manage.py", "run_mail"],
}


def started(words: list[str]) -> "subprocess.CompletedProcess[str]":
    url = with_database(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def minutes_pass(move_time: Move, minutes: int) -> None:
    """Let the rounds do what they do in so many minutes: compare once in each, look every ten seconds."""
    for _minute in range(minutes):
        inbound_tasks.compare_fund_rule()
        for _look in range(6):
            for name in heartbeat.EXPECTED.keys() - {"fund rule"}:
                heartbeat.beat(name)
            alarms.look(judged=troubles.BY_ANYBODY)
            move_time(timedelta(seconds=10))


def open_alarms() -> list[tuple[str, str]]:
    return [(alarm.kind, alarm.about) for alarm in Alarm.objects.open()]


@pytest.mark.parametrize("name", STARTS)
def test_start__constraint_was_dropped__every_process_refuses_with_one_sentence(
    clone_db: str, owner_connection: Owner, name: str
) -> None:
    owner_connection.execute(DROP)

    done = started(STARTS[name])

    assert done.returncode != 0
    said = (done.stdout + done.stderr).strip().splitlines()
    assert len(said) == 1, said
    assert said[0].startswith("Pharos does not start: The rule of fund-related actions does not hold here")
    assert "security_execution_fresh" in said[0]


def test_start__as_migrated__goes_on(clone_db: str) -> None:
    assert started(STARTS["web"]).returncode == 0


def test_start__way_round_that_works__is_refused(clone_db: str, owner_connection: Owner) -> None:
    owner_connection.execute(GRANT)
    with pytest.raises(SystemExit, match="1 not refused, first: change a policy"):
        starting.fund_rule_or_exit()


def test_start__database_is_away__is_not_kept_from_it(clone_db: str) -> None:
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        starting.fund_rule_or_exit()
    finally:
        connection.settings_dict["HOST"] = host


def test_compare__constraint_dropped__alarms_within_two_minutes_and_clears_once_it_is_back(
    clone_db: str, owner_connection: Owner, move_time: Move
) -> None:
    minutes_pass(move_time, 2)
    assert open_alarms() == []
    (kept,) = owner_connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'security_execution_fresh'"
    ).fetchone() or ("",)
    owner_connection.execute(DROP)
    minutes_pass(move_time, 2)

    assert open_alarms() == [("fund-rule-broken", "catalog")]
    assert "security_execution_fresh" in Alarm.objects.open().get().detail
    owner_connection.execute(f"ALTER TABLE security_execution ADD CONSTRAINT security_execution_fresh {kept}")
    minutes_pass(move_time, 1)
    assert open_alarms() == []
    told = AuditEntry.objects.filter(action__startswith="fund_rule.").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["fund_rule.not_as_reviewed", "fund_rule.as_reviewed"]


def test_compare__migration_between_statement_and_grant__is_no_alarm_and_is_recorded(
    clone_db: str, owner_connection: Owner, move_time: Move
) -> None:
    owner_connection.execute(GRANT)
    minutes_pass(move_time, 1)
    owner_connection.execute(UNDO)
    minutes_pass(move_time, 2)

    assert not Alarm.objects.exists()
    assert AuditEntry.objects.filter(action="fund_rule.not_as_reviewed").count() == 1


def test_prove__way_round_that_works__alarms_and_clears_at_the_comparison_after_it_was_shut(
    clone_db: str, owner_connection: Owner, move_time: Move
) -> None:
    owner_connection.execute(GRANT)
    inbound_tasks.prove_fund_rule()
    minutes_pass(move_time, 2)
    assert set(open_alarms()) == {("fund-rule-broken", "catalog"), ("fund-rule-broken", "bypass")}

    owner_connection.execute(UNDO)
    minutes_pass(move_time, 1)
    assert open_alarms() == []
    first = AuditEntry.objects.filter(action="fund_rule.proved").earliest("pk")
    assert first.detail["holds"] is False
    assert first.detail["passed"] == 1


def test_prove__once_and_then_not_for_more_than_a_day__is_an_alarm(clone_db: str, move_time: Move) -> None:
    inbound_tasks.prove_fund_rule()
    minutes_pass(move_time, 1)
    move_time(timedelta(hours=27))
    minutes_pass(move_time, 2)

    assert open_alarms() == [("fund-rule-unproven", "bypass")]


def test_compare__not_for_three_minutes__is_an_alarm(clone_db: str, move_time: Move) -> None:
    inbound_tasks.compare_fund_rule()
    for _look in range(24):
        for name in heartbeat.EXPECTED.keys() - {"fund rule"}:
            heartbeat.beat(name)
        alarms.look(judged=troubles.BY_ANYBODY)
        move_time(timedelta(seconds=10))

    assert open_alarms() == [("fund-rule-unproven", "catalog")]
