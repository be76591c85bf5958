"""Acts of the exchange: its signed events, and what becomes of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client, override_settings

from core import sealing
from core.ids import new_public_id
from security.models import ExchangeEvent
from security.services import exchange_events
from tests.contracts.permissions.acts import Prepared, act, at
from tests.factories.customers import portal_customer
from tests.support.small_exchange import SmallExchange, running


@contextmanager
def served() -> Iterator[SmallExchange]:
    """Run an exchange that the settings name, for one act."""
    with running(SmallExchange()) as found:
        told = {"EXCHANGE_ISSUER": found.url, "EXCHANGE_JWKS_URL": f"{found.url}/.well-known/jwks.json"}
        with override_settings(**told):
            yield found


@act("POST api:exchange_events", "security.ExchangeEvent")
def tell_of_an_event() -> Prepared:
    name = new_public_id()

    def send() -> object:
        with served() as exchange:
            body = exchange.event(name)
            client = Client(headers={"authorization": exchange.signed(body, name)})
            return client.generic("POST", at("api:exchange_events"), body, content_type="application/json")

    return send


@act("task security.handle_exchange_event", "security.ExchangeEvent", "core.Notice")
def turn_an_event_into_a_signal() -> Prepared:
    name = new_public_id()
    portal_customer(f"acc-{name}", f"{name}@example.com")
    body = SmallExchange(url=settings.EXCHANGE_ISSUER).event(name, account_id=f"acc-{name}")
    row = ExchangeEvent.objects.create(event_id=name, digest="", account_id=f"acc-{name}", raw=sealing.seal(body))
    return lambda: exchange_events.handle(pk=row.pk)


@act("task security.sweep_exchange_events", why="rings for rows")
def ring_for_events() -> Prepared:
    return exchange_events.ring_overdue
