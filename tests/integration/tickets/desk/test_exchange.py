"""A customer's account at the exchange, as the desk shows it: masked, recorded, and never waited for."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.models import Customer, Staff
from core.models import AuditEntry
from security.services import exchange_reads
from tests.cast import signed_in
from tests.factories.customers import portal_customer, portal_ticket
from tests.factories.tickets import MailboxFactory
from tests.support.exchange import exchange as real_exchange
from tests.support.small_exchange import SmallExchange
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HASH = "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16"
ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
ACCOUNT = {
    "account_id": "acc-1", "state": "frozen", "tier": "gold", "kyc_level": 2, "hold_reason": "review of documents",
    "frozen_at": "2026-01-01T00:00:00+00:00", "pharos_customer": None, "factors": [{"factor_id": "f1"}],
}  # fmt: skip
MOVEMENT = {
    "id": "wd_1", "kind": "withdrawal", "asset": "BTC", "network": "bitcoin", "amount": "0.500000000000000000",
    "hash": HASH, "confirmations": 2, "needed": 3, "state": "pending", "hold_reason": "<b>new address</b>",
    "destination": ADDRESS, "created_at": "2026-01-01T00:00:00+00:00",
}  # fmt: skip
READ = "exchange.account_read"


@pytest.fixture
def mina() -> Customer:
    MailboxFactory.create()
    return portal_customer()


def answers(exchange: SmallExchange, account: Any = ACCOUNT, movements: Any = (MOVEMENT,), status: int = 200) -> None:
    exchange.answers = {
        "/accounts/acc-1": (status, account),
        "/accounts/acc-1/transactions": (status, {"results": list(movements)}),
    }


def shown(who: Staff, customer: Customer, **query: str) -> Any:
    return signed_in(Client(), who).get(f"/desk/customers/{customer.public_id}/exchange/", query)


def test_account__of_a_customer_with_a_request__is_shown_masked_and_recorded(
    agent: Staff, mina: Customer, exchange: SmallExchange
) -> None:
    portal_ticket(mina)
    answers(exchange)
    answer = shown(agent, mina)
    page = answer.content.decode()
    assert answer.status_code == 200
    for there in (
        "frozen",
        "gold",
        "review of documents",
        "0.5 BTC",
        "2 of 3 confirmations",
        "f4184fc5…1e9e16",
        "bc1q…dq",
    ):
        assert there in page
    for hidden in (HASH, ADDRESS, "<b>new", "acc-1", "wd_1"):
        assert hidden not in page
    assert "no-store" in answer.headers["Cache-Control"]
    entry = AuditEntry.objects.filter(action=READ).latest("pk")
    assert (entry.actor_id, entry.object_id) == (agent.public_id, mina.public_id)
    assert "hold_reason" in entry.fields


def test_account__by_a_hash_that_the_customer_names__asks_for_it_alone(
    agent: Staff, mina: Customer, exchange: SmallExchange
) -> None:
    portal_ticket(mina)
    answers(exchange, movements=())
    page = shown(agent, mina, hash=f" {HASH} ").content.decode()
    assert exchange.asked[-1][1] == f"/accounts/acc-1/transactions?hash={HASH}"
    assert "knows no such transaction" in page


def test_account__nobody_has_proven_a_request_to_be_theirs__is_not_there_and_the_denial_is_recorded(
    agent: Staff, mina: Customer, exchange: SmallExchange
) -> None:
    answers(exchange)
    assert shown(agent, mina).status_code == 404
    Ticket.objects.create(subject="Mine, they say", channel="email", requester=mina, is_requester_proven=False)
    assert shown(agent, mina).status_code == 404
    assert exchange.asked == []
    assert AuditEntry.objects.filter(action="access.denied", object_id=mina.public_id).exists()


@pytest.mark.parametrize(
    ("account", "status"),
    [({}, 200), ({**ACCOUNT, "kyc_level": "x"}, 200), ({**ACCOUNT, "state": 3}, 200), ({**ACCOUNT, "factors": 1}, 200),
     (ACCOUNT, 500), (ACCOUNT, 403)],
    ids=["nothing", "no number", "no word", "no list", "broken", "refused"],
)  # fmt: skip
def test_account__exchange_that_makes_no_sense__is_away(
    account: Any, status: int, agent: Staff, mina: Customer, exchange: SmallExchange
) -> None:
    portal_ticket(mina)
    answers(exchange, account, status=status)
    answer = shown(agent, mina)
    assert (answer.status_code, "does not answer" in answer.content.decode()) == (200, True)


def test_account__exchange_not_there__is_said_at_once(agent: Staff, mina: Customer, settings: Any) -> None:
    settings.EXCHANGE_URL = "http://127.0.0.1:1"
    portal_ticket(mina)
    assert "does not answer" in shown(agent, mina).content.decode()


def test_account__unknown_to_the_exchange__is_said(agent: Staff, mina: Customer, exchange: SmallExchange) -> None:
    portal_ticket(mina)
    assert "has no account at the exchange" in shown(agent, mina).content.decode()


def test_account__of_the_real_sandbox__reads_as_its_contract_says(agent: Staff, tmp_path: Path) -> None:
    with real_exchange(tmp_path) as running:
        told = {"EXCHANGE_URL": running.url, "EXCHANGE_ISSUER": running.url, "GATEWAY_KEY": running.gateway_key}
        with override_settings(**told):
            names = [line.split()[0] for line in running.command("accounts").splitlines()]
            readings = [
                exchange_reads.read(customer=portal_customer(name, f"{name}@x.test"), by=agent) for name in names
            ]
    assert {"active"} <= {one.account.state for one in readings}
    kinds = {movement.kind for one in readings for movement in one.movements}
    assert kinds == {"deposit", "withdrawal"}
