"""Entries of one transaction written by one statement: all of them, in order, and none of what was undone."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import audit
from core.audit import Actor
from core.models import AuditEntry

ME = Actor("staff", "together")


def written() -> list[str]:
    return list(AuditEntry.objects.filter(actor_id=ME.id).order_by("id").values_list("action", flat=True))


def fail_after(action: str) -> None:
    audit.record(action, actor=ME)
    raise ValueError("undone")


def test_together__entries_of_one_block__are_one_statement_in_order(db: None) -> None:
    with CaptureQueriesContext(connection) as statements, transaction.atomic(), audit.together():
        for action in ("a.first", "a.second", "a.third"):
            audit.record(action, actor=ME)
        assert written() == []
    assert sum("audit_append" in one["sql"] for one in statements.captured_queries) == 1
    assert written() == ["a.first", "a.second", "a.third"]


def test_together__error_leaves_the_block__nothing_is_told(db: None) -> None:
    with pytest.raises(ValueError, match="undone"), transaction.atomic(), audit.together():
        fail_after("a.undone")
    assert written() == []
    audit.record("a.after", actor=ME)
    assert written() == ["a.after"]


def test_together__part_is_undone_by_its_savepoint__only_its_entries_are_missing(db: None) -> None:
    with transaction.atomic(), audit.together():
        audit.record("a.stays", actor=ME)
        with pytest.raises(ValueError, match="undone"), transaction.atomic():
            fail_after("a.undone")
    assert written() == ["a.stays"]
