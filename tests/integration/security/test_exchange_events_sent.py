"""The exchange's own commands against our door: real process there, real HTTP here, its keys rotated in between."""

import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from security.exchange import signed_token
from security.models import ExchangeEvent, ExchangeSignal
from security.services import exchange_events
from tests.factories.customers import portal_customer
from tests.support.exchange import RunningExchange, exchange


class Quiet(WSGIRequestHandler):
    """Says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(clone_db: str) -> Iterator[str]:
    """Our own pages on a free port, in a thread; the address of the door."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1/exchange/events/"
        server.shutdown()
        thread.join()


@pytest.fixture
def running(door: str, tmp_path: Path) -> Iterator[RunningExchange]:
    with exchange(tmp_path, SANDBOX_EVENTS_URL=door) as found:
        settings = {
            "EXCHANGE_URL": found.url, "EXCHANGE_ISSUER": found.url, "GATEWAY_KEY": found.gateway_key,
            "EXCHANGE_JWKS_URL": f"{found.url}/.well-known/jwks.json", "ALLOWED_HOSTS": ["127.0.0.1"],
        }  # fmt: skip
        with override_settings(**settings):
            yield found
    signed_token._exchange_keys.cache_clear()


def test_emit__every_type_by_old_and_new_keys__arrives_once_and_signals(
    running: RunningExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = running.accounts[0]
    customer = portal_customer(account_id=account)
    assert running.command("emit", "device.new", "--account", account).endswith("  202")
    monkeypatch.setattr(signed_token, "REST_S", 0.0)
    running.command("rotate-key")
    about = ("--account", account, "--data", '{"asset": "BTC", "transfer_id": "tr_12345678"}')
    assert running.command("emit", "transfer.large", *about).endswith("  202")
    running.command("retire-keys")
    assert running.command("emit", "credential.changed", "--account", account).endswith("  202")

    for pk in ExchangeEvent.objects.order_by("pk").values_list("pk", flat=True):
        exchange_events.handle(pk=pk)

    assert set(ExchangeEvent.objects.values_list("state", flat=True)) == {"processed"}
    kinds = ExchangeSignal.objects.filter(customer=customer).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["device.new", "transfer.large", "credential.changed"]


def test_emit__door_away__is_sent_again_under_the_same_id(running: RunningExchange, door: str) -> None:
    running.environment["SANDBOX_EVENTS_URL"] = "http://127.0.0.1:1/"
    said = running.command("emit", "device.new", "--account", running.accounts[0], check=False)
    assert said.endswith("no answer")
    running.environment["SANDBOX_EVENTS_URL"] = door
    assert running.command("emit") == said.replace("no answer", "202")
    assert ExchangeEvent.objects.get().event_id == said.split()[0]
