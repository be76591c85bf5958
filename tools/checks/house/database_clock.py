"""Rows and SQL take the time from core.clock() only: one clock decides, and tests can move it."""

import ast
import re
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Source, Tree, called_name

HOMES = ("core/clock.py", "core/migrations/0001_ground.py")  # where core.clock() itself is written
SQL_TIME = re.compile(
    r"(?i)\b(now|clock_timestamp|transaction_timestamp|statement_timestamp)\s*\(\s*\)|\bcurrent_timestamp\b|\blocaltimestamp\b"
)
SQL = re.compile(r"(?i)\b(select|insert into|update|delete from|create (or replace )?(function|trigger)|alter table)\b")
# Where decisions about rows are made; a process may read its own clock for its own timers.
DECIDES = {"services", "models", "selectors", "effects"}
HOST_TIME = {"timezone.now", "datetime.now", "datetime.utcnow", "time.time", "datetime.datetime.now", "date.today"}


def check(tree: Tree) -> Iterator[Finding]:
    """Find Django's Now and auto_now, SQL's own clocks, and the host's clock where rows are decided."""
    for source in tree.python(top=FLOORS):
        if source.path in HOMES:
            continue
        for node in ast.walk(source.module):
            if isinstance(node, ast.Call):
                yield from _calls(source, node)
            elif isinstance(node, ast.Constant) and _sql_with_its_own_time(node.value):
                yield source.finding(node, "SQL reads time through core.clock() only, so that tests can move it")


def _sql_with_its_own_time(value: object) -> bool:
    return isinstance(value, str) and bool(SQL_TIME.search(value) and SQL.search(value))


def _calls(source: Source, call: ast.Call) -> Iterator[Finding]:
    if any(keyword.arg in {"auto_now", "auto_now_add"} for keyword in call.keywords):
        yield source.finding(call, "auto_now takes the web server's clock: use db_default=DatabaseNow()")
    if called_name(call) == "Now":
        yield source.finding(call, "Django's Now() cannot be moved by tests: use core.clock.DatabaseNow()")
    if DECIDES & set(source.parts) and ast.unparse(call.func) in HOST_TIME:
        yield source.finding(
            call, f"{ast.unparse(call.func)}() is the host's clock: use core.clock.now() or DatabaseNow()"
        )
