"""A customer at the portal with everything real around them: the verifier, the exchange, staff with passkeys."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pyotp
from django.db import connection
from django.test import Client, override_settings

from accounts.models import Customer, Staff, Team
from core import clock
from core.ids import new_public_id
from security.exchange import client as exchange_client
from security.models import FundAction
from security.services import fund_actions
from security.services.fund_actions import Asked
from security.verifier.configuration import read
from security.verifier_client import ask
from tests.factories.accounts import StaffFactory
from tests.factories.customers import open_portal, portal_customer
from tests.factories.security import certify
from tests.support import moved_clock
from tests.support.authenticator import Authenticator
from tests.support.databases import TestStores
from tests.support.exchange import ORIGIN, RunningExchange
from tests.support.verifier import serving, told

DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
COUNTS_AFTER = timedelta(hours=73)
POLICY_HASH = """
SELECT core.fund_policy_hash(%(public_id)s, %(kind)s, %(asset)s, %(above)s::numeric(38, 18), %(risk)s, %(methods)s,
    %(needs_approval)s, %(cooling_off_s)s)
"""
PROPOSE = """
INSERT INTO security_fundpolicychange (public_id, kind, asset, above, risk, methods, needs_approval, cooling_off_s,
    proposer_id, proposer_stepup_id, proposer_verified_at)
VALUES (%(public_id)s, %(kind)s, %(asset)s, %(above)s, %(risk)s, %(methods)s, %(needs_approval)s, %(cooling_off_s)s,
    %(who)s, %(stepup)s, %(at)s)
"""
CONFIRM = """
UPDATE security_fundpolicychange SET confirmer_id = %(who)s, confirmer_stepup_id = %(stepup)s,
    confirmer_verified_at = %(at)s WHERE public_id = %(public_id)s
"""
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
        key, kept = customer_key(self.customer, self.running.accounts[0])
        self.set_clock(-COUNTS_AFTER - timedelta(hours=1))
        self.keys |= {"agent": staff_key(self.agent), "lead": staff_key(self.lead)}
        self.set_clock(-COUNTS_AFTER)
        ask("customer.passkey.keep", customer=self.customer.pk, **kept)
        self.set_clock(timedelta())
        self.keys["customer"] = key
        return self

    def with_codes(self) -> str:
        """Give the customer an authenticator that counts, and a policy that takes its codes; return the secret."""
        self.set_clock(-COUNTS_AFTER)
        begun = ask("code.begin", person=f"customer:{self.customer.pk}", name="Mina", issuer="Pharos")
        code = pyotp.TOTP(begun["secret"]).at(clock.now())
        ask("code.finish", ceremony=begun["ceremony"], code=code)
        self._change_policy()
        self.set_clock(timedelta())
        return str(begun["secret"])

    def _change_policy(self) -> None:
        """Let refunds be approved by a code, without a second person: two people of ours, and a day."""
        second = StaffFactory.create(role="compliance")
        Team.objects.get(slug="front-line").members.add(second)
        terms: dict[str, Any] = {
            "public_id": new_public_id(), "kind": "refund", "asset": "BTC", "above": Decimal(0), "risk": "normal",
            "methods": ["totp", "webauthn"], "needs_approval": False, "cooling_off_s": 0,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(POLICY_HASH, terms)
            content = bytes(cursor.fetchone()[0])
            by = self._stepped_up(self.lead, self.keys["lead"], "policy.propose", content)
            cursor.execute(PROPOSE, terms | by)
            by = self._stepped_up(second, staff_key(second), "policy.confirm", content)
            cursor.execute(CONFIRM, by | {"public_id": terms["public_id"]})

    def _stepped_up(self, person: Staff, key: Authenticator, purpose: str, content: bytes) -> dict[str, Any]:
        begun = ask("step_up.begin", staff=person.pk, purpose=purpose, bound_to=content.hex(), method="webauthn")
        done = ask("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"]))
        return {"who": person.pk, "stepup": done["id"], "at": done["verified_at"]}

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
    certify(agent, lead)
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
