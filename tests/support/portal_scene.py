"""A customer at the portal with everything real around them: the verifier, the exchange, staff with passkeys."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
from django.test import Client, override_settings

from accounts.models import Customer, Staff, Team
from security.exchange import client as exchange_client
from security.models import FundAction
from security.services import fund_actions
from security.services.fund_actions import Asked
from security.verifier.configuration import read
from security.verifier_client import ask
from tests.factories.customers import open_portal, portal_customer
from tests.support import moved_clock
from tests.support.authenticator import Authenticator
from tests.support.databases import TestStores
from tests.support.exchange import ORIGIN, RunningExchange
from tests.support.verifier import serving, told

DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
COUNTS_AFTER = timedelta(hours=73)
SetClock = Callable[[timedelta], None]


@dataclass
class Scene:
    """An agent, a lead of another team and a customer, signed in at the portal; `set_clock` moves SQL's clock alone."""

    running: RunningExchange
    agent: Staff
    lead: Staff
    customer: Customer
    set_clock: SetClock
    client: Client = field(default_factory=Client)
    keys: dict[str, Authenticator] = field(default_factory=dict)

    def enter(self) -> Client:
        """Sign the customer in anew."""
        self.client = Client()
        open_portal(self.client, self.customer)
        return self.client

    def with_passkeys(self) -> "Scene":
        """Give everybody a passkey; the customer's counts already."""
        self.keys |= {"agent": staff_key(self.agent), "lead": staff_key(self.lead)}
        key, kept = customer_key(self.customer, self.running.accounts[0])
        self.set_clock(-COUNTS_AFTER)
        ask("customer.passkey.keep", customer=self.customer.pk, **kept)
        self.set_clock(timedelta())
        self.keys["customer"] = key
        return self

    def request(self, **changed: Any) -> FundAction:
        """Ask for a refund, or what else is named, as the agent."""
        words: dict[str, Any] = {
            "kind": "refund", "subject": "P-1", "asset": "BTC", "network": "bitcoin", "amount": Decimal("0.01"),
            "destination": DESTINATION,
        }  # fmt: skip
        asked = Asked(customer=self.customer, **(words | changed))
        begun = fund_actions.begin_request(person=self.agent, asked=asked)
        answer = {"response": self.keys["agent"].get(dict(begun.options))}
        return fund_actions.request(person=self.agent, asked=asked, begun=begun, answer=answer)

    def approve(self, action: FundAction) -> None:
        """Say yes as the lead."""
        begun = fund_actions.begin_approval(person=self.lead, action=action)
        answer = {"response": self.keys["lead"].get(dict(begun.options))}
        fund_actions.approve(person=self.lead, action=action, begun=begun, answer=answer)


def staff_key(person: Staff) -> Authenticator:
    """Give a member of staff a passkey that cannot leave its device."""
    key = Authenticator(ORIGIN)
    begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="")
    return key


def customer_key(customer: Customer, account_id: str) -> tuple[Authenticator, dict[str, Any]]:
    """Enrol a passkey at the exchange; return it and what the verifier is told to keep."""
    key = Authenticator(ORIGIN)
    begun = exchange_client.post(f"/accounts/{account_id}/factors/options", {"pharos_customer": str(customer.pk)}).body
    response = json.loads(key.create(begun["options"]))
    given = {"registration_id": begun["registration_id"], "response": response, "origin": ORIGIN}
    made = exchange_client.post(f"/accounts/{account_id}/factors", given)
    assert made.status == 201, made.body
    return key, {name: made.body[name] for name in ("credential_id", "public_key", "sign_count", "device_type")}


@contextmanager
def scene(
    running: RunningExchange, stores: TestStores, database: str, owner: "psycopg.Connection[Any]", people: tuple[Staff, Staff]
) -> Iterator[Scene]:  # fmt: skip
    """Set it, on this database."""
    agent, lead = people
    front, back = (Team.objects.create(name=name, slug=name) for name in ("front-line", "treasury"))
    front.members.add(agent)
    back.members.add(lead)
    configured = told(stores, database) | {
        "PHAROS_VERIFIER_KEY": running.verifier_key, "PHAROS_SITE_URL": ORIGIN, "EXCHANGE_ISSUER": running.url,
    }  # fmt: skip
    settings = {
        "EXCHANGE_URL": running.url, "EXCHANGE_ISSUER": running.url, "GATEWAY_KEY": running.gateway_key,
        "SITE_URL": ORIGIN,
    }  # fmt: skip
    with override_settings(**settings), serving(read(configured)):
        customer = portal_customer(account_id=running.accounts[0])
        found = Scene(running, agent, lead, customer, lambda ahead: moved_clock.set_ahead(owner, ahead))
        found.enter()
        try:
            yield found
        finally:
            moved_clock.set_ahead(owner, timedelta())
