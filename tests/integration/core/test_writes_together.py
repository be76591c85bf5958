"""Rows of one transaction written by one statement a table: all of them, what is named first, none of what was undone."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer, CustomerAddress
from core import writes


def address(of: Customer, number: int) -> CustomerAddress:
    return CustomerAddress(customer=of, kind="email", value=f"writes{number}@example.com")


def named(*names: str) -> list[Customer]:
    return [Customer(name=name) for name in names]


def fail_after_inserting(name: str) -> None:
    writes.insert(named(name))
    message = f"undone, written: {Customer.objects.filter(name=name).exists()}"
    raise ValueError(message)


def known() -> list[str]:
    return list(CustomerAddress.objects.filter(value__startswith="writes").values_list("customer__name", flat=True))


def test_insert__outside_a_block__is_written_at_once(db: None) -> None:
    (one,) = named("one")
    writes.insert([one])
    assert one.pk
    writes.insert([])
    assert writes.waiting(Customer) == []


def test_together__rows_that_name_each_other__are_one_statement_a_table_in_order(db: None) -> None:
    people = named("one", "two", "three")
    with CaptureQueriesContext(connection) as statements, transaction.atomic(), writes.together():
        for number, person in enumerate(people):
            writes.insert([person])
            writes.insert([address(person, number)])
        assert writes.waiting(Customer) == people
        assert all(person.pk is None for person in people)
    inserts = [one["sql"] for one in statements.captured_queries if one["sql"].startswith("INSERT")]
    assert len(inserts) == 2
    assert sorted(person.pk for person in people) == [person.pk for person in people]
    assert known() == ["one", "two", "three"]


def test_together__names_first_come_second__are_written_first_all_the_same(db: None) -> None:
    (there, waits) = named("there", "waits")
    writes.insert([there])
    with transaction.atomic(), writes.together():
        writes.insert([address(there, 0)])
        writes.insert([waits])
        writes.insert([address(waits, 1)])
    assert known() == ["there", "waits"]


def test_write_now__in_the_middle__writes_what_waits_once(db: None) -> None:
    first, second = named("first", "second")
    with transaction.atomic(), writes.together():
        writes.insert([first])
        writes.write_now()
        assert first.pk
        assert writes.waiting(Customer) == []
        writes.insert([second])
    assert Customer.objects.filter(name__in=["first", "second"]).count() == 2
    writes.write_now()


def test_together__error_leaves_the_block__nothing_is_written_then_or_later(db: None) -> None:
    with pytest.raises(ValueError, match="undone"), transaction.atomic(), writes.together():
        fail_after_inserting("undone")
    writes.write_now()
    assert not Customer.objects.filter(name="undone").exists()


def test_together__below_a_savepoint__is_written_at_once_and_undone_alone(db: None) -> None:
    with transaction.atomic(), writes.together():
        writes.insert(named("stays"))
        with pytest.raises(ValueError, match="undone, written: True"), transaction.atomic():
            fail_after_inserting("undone")
    assert list(Customer.objects.filter(name__in=["stays", "undone"]).values_list("name", flat=True)) == ["stays"]


def test_insert__below_a_savepoint_naming_what_waits__is_refused(db: None) -> None:
    (waits,) = named("waits")
    with transaction.atomic(), writes.together():
        writes.insert([waits])
        with pytest.raises(ValueError, match="unsaved related object"), transaction.atomic():
            writes.insert([address(waits, 0)])
