"""Statements compiled once: other values at each run, and no column whose values only Django could read."""

import pytest

from accounts.models import Staff
from core.compiled import compiled, stand_in, stand_in_text
from core.models import AuditEntry
from tests.factories.accounts import StaffFactory


def test_compiled__stand_ins_of_both_kinds__are_replaced_at_each_run(db: None) -> None:
    people = StaffFactory.create_batch(2)
    found = Staff.objects.filter(pk=stand_in(0), email=stand_in_text(0)).values_list("name")
    statement = compiled(found)
    assert statement is not None
    for one in people:
        assert statement.run({stand_in(0): one.pk, stand_in_text(0): one.email}) == [(one.name,)]
    assert statement.run({stand_in(0): people[0].pk, stand_in_text(0): people[1].email}) == []


def test_compiled__no_row_possible__is_none(db: None) -> None:
    assert compiled(Staff.objects.none().values_list("pk")) is None


def test_compiled__column_whose_values_are_converted__is_refused(db: None) -> None:
    with pytest.raises(TypeError, match="converted"):
        compiled(AuditEntry.objects.values_list("detail"))
