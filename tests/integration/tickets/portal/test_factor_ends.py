"""Factors that the exchange has let go are ended here, however long it takes; one that is not kept is told of."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import override_settings

from core.models import AuditEntry, Notice
from security.models import CustomerFactor, FactorsToEnd, FactorToKeep, FundAction, FundOrder
from security.services import action_notices, customer_factors, factor_ends
from security.verifier_client import ask
from tests.factories.customers import portal_customer
from tests.integration.tickets.portal.test_approvals import approve
from tests.support.portal_scene import COUNTS_AFTER, Scene, customer_key, staff_key
from tickets.alarm_kinds import KINDS
from tickets.selectors import troubles

WAIT = timedelta(hours=72, minutes=1)
AWAY = override_settings(VERIFIER_SOCKET="/nowhere/verifier.sock")
NOTHING = {"asset": "", "network": "", "amount": Decimal(0), "destination": ""}


@pytest.fixture
def removed(scene: Scene) -> FundAction:
    """A passkey is removed at the exchange, on the customer's word, after three days' wait; nobody has told ours yet."""
    key, kept = customer_key(scene.customer, scene.running.accounts[0])
    scene.set_clock(-COUNTS_AFTER - WAIT - timedelta(hours=1))
    scene.keys |= {"agent": staff_key(scene.agent), "lead": staff_key(scene.lead), "customer": key}
    scene.set_clock(-COUNTS_AFTER - WAIT)
    ask("customer.passkey.keep", customer=scene.customer.pk, **kept)
    scene.set_clock(-WAIT)
    subject = CustomerFactor.objects.get(customer=scene.customer).exchange_id
    action = scene.request(kind="factor_change", operation="remove", subject=subject, **NOTHING)
    scene.set_clock(timedelta())
    scene.enter()
    scene.approve(action)
    assert approve(scene, action).status_code == 302
    assert FundOrder.objects.get(action=action).state == "executed"
    return action


def alarms() -> dict[str, str]:
    return {one.kind: one.detail for one in troubles.found(judged=troubles.BY_ANYBODY)}


def test_removed__at_the_exchange__is_ended_here_by_the_round(scene: Scene, removed: FundAction) -> None:
    assert FactorsToEnd.objects.get().action == removed
    assert factor_ends.end_waiting() == 1
    assert factor_ends.end_waiting() == 0
    assert not CustomerFactor.objects.filter(customer=scene.customer, end__isnull=True).exists()
    steps = AuditEntry.objects.filter(object_id=scene.customer.public_id).values_list("action", flat=True)
    assert {"customer.factor_ended", "customer.factors_let_go"} <= set(steps)


def test_removed__verifier_away_for_a_week__is_an_alarm_and_never_given_up(scene: Scene, removed: FundAction) -> None:
    with AWAY:
        assert factor_ends.end_waiting() == 0
        assert "factors-not-ended" not in alarms()
        # The customer hears at once of what was done at the exchange.
        assert action_notices.sweep() == 1
        scene.set_clock(timedelta(days=7))
        assert factor_ends.end_waiting() == 0
        assert alarms()["factors-not-ended"].startswith("1, ")
    assert FactorsToEnd.objects.get().last_error == "the verifier is away"
    assert KINDS["factors-not-ended"].confirm_s == 0
    assert factor_ends.end_waiting() == 1
    assert "factors-not-ended" not in alarms()


def test_removed__a_newer_factor_of_another_reset__stays(scene: Scene, removed: FundAction) -> None:
    """A reset that is done late ends what there was, not what its customer has enrolled since."""
    assert factor_ends.end_waiting() == 1
    scene.set_clock(-WAIT)
    reset = scene.request(kind="mfa_reset", subject="", **NOTHING)
    scene.set_clock(timedelta())
    FactorsToEnd.owe(reset)
    scene.set_clock(timedelta(minutes=5))
    _key, kept = customer_key(scene.customer, scene.running.accounts[0])
    ask("customer.passkey.keep", customer=scene.customer.pk, **kept)
    assert factor_ends.end_waiting() == 1
    assert CustomerFactor.objects.filter(customer=scene.customer, end__isnull=True).count() == 1


def test_refund__owes_no_end(scene: Scene) -> None:
    scene.with_passkeys()
    FactorsToEnd.owe(scene.request())
    assert not FactorsToEnd.objects.exists()


def test_to_keep__verifier_refuses__its_owner_is_told_by_mail(scene: Scene) -> None:
    _key, kept = customer_key(scene.customer, scene.running.accounts[0])
    # Somebody else has this very credential with us.
    ask("customer.passkey.keep", customer=portal_customer("acc-other", "other@example.com").pk, **kept)
    FactorToKeep.objects.create(customer=scene.customer, label="phone", **kept)
    assert customer_factors.keep_waiting() == 0
    assert not FactorToKeep.objects.exists()
    told = Notice.objects.filter(kind="customer_security").latest("pk")
    assert told.body is not None
    assert told.body.startswith("A passkey that you have added at the exchange could not be kept by us")
    assert AuditEntry.objects.filter(action="customer.factor_not_kept").count() == 1
