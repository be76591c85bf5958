"""People with passkeys, customers of a real exchange, and the way of a fund-related action; the verifier is who runs."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Customer, Staff, Team, TeamMembership
from security.exchange import client, keys
from security.models import ApproverDraw, FundAction, IdentityCheck
from security.services import fund_actions
from security.services.fund_actions import Asked, Begun
from security.verifier_client import ask
from tests.factories.accounts import StaffFactory
from tests.factories.customers import portal_customer
from tests.factories.security import certify
from tests.support.authenticator import Authenticator
from tests.support.exchange import HOLDS, RunningExchange, exchange

DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
# A factor counts for funds after 72 hours.
ENROLLED_AGO = timedelta(hours=73)
AMOUNT = Decimal("0.001")


@dataclass(frozen=True)
class Held:
    """A customer, their account at the exchange, and their passkey."""

    customer: Customer
    account_id: str
    key: Authenticator


@dataclass
class FundScene:
    """An agent, leads of another team, and customers; `origin` is where their browsers are."""

    origin: str
    agent: Staff
    customers: list[Held]
    staff_keys: dict[int, Authenticator] = field(default_factory=dict)

    def key_of(self, person: Staff) -> Authenticator:
        """Return the passkey of a member of staff, enrolled when first used."""
        if person.pk not in self.staff_keys:
            key = Authenticator(self.origin)
            begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
            ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="")
            self.staff_keys[person.pk] = key
        return self.staff_keys[person.pk]

    def request(self, held: Held) -> FundAction:
        """Let the agent ask for a refund."""
        asked = Asked(
            kind="refund", customer=held.customer, subject="P-1", asset="BTC", network="bitcoin", amount=AMOUNT,
            destination=DESTINATION,
        )  # fmt: skip
        key = self.key_of(self.agent)
        begun = fund_actions.begin_request(person=self.agent, asked=asked)
        answer = {"response": key.get(dict(begun.options))}
        return fund_actions.request(person=self.agent, asked=asked, begun=begun, answer=answer)

    def begin_check(self, held: Held, action: FundAction) -> tuple[IdentityCheck, dict[str, str]]:
        """Challenge the customer; return the check and the right answer to it."""
        check = fund_actions.begin_check(action=action, method="webauthn", actor=self.agent.actor)
        return check, {"response": held.key.get(fund_actions.challenge(check=check)["options"])}

    def check(self, held: Held, action: FundAction) -> None:
        """Let the customer prove themselves."""
        check, answer = self.begin_check(held, action)
        fund_actions.answer_check(check=check, answer=answer)

    def begin_approval(self, action: FundAction) -> tuple[Staff, Begun, dict[str, str]]:
        """Begin the step-up of who was drawn; return the person, it, and the right answer to it."""
        person = ApproverDraw.objects.select_related("approver").get(action=action).approver
        key = self.key_of(person)
        begun = fund_actions.begin_approval(person=person, action=action)
        return person, begun, {"response": key.get(dict(begun.options))}

    def ready(self, held: Held) -> tuple[int, int, int]:
        """Return an action that lacks nothing but its execution, with its check and its approver."""
        action = self.request(held)
        person, begun, answer = self.begin_approval(action)
        fund_actions.approve(person=person, action=action, begun=begun, answer=answer)
        check, right = self.begin_check(held, action)
        # Straight to the verifier: the service would carry it out.
        ask("check.answer", check=check.public_id, **right)
        return action.pk, check.pk, person.pk

    def approve(self, action: FundAction) -> None:
        """Let who was drawn say yes."""
        person, begun, answer = self.begin_approval(action)
        fund_actions.approve(person=person, action=action, begun=begun, answer=answer)


@contextmanager
def at_the_exchange(folder: Path, *, origin: str) -> Iterator[RunningExchange]:
    """Run an exchange where our settings say it is; it knows our gateway, and the verifier that answers here."""
    known = folder / "pharos-keys.json"
    known.write_text(json.dumps(keys.published()), encoding="utf-8")
    told = {
        "SANDBOX_PORT": str(urlsplit(settings.EXCHANGE_URL).port),
        "SANDBOX_ISSUER": settings.EXCHANGE_ISSUER,
        "SANDBOX_PHAROS_JWKS": str(known),
        "SANDBOX_PORTAL_ORIGIN": origin,
    }
    with exchange(folder, **told) as running:
        yield running


def people(running: RunningExchange, *, origin: str, customers: int, move: Callable[[timedelta], None]) -> FundScene:
    """Make the cast, with `customers` whose passkeys count already: the database's clock goes back and on again."""
    run = secrets.token_hex(3)
    # What is committed stays: whom another test made a lead of a team would be drawn.
    TeamMembership.objects.filter(staff__role__in=["lead", "compliance"]).delete()
    agent = StaffFactory.create(role="agent", email=f"asks-{run}@cast.test")
    leads = StaffFactory.create_batch(2, role="lead")
    front, back = (Team.objects.create(name=f"{name} {run}", slug=f"{name}-{run}") for name in ("front", "back"))
    front.members.add(agent)
    back.members.add(*leads)
    certify(agent, *leads)
    names = [f"{run}-{number}@x.test" for number in range(customers)]
    accounts = running.command("open-account", *names, "--holds", HOLDS).split()
    enrolled = [_enrolled(account, origin) for account in accounts]
    move(-ENROLLED_AGO)
    try:
        for held, kept in enrolled:
            ask("customer.passkey.keep", customer=held.customer.pk, **kept)
    finally:
        move(ENROLLED_AGO)
    return FundScene(origin, agent, [held for held, _kept in enrolled])


def _enrolled(account_id: str, origin: str) -> tuple[Held, dict[str, object]]:
    """Enrol a passkey at the exchange; return whose it is and what Pharos is told to keep."""
    customer = portal_customer(account_id=account_id, email=f"{account_id}@x.test")
    key = Authenticator(origin)
    begun = client.post(f"/accounts/{account_id}/factors/options", {"pharos_customer": str(customer.pk)}).body
    response = json.loads(key.create(begun["options"]))
    given = {"registration_id": begun["registration_id"], "response": response, "origin": origin}
    made = client.post(f"/accounts/{account_id}/factors", given)
    kept = {name: made.body[name] for name in ("credential_id", "public_key", "sign_count", "device_type")}
    return Held(customer, account_id, key), kept
