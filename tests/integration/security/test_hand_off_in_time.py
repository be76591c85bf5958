"""Hand-offs on real commits: the database's clock, and several at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from accounts.models import Customer, CustomerAddress
from tests.factories.customers import portal_customer
from tests.integration.security.test_hand_off import begun
from tests.support.small_exchange import SmallExchange

Move = Callable[[timedelta], None]


def test_hand_off__clock_of_the_database__decides(exchange: SmallExchange, clone_db: str, move_time: Move) -> None:
    client = Client()
    back = exchange.hand_off(begun(client))
    move_time(timedelta(minutes=11))
    assert client.get("/portal/hand-off/", back).status_code == 400


def test_recognise__first_hand_offs_at_once__are_one_customer(clone_db: str, race: Callable[..., list[Any]]) -> None:
    outcomes = race(*[portal_customer] * 4)
    assert len({one.pk for one in outcomes}) == 1
    assert (Customer.objects.count(), CustomerAddress.objects.count()) == (1, 1)
