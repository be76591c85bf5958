"""H9: no administrator does it alone: with their session, with the application's role, with the owner's."""

from datetime import timedelta

import psycopg
import pytest
from django.contrib import admin as administration
from django.test import RequestFactory

from accounts.models import Staff
from core.models import AuditEntry, AuditSeal
from security import fund_rule
from tests.factories.accounts import StaffFactory
from tests.faults.security.cast import Cast
from tests.faults.security.conftest import Move
from tests.faults.security.test_fund_policy import change_of_policy, confirm

# What shows that a rule was bent, and what the rule is made of; by no page of the administration.
KEPT = {*fund_rule.TABLES, AuditEntry._meta.db_table, AuditSeal._meta.db_table}
# Training is recorded there, of others; what was recorded stays.
ADDED_THERE = {"security_trainingcertificate", "security_trainingwithdrawal"}
REFUSED = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)


def an_administrator(cast: Cast) -> int:
    person = StaffFactory.create(role="admin")
    person.teams.add(*Staff.objects.get(pk=cast.leads[0]).teams.all())
    return int(person.pk)


@pytest.mark.attack("H9")
def test_administration__every_page__changes_no_evidence(admin: Staff, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = admin
    offered = {
        model._meta.db_table: [
            page.has_add_permission(request) and model._meta.db_table not in ADDED_THERE,
            page.has_change_permission(request), page.has_delete_permission(request),
        ]
        for model, page in administration.site._registry.items()
    }  # fmt: skip

    assert [table for table in KEPT if any(offered.get(table, []))] == []
    # The audit log is there to be read: the page of it was looked at.
    assert AuditEntry._meta.db_table in offered


@pytest.mark.attack("H9")
def test_administrator__alone__changes_no_policy(cast: Cast, move_time: Move) -> None:
    one = an_administrator(cast)
    change, words = change_of_policy(cast, by=one)
    with pytest.raises(REFUSED):
        confirm(cast, change, words, one)
    # Nor does another administrator's word help.
    with pytest.raises(REFUSED):
        confirm(cast, change, words, int(StaffFactory.create(role="admin").pk))
    move_time(timedelta(hours=25))

    assert cast.one("SELECT confirmed_at IS NULL FROM security_fundpolicychange WHERE id = %s", [change])
    assert cast.one("SELECT count(*) FROM security_fundpolicy WHERE change_id = %s", [change]) == 0


@pytest.mark.attack("H9")
def test_administrator__in_the_drawn_persons_team__is_never_drawn_and_cannot_approve(cast: Cast) -> None:
    one = an_administrator(cast)
    action = cast.request()

    assert cast.draw(action) != one
    with pytest.raises(REFUSED):
        cast.approve(action, one)


@pytest.mark.attack("H9")
def test_owner__switches_off_the_triggers_of_any_table__is_seen_at_the_next_comparison(
    clone_db: str, owner_connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    guarded = [table for table in fund_rule.TABLES if f"trigger A {table} " in fund_rule.REVIEWED.read_text()]
    assert {"security_execution", "security_freeze", "security_stepup", "security_fundpolicy"} <= set(guarded)
    for table in guarded:
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner_connection.commit()

    seen = "\n".join(fund_rule.differences())
    assert [table for table in guarded if f"trigger D {table} " not in seen] == []
    assert not fund_rule.is_as_reviewed()
