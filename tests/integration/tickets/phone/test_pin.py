"""The support PIN: typed by keypad it says whose a call is, once; guessed, read out or replayed it says nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Customer
from core.clock import DatabaseNow, now
from security.models import CustomerSession, Freeze, SupportPinTries
from security.services import support_pins
from tests.factories.accounts import CustomerFactory
from tests.integration.tickets.phone.test_calls import events
from tests.support.small_twilio import Caller
from tickets.models import PhoneLine, Ticket


@pytest.fixture
def session(line: PhoneLine) -> CustomerSession:
    """A customer who is signed in, where the line asks for the PIN."""
    line.asks_pin = True
    line.save(update_fields=["asks_pin"])
    customer: Customer = CustomerFactory.create()
    return CustomerSession.objects.create(customer=customer, token_digest="0" * 64, auth_time=DatabaseNow())


def typed(caller: Caller, number: str, pin: str) -> Caller:
    """Type number and PIN, as the voice asks for them."""
    return caller.presses(number).presses(pin)


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10**6:06d}"


def test_pin__typed__the_ticket_is_the_customers(caller: Caller, session: CustomerSession) -> None:
    shown = support_pins.current(session=session)
    typed(caller.calls().presses("1"), shown.number, shown.pin).waits().presses("1").waits()
    ticket = Ticket.objects.get()
    assert caller.call.is_pin_proven
    assert (ticket.requester, ticket.is_requester_proven) == (session.customer, True)
    assert events(ticket) == ["phone_came", "phone_proven", "phone_queued"]


def test_pin__none_typed__goes_on_and_is_nobodys(caller: Caller, session: CustomerSession) -> None:
    caller.calls().presses("1").waits().waits().presses("1").waits()
    assert not caller.call.is_pin_proven
    assert Ticket.objects.get().requester != session.customer


@pytest.mark.attack("H6")
def test_pin__used_or_old_or_of_an_ended_session__proves_nothing(
    session: CustomerSession, move_time: Callable[[timedelta], None]
) -> None:
    shown = support_pins.current(session=session)
    assert support_pins.prove(number=shown.number, pin=shown.pin) == session.customer
    assert support_pins.prove(number=shown.number, pin=shown.pin) is None
    move_time(timedelta(minutes=1))
    fresh = support_pins.current(session=session)
    move_time(timedelta(minutes=2))
    assert support_pins.prove(number=shown.number, pin=fresh.pin) is None
    latest = support_pins.current(session=session)
    CustomerSession.objects.update(ended_at=DatabaseNow())
    assert support_pins.prove(number=shown.number, pin=latest.pin) is None


@pytest.mark.attack("H6")
def test_pin__five_wrong_ones__lock_the_number_for_a_while(
    session: CustomerSession, move_time: Callable[[timedelta], None]
) -> None:
    shown = support_pins.current(session=session)
    for _try in range(5):
        assert support_pins.prove(number=shown.number, pin=wrong(shown.pin)) is None
    assert support_pins.prove(number=shown.number, pin=shown.pin) is None
    locked = SupportPinTries.objects.get().locked_until
    assert locked is not None
    assert locked > now()
    move_time(timedelta(minutes=16))
    fresh = support_pins.current(session=session)
    assert support_pins.prove(number=fresh.number, pin=fresh.pin) == session.customer


@pytest.mark.attack("H6")
def test_pin__five_wrong_ones_in_a_call__it_goes_on_without(caller: Caller, session: CustomerSession) -> None:
    other = support_pins.number_of(CustomerFactory.create().pk)
    caller.calls().presses("1")
    for _try in range(5):
        typed(caller, other, "000000")
    assert "without the PIN" in caller.words
    assert not caller.call.is_pin_proven
    assert "A deposit" in caller.waits().words


def test_stolen_account__proven__may_be_frozen_by_a_key(caller: Caller, session: CustomerSession) -> None:
    shown = support_pins.current(session=session)
    typed(caller.calls().presses("1"), shown.number, shown.pin).waits().presses("9")
    assert "freeze your account at once" in caller.words
    assert "is frozen" in caller.presses("1").words
    assert Freeze.objects.filter(customer=session.customer).exists()
    assert "number 1" in caller.waits().words
    assert "phone_frozen" in events(Ticket.objects.get())


@pytest.mark.attack("H6")
def test_stolen_account__not_proven__is_frozen_by_no_key(caller: Caller, session: CustomerSession) -> None:
    caller.calls().presses("1").waits().waits().presses("9")
    assert caller.verbs == ["Say", "Redirect"]
    assert not Freeze.objects.exists()


def test_number__of_any_customer__leads_back_and_a_slip_leads_nowhere() -> None:
    numbers = {support_pins.number_of(pk): pk for pk in (1, 2, 77, 12_345_678)}
    assert len(numbers) == 4
    for number, pk in numbers.items():
        assert support_pins._key_of(number) == pk
        slipped = number[:-1] + str((int(number[-1]) + 1) % 10)
        assert support_pins._key_of(slipped) == 0
