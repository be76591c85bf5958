"""E5: what a proof was given for stays what it proves; and how codes fall where they are counted and kept carelessly."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyotp
import pytest
from django.db import ProgrammingError, connection, transaction

from accounts.models import CustomerAddress, Staff
from security.services import totp
from tests.factories.tickets import customer
from tests.support.race import run_together

GUESSES = 200
AT_ONCE = 20


def guessed(guess: Callable[[], Any]) -> list[Any]:
    """Guess two hundred times, twenty at the same moment."""
    return [one for _ in range(GUESSES // AT_ONCE) for one in run_together(*[guess] * AT_ONCE)]


@dataclass
class CarelessCounter:
    """A weak stub: reads the count, compares, then writes; whoever comes in between counts for nothing."""

    code: str
    failures: int = 0
    compared: int = 0
    everybody_has_read: threading.Barrier = field(default_factory=lambda: threading.Barrier(AT_ONCE))

    def try_code(self, code: str) -> bool:
        """Compare, unless five tries were counted."""
        before = self.failures
        self.everybody_has_read.wait()
        if before >= totp.TRIES:
            return False
        self.compared += 1
        self.failures = before + 1
        return code == self.code


@pytest.mark.positive_control("E5")
def test_careless_counter__two_hundred_guesses_at_once__compares_far_more_than_five() -> None:
    weak = CarelessCounter(code="123456")

    guessed(lambda: weak.try_code("000000"))

    assert weak.compared > totp.TRIES


@dataclass
class CarelessAuthenticator:
    """A weak stub: one step either way, and only the last code is remembered as used."""

    secret: str
    last_code: str = ""

    def accepts(self, code: str, step: int) -> bool:
        """Whether the code is near, and not the one used last."""
        near = {pyotp.TOTP(self.secret).generate_otp(one) for one in (step - 1, step, step + 1)}
        if code not in near or code == self.last_code:
            return False
        self.last_code = code
        return True


@pytest.mark.positive_control("E5")
def test_careless_authenticator__older_code_after_a_newer_one__is_taken_again() -> None:
    weak = CarelessAuthenticator(pyotp.random_base32())
    older, newer = (pyotp.TOTP(weak.secret).generate_otp(step) for step in (1000, 1001))

    assert [weak.accepts(code, 1001) for code in (older, newer, older)] == [True, True, True]


@pytest.mark.attack("E5")
@pytest.mark.parametrize("column", ["value", "customer_id", "kind", "proof", "proven_at"])
def test_proof__address_it_was_given_for__cannot_be_changed(db: None, column: str) -> None:
    customer("mina@example.com", proof="dkim")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(f'UPDATE accounts_customeraddress SET "{column}" = "{column}"')  # noqa: S608 -- names of this list


@pytest.mark.attack("E5")
def test_proof__another_address_of_the_same_customer__is_not_proven_by_it(db: None) -> None:
    mina = customer("mina@example.com", proof="dkim")
    CustomerAddress.objects.create(customer=mina, kind="email", value="new@example.com")

    claimed, proven = customer("new@example.com", proof=None), customer("new@example.com", proof="dkim")

    assert mina.pk not in {claimed.pk, proven.pk}
    assert not CustomerAddress.objects.get(customer=mina, value="new@example.com").is_proven


@pytest.mark.attack("E5")
def test_proof__given_to_one__cannot_be_another_customers(db: None) -> None:
    customer("mina@example.com", proof="dkim")
    thief = customer("thief@example.com", proof="dkim")
    with pytest.raises(Exception, match="accounts_address_proven_by_one"), transaction.atomic():
        CustomerAddress.objects.create(
            customer=thief, kind="email", value="mina@example.com", proof="dkim", proven_at="2026-01-01T00:00:00Z"
        )


@pytest.mark.attack("E5")
def test_staff_address__proven_by_invitation__cannot_be_changed(db: None, agent: Staff) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("UPDATE accounts_staff SET email = 'mallory@evil.test'")
