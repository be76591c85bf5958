"""Statements compiled once: other values at each run, and no column whose values only Django could read."""

import pytest
from django.db import close_old_connections, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff, TeamMembership
from core.compiled import Among, PairAmong, Rows, compiled, stand_in, stand_in_text
from core.models import AuditEntry
from core.own_connection import own_cursor
from tests.factories.accounts import StaffFactory, TeamFactory


def test_compiled__stand_ins_of_both_kinds__are_replaced_at_each_run(db: None) -> None:
    people = StaffFactory.create_batch(2)
    found = Staff.objects.filter(pk=stand_in(0), email=stand_in_text(0)).values_list("name")
    statement = compiled(found)
    assert statement is not None
    for one in people:
        assert statement.run({stand_in(0): one.pk, stand_in_text(0): one.email}) == [(one.name,)]
    assert statement.run({stand_in(0): people[0].pk, stand_in_text(0): people[1].email}) == []


def test_compiled__values_of_the_queryset__are_text_and_stay_what_they_are(db: None) -> None:
    odd = "100 %s of 'them' %% \\ \u2028"
    person = StaffFactory.create(name=odd)
    statement = compiled(Staff.objects.filter(name=odd, pk=stand_in(0), is_active=True).values_list("pk"))
    assert statement is not None
    assert statement.stand_ins == (stand_in(0),)
    assert statement.run({stand_in(0): person.pk}) == [(person.pk,)]
    assert statement.run({stand_in(0): 0}) == []


def test_compiled__run_again_and_again__is_prepared_once_for_keys_of_any_size(db: None) -> None:
    statement = compiled(Staff.objects.filter(pk=stand_in(0)).values_list("pk"))
    assert statement is not None
    for key in (1, 40_000, 3_000_000_000, 2, 3, 4):
        assert statement.run({stand_in(0): key}) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%accounts_staff%%'", [])
        assert cursor.fetchone() == (1,)


def test_compiled__connection_ended_between_requests__is_made_anew(clone_db: str) -> None:
    statement = compiled(Staff.objects.filter(pk=stand_in(0)).values_list("pk"))
    assert statement is not None
    assert statement.run({stand_in(0): 0}) == []
    ended = connection.connection.info.backend_pid
    with own_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    close_old_connections()  # what Django does before each request: the next statement looks at its connection first
    assert statement.run({stand_in(0): 0}) == []
    assert connection.connection.info.backend_pid != ended


def test_compiled__no_row_possible__is_none(db: None) -> None:
    assert compiled(Staff.objects.none().values_list("pk")) is None


def test_compiled__column_whose_values_are_converted__is_refused(db: None) -> None:
    with pytest.raises(TypeError, match="converted"):
        compiled(AuditEntry.objects.values_list("detail"))


def test_rows__compiled_once__are_whole_with_what_they_join_for_other_keys_each_time(db: None) -> None:
    people = StaffFactory.create_batch(3)
    team = TeamFactory.create()
    for person in people:
        team.memberships.create(staff=person)
    rows = Rows(lambda: TeamMembership.objects.filter(Among("staff", stand_in(0))).select_related("staff", "team"))
    for asked in (people[:1], people, []):
        with CaptureQueriesContext(connection) as queries:
            found = rows.run({stand_in(0): [one.pk for one in asked]})
            assert {(one.staff.name, one.team.name) for one in found} == {(one.name, team.name) for one in asked}
        assert len(queries) == 1


def test_rows__to_be_locked_outside_of_a_transaction__are_refused(clone_db: str) -> None:
    rows = Rows(lambda: Staff.objects.filter(Among("email", stand_in_text(0))).select_for_update())
    person = StaffFactory.create()
    with transaction.atomic():
        assert rows.run({stand_in_text(0): [person.email]}) == [person]
    with pytest.raises(TransactionManagementError):
        rows.run({stand_in_text(0): [person.email]})


def test_rows__pairs_of_numbers__are_asked_for_together(db: None) -> None:
    team = TeamFactory.create()
    first, second = (team.memberships.create(staff=one) for one in StaffFactory.create_batch(2))
    rows = Rows(lambda: TeamMembership.objects.filter(PairAmong(("id", "staff"), (stand_in(0), stand_in(1)))))
    both = {stand_in(0): [first.pk, second.pk], stand_in(1): [first.staff_id, second.staff_id]}
    crossed = {stand_in(0): [first.pk, second.pk], stand_in(1): [second.staff_id, first.staff_id]}
    assert (set(rows.run(both)), rows.run(crossed)) == ({first, second}, [])
