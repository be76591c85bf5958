"""Changing policy, with the real verifier: two people of two teams and a day; one alone changes nothing."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Staff, Team
from core.models import AuditEntry
from security.models import FundPolicy, FundPolicyChange
from security.selectors import terms_for
from security.services import fund_policies
from security.services.fund_actions import ActionRefusedError
from security.services.fund_policies import Proposed
from security.verifier.protocol import RefusedError
from tests.integration.security.verifier.test_fund_actions import Move, Scene, _staff_key

EASIER = Proposed(
    kind="refund", asset="BTC", above=Decimal(0), risk="normal", methods=["totp", "webauthn"], needs_approval=False,
    cooling_off_s=0,
)  # fmt: skip


@pytest.fixture
def proposer(scene: Scene, admin: Staff) -> Staff:
    """An administrator of the agent's team, with a passkey."""
    Team.objects.get(slug="front-line").members.add(admin)
    scene.keys["admin"] = _staff_key(admin)
    return admin


def propose(scene: Scene, person: Staff, key: str, proposed: Proposed = EASIER) -> FundPolicyChange:
    begun = fund_policies.begin_proposal(person=person, proposed=proposed)
    answer = {"response": scene.keys[key].get(dict(begun.options))}
    return fund_policies.propose(person=person, proposed=proposed, begun=begun, answer=answer)


def confirm(scene: Scene, person: Staff, key: str, change: FundPolicyChange) -> None:
    begun = fund_policies.begin_confirmation(person=person, change=change)
    answer = {"response": scene.keys[key].get(dict(begun.options))}
    fund_policies.confirm(person=person, change=change, begun=begun, answer=answer)


def holding() -> tuple[str, bool]:
    terms = terms_for(kind="refund", asset="BTC")
    assert terms is not None
    return terms.risk, terms.needs_approval


def test_policy__by_two_people_of_two_teams__holds_a_day_later(scene: Scene, proposer: Staff, move_time: Move) -> None:
    change = propose(scene, proposer, "admin")
    assert holding() == ("high", True)
    confirm(scene, scene.lead, "lead", change)
    move_time(timedelta(hours=23, minutes=59))
    assert holding() == ("high", True)
    move_time(timedelta(minutes=1))
    assert holding() == ("normal", False)
    recorded = AuditEntry.objects.filter(object_id=change.public_id).order_by("id").values_list("action", "actor_id")
    assert list(recorded) == [
        ("fund_policy.proposed", proposer.public_id),
        ("fund_policy.confirmed", scene.lead.public_id),
    ]


def test_policy__proposer_alone__changes_nothing(scene: Scene) -> None:
    change = propose(scene, scene.lead, "lead")
    with pytest.raises(ActionRefusedError, match="of another team"):
        fund_policies.begin_confirmation(person=scene.lead, change=change)
    assert not FundPolicy.objects.filter(change=change).exists()


def test_policy__step_up_of_more_than_five_minutes__is_refused(scene: Scene, proposer: Staff, move_time: Move) -> None:
    begun = fund_policies.begin_proposal(person=proposer, proposed=EASIER)
    answer = {"response": scene.keys["admin"].get(dict(begun.options))}
    move_time(timedelta(minutes=6))
    with pytest.raises(RefusedError):
        fund_policies.propose(person=proposer, proposed=EASIER, begun=begun, answer=answer)
    assert not FundPolicyChange.objects.exists()


def test_policy__step_up_for_other_terms__is_refused_in_words(scene: Scene, proposer: Staff) -> None:
    other = Proposed(**{**asdict(EASIER), "needs_approval": True})
    begun = fund_policies.begin_proposal(person=proposer, proposed=other)
    answer = {"response": scene.keys["admin"].get(dict(begun.options))}
    with pytest.raises(ActionRefusedError, match="something else"):
        fund_policies.propose(person=proposer, proposed=EASIER, begun=begun, answer=answer)


def test_policy__confirmed_twice__is_refused_in_words(scene: Scene, proposer: Staff) -> None:
    change = propose(scene, proposer, "admin")
    begun = fund_policies.begin_confirmation(person=scene.lead, change=change)
    answer = {"response": scene.keys["lead"].get(dict(begun.options))}
    confirm(scene, scene.lead, "lead", change)
    with pytest.raises(ActionRefusedError, match="already"):
        fund_policies.confirm(person=scene.lead, change=change, begun=begun, answer=answer)


def test_policy__less_than_the_floor__is_refused_in_words(scene: Scene, proposer: Staff) -> None:
    weaker = Proposed(**{**asdict(EASIER), "kind": "email_change", "asset": ""})
    with pytest.raises(ActionRefusedError, match="at least 24 hours"):
        propose(scene, proposer, "admin", weaker)
