"""From an agent's request to the exchange having done it: real verifier, real exchange, passkeys in software."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Customer, Staff, Team
from core.models import AuditEntry
from security.delivery import fund_orders
from security.exchange import client
from security.models import ApproverDraw, Execution, FundAction, FundOrder, IdentityCheck
from security.services import freezing, fund_actions
from security.services.fund_actions import ActionRefusedError, Asked
from security.verifier.configuration import read
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError, ask
from tests.factories.customers import portal_customer
from tests.factories.security import certify
from tests.support.authenticator import Authenticator
from tests.support.databases import TestStores
from tests.support.exchange import ORIGIN, RunningExchange
from tests.support.verifier import serving, told
from tickets.selectors import backlog

DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
Move = Callable[[timedelta], None]


@dataclass
class Scene:
    """An agent, a lead of another team and a customer, each with a passkey that counts."""

    running: RunningExchange
    agent: Staff
    lead: Staff
    customer: Customer
    keys: dict[str, Authenticator]

    def asked(self, amount: str = "0.01") -> Asked:
        return Asked(
            kind="refund", customer=self.customer, subject="P-1", asset="BTC", network="bitcoin",
            amount=Decimal(amount), destination=DESTINATION,
        )  # fmt: skip

    def request(self, amount: str = "0.01") -> FundAction:
        begun = fund_actions.begin_request(person=self.agent, asked=self.asked(amount))
        answer = {"response": self.keys["agent"].get(dict(begun.options))}
        return fund_actions.request(person=self.agent, asked=self.asked(amount), begun=begun, answer=answer)

    def check(self, action: FundAction) -> IdentityCheck:
        check = fund_actions.begin_check(action=action, method="webauthn", actor=self.agent.actor)
        options = fund_actions.challenge(check=check)["options"]
        fund_actions.answer_check(check=check, answer={"response": self.keys["customer"].get(options)})
        return check

    def approve(self, action: FundAction) -> None:
        begun = fund_actions.begin_approval(person=self.lead, action=action)
        answer = {"response": self.keys["lead"].get(dict(begun.options))}
        fund_actions.approve(person=self.lead, action=action, begun=begun, answer=answer)


def _staff_key(person: Staff) -> Authenticator:
    key = Authenticator(ORIGIN)
    begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="")
    return key


def _customer_key(customer: Customer, account_id: str) -> tuple[Authenticator, dict[str, Any]]:
    """Enrol a passkey at the exchange; return it and what Pharos is told to keep."""
    key = Authenticator(ORIGIN)
    begun = client.post(f"/accounts/{account_id}/factors/options", {"pharos_customer": str(customer.pk)}).body
    response = json.loads(key.create(begun["options"]))
    given = {"registration_id": begun["registration_id"], "response": response, "origin": ORIGIN}
    made = client.post(f"/accounts/{account_id}/factors", given)
    assert made.status == 201, made.body
    kept = {name: made.body[name] for name in ("credential_id", "public_key", "sign_count", "device_type")}
    return key, kept


@pytest.fixture
def scene(
    clone_db: str, test_stores: TestStores, own_accounts: RunningExchange, agent: Staff, lead: Staff,
    move_time: Move,
) -> Iterator[Scene]:  # fmt: skip
    running = own_accounts
    account_id = running.accounts[0]
    front, back = (Team.objects.create(name=name, slug=name) for name in ("front-line", "treasury"))
    front.members.add(agent)
    back.members.add(lead)
    certify(agent, lead)
    configured = told(test_stores, clone_db) | {
        "PHAROS_VERIFIER_KEY": running.verifier_key, "PHAROS_SITE_URL": ORIGIN, "EXCHANGE_ISSUER": running.url,
    }  # fmt: skip
    with (
        override_settings(EXCHANGE_URL=running.url, EXCHANGE_ISSUER=running.url, GATEWAY_KEY=running.gateway_key),
        serving(read(configured)),
    ):
        customer = portal_customer(account_id=account_id)
        key, kept = _customer_key(customer, account_id)
        keys = {"agent": _staff_key(agent), "lead": _staff_key(lead), "customer": key}
        # A factor counts after 72 hours; the exchange's clock is not ours to move.
        move_time(-timedelta(hours=73))
        ask("customer.passkey.keep", customer=customer.pk, **kept)
        move_time(timedelta(hours=73))
        yield Scene(running, agent, lead, customer, keys)


def test_refund__asked_for_proven_and_approved__is_carried_out_once(scene: Scene) -> None:
    action = scene.request()
    assert ApproverDraw.objects.get(action=action).approver == scene.lead
    scene.check(action)
    assert not Execution.objects.filter(action=action).exists()

    scene.approve(action)

    order = FundOrder.objects.get(action=action)
    assert (order.state, order.last_error) == ("executed", "")
    assert client.get(f"/actions/{action.public_id}").body["outcome"] == "executed"
    steps = AuditEntry.objects.filter(object_id=action.public_id).values_list("action", flat=True)
    assert {"fund_action.requested", "fund_action.check_passed", "fund_action.approved", "fund_action.executed"} <= set(
        steps
    )


def test_refund__verifier_away_when_the_customer_answers__waits_and_passes_nothing(scene: Scene, settings: Any) -> None:
    action = scene.request()
    check = fund_actions.begin_check(action=action, method="webauthn", actor=scene.agent.actor)
    options = fund_actions.challenge(check=check)["options"]
    answer = {"response": scene.keys["customer"].get(options)}
    there = settings.VERIFIER_SOCKET
    settings.VERIFIER_SOCKET = "/nowhere/verifier.sock"
    with pytest.raises(VerifierAwayError, match="does not answer"):
        fund_actions.answer_check(check=check, answer=answer)
    assert not IdentityCheck.objects.get(pk=check.pk).is_verified

    settings.VERIFIER_SOCKET = there
    fund_actions.answer_check(check=check, answer=answer)
    assert IdentityCheck.objects.get(pk=check.pk).is_verified


def test_refund__frozen_before_the_last_step__is_refused_by_the_database(scene: Scene) -> None:
    action = scene.request()
    scene.check(action)
    freezing.freeze(customer=scene.customer, source="portal", actor=scene.customer.actor)
    with pytest.raises(ActionRefusedError, match="frozen"):
        scene.approve(action)
    assert not FundOrder.objects.filter(action=action).exists()


def test_refund__answered_by_the_passkey_for_another_action__is_refused(scene: Scene) -> None:
    small, large = scene.request("0.01"), scene.request("1.5")
    theirs = fund_actions.begin_check(action=small, method="webauthn", actor=scene.agent.actor)
    check = fund_actions.begin_check(action=large, method="webauthn", actor=scene.agent.actor)
    options = fund_actions.challenge(check=theirs)["options"]
    with pytest.raises(RefusedError):
        fund_actions.answer_check(check=check, answer={"response": scene.keys["customer"].get(options)})
    assert not IdentityCheck.objects.get(pk=check.pk).is_verified


def test_refund__approval_by_somebody_who_was_not_drawn__is_refused(scene: Scene) -> None:
    action = scene.request()
    with pytest.raises(ActionRefusedError, match="Somebody else was drawn"):
        fund_actions.begin_approval(person=scene.agent, action=action)


def test_refund__more_than_there_is__is_refused_by_the_exchange_and_said_so(scene: Scene) -> None:
    action = scene.request("1000000")
    scene.check(action)
    scene.approve(action)
    order = FundOrder.objects.get(action=action)
    assert order.state == "refused"
    assert order.code in {"limits", "balance"}


def test_refund__exchange_away__is_asked_again_with_the_same_body(scene: Scene, settings: Any) -> None:
    action = scene.request()
    scene.check(action)
    there = settings.EXCHANGE_URL
    settings.EXCHANGE_URL = "http://127.0.0.1:1"
    scene.approve(action)
    order = FundOrder.objects.get(action=action)
    assert (order.state, order.attempts) == ("waiting", 1)
    body = order.body
    assert [waiting.kind for waiting in backlog.at_the_exchange(late_s=0)] == ["fund-order-unanswered"]

    settings.EXCHANGE_URL = there
    FundOrder.objects.filter(pk=order.pk).update(next_attempt_at=order.created_at)
    fund_orders.deliver(order.pk)

    order.refresh_from_db()
    assert (order.state, order.body) == ("executed", body)
    assert backlog.at_the_exchange(late_s=0) == []


def test_request__for_a_customer_who_never_came_from_the_exchange__is_refused(scene: Scene) -> None:
    stranger = Customer.objects.create(name="Somebody")
    asked = Asked(kind="mfa_reset", customer=stranger)
    with pytest.raises(ActionRefusedError, match="never come from the exchange"):
        fund_actions.begin_request(person=scene.agent, asked=asked)
