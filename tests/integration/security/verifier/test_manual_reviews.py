"""From a lost passkey to the exchange having reset it: real verifier, real exchange, two reviewers, an approver."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Staff, Team
from core.models import AuditEntry, Notice
from security.exchange import client
from security.models import (
    ApproverDraw,
    Execution,
    FundAction,
    FundOrder,
    IdentityCheck,
    ManualReview,
    ReviewDecision,
    ReviewerDraw,
)
from security.services import fund_actions, manual_reviews
from security.services.fund_actions import ActionRefusedError, Asked
from security.services.manual_reviews import Said
from security.verifier.protocol import RefusedError
from security.verifier_client import ask
from tests.factories.accounts import StaffFactory
from tests.factories.security import certify
from tests.integration.security.verifier.test_fund_actions import Scene, _staff_key, scene
from tests.support.authenticator import Authenticator

__all__ = ["scene"]
Move = Callable[[timedelta], None]
WAIT = timedelta(hours=72)
YES = Said(
    decision="confirmed", is_readable=True, is_in_date=True, name_matches=True, face_matches=True,
    reason="Passport and picture are theirs; the name is the account's.",
)  # fmt: skip
NO = replace(YES, decision="refused", face_matches=False, reason="Another person is on the picture.")


@dataclass
class Desk:
    """The scene with more people, each with a passkey."""

    scene: Scene
    agent: Staff
    people: dict[int, Authenticator]

    def asked(self) -> FundAction:
        """Ask for the reset, with its review."""
        asked = Asked(kind="mfa_reset", customer=self.scene.customer)
        begun = fund_actions.begin_request(person=self.agent, asked=asked)
        answer = {"response": self.people[self.agent.pk].get(dict(begun.options))}
        action = fund_actions.request(person=self.agent, asked=asked, begun=begun, answer=answer)
        manual_reviews.open_review(person=self.agent, action=action)
        return action

    def reviewers(self, action: FundAction) -> list[Staff]:
        return [draw.reviewer for draw in ReviewerDraw.objects.filter(review__action=action).order_by("place")]

    def decide(self, action: FundAction, person: Staff, said: Said = YES) -> None:
        review = ManualReview.objects.get(action=action)
        begun = manual_reviews.begin_decision(person=person, review=review, said=said)
        answer = {"response": self.people[person.pk].get(dict(begun.options))}
        manual_reviews.decide(person=person, review=review, said=said, begun=begun, answer=answer)

    def approve(self, action: FundAction) -> None:
        person = ApproverDraw.objects.get(action=action).approver
        begun = fund_actions.begin_approval(person=person, action=action)
        answer = {"response": self.people[person.pk].get(dict(begun.options))}
        fund_actions.approve(person=person, action=action, begun=begun, answer=answer)


@pytest.fixture
def desk(scene: Scene, move_time: Move) -> Desk:
    """Everybody's passkey is older than the waiting time, whose end is now: the exchange's clock is not ours to move."""
    move_time(-WAIT - timedelta(hours=1))
    people = {scene.lead.pk: scene.keys["lead"]}
    for place, role in enumerate(("agent", "compliance", "lead", "compliance", "lead", "compliance")):
        person: Staff = StaffFactory.create(role=role)
        certify(person)
        Team.objects.create(name=f"team {place}", slug=f"team-{place}").members.add(person)
        people[person.pk] = _staff_key(person)
    move_time(WAIT + timedelta(hours=1))
    return Desk(scene, Staff.objects.get(pk__in=people, role="agent"), people)


def test_reset__two_reviewers_and_an_approver__is_carried_out_at_the_exchange(desk: Desk, move_time: Move) -> None:
    move_time(-WAIT)
    action = desk.asked()
    move_time(WAIT)
    one, other = desk.reviewers(action)
    desk.decide(action, one)
    with pytest.raises(ActionRefusedError, match="Two reviewers look at this first"):
        desk.approve(action)
    desk.decide(action, other)
    assert not Execution.objects.filter(action=action).exists()

    desk.approve(action)

    order = FundOrder.objects.get(action=action)
    assert (order.state, order.code, order.last_error) == ("executed", "", "")
    check = IdentityCheck.objects.get(action=action)
    assert check.method == "manual"
    assert check.factor is None
    decisions = list(
        ReviewDecision.objects.filter(review__action=action).order_by("place").values_list("pk", flat=True)
    )
    assert (check.evidence or {})["decisions"] == decisions
    assert client.get(f"/actions/{action.public_id}").body["outcome"] == "executed"
    review = ManualReview.objects.get(action=action)
    steps = list(AuditEntry.objects.filter(object_id=review.public_id).order_by("pk").values_list("action", flat=True))
    assert steps == ["manual_review.opened", "manual_review.decided", "manual_review.decided"]


def test_reset__one_refuses__ends_and_is_told(desk: Desk, move_time: Move) -> None:
    action = desk.asked()
    one, other = desk.reviewers(action)
    desk.decide(action, one, NO)
    move_time(WAIT)
    with pytest.raises(ActionRefusedError):
        desk.decide(action, other)
    with pytest.raises(ActionRefusedError, match="Two reviewers"):
        desk.approve(action)
    assert Notice.objects.filter(kind="customer_security").count() >= 2


def test_decision__words_changed_after_they_were_signed__is_refused(desk: Desk, move_time: Move) -> None:
    action = desk.asked()
    person = desk.reviewers(action)[0]
    move_time(WAIT)
    review = ManualReview.objects.get(action=action)
    begun = manual_reviews.begin_decision(person=person, review=review, said=NO)
    answer = {"response": desk.people[person.pk].get(dict(begun.options))}
    with pytest.raises(ActionRefusedError):
        manual_reviews.decide(person=person, review=review, said=YES, begun=begun, answer=answer)


def test_decision__by_somebody_not_drawn__is_refused(desk: Desk) -> None:
    review = ManualReview.objects.get(action=desk.asked())
    with pytest.raises(ActionRefusedError, match="Somebody else was drawn"):
        manual_reviews.begin_decision(person=desk.agent, review=review, said=YES)


def test_check__one_has_confirmed__the_verifier_records_nothing(desk: Desk, move_time: Move) -> None:
    action = desk.asked()
    move_time(WAIT)
    desk.decide(action, desk.reviewers(action)[0])
    check = fund_actions.begin_check(action=action, method="manual", actor=desk.agent.actor)
    with pytest.raises(RefusedError, match="Two reviewers"):
        ask("check.review", check=check.public_id)
    assert not IdentityCheck.objects.get(pk=check.pk).is_verified


def test_check__signature_that_is_not_the_reviewers__the_verifier_records_nothing(
    desk: Desk, move_time: Move, owner_connection: Any
) -> None:
    action = desk.asked()
    move_time(WAIT)
    for person in desk.reviewers(action):
        desk.decide(action, person)
    # What only somebody with the owner's DDL can do.
    owner_connection.execute("ALTER TABLE security_stepup DISABLE TRIGGER USER")
    owner_connection.execute(
        "UPDATE security_stepup SET evidence = jsonb_set(evidence, '{signature}', '\"MEUCIQ\"')"
        " WHERE purpose = 'action.review'"
    )
    check = fund_actions.begin_check(action=action, method="manual", actor=desk.agent.actor)
    with pytest.raises(RefusedError, match="signed"):
        ask("check.review", check=check.public_id)


def test_check__of_a_passkey__is_not_recorded_by_review(desk: Desk, move_time: Move) -> None:
    action = desk.asked()
    move_time(WAIT)
    for person in desk.reviewers(action):
        desk.decide(action, person)
    check = fund_actions.begin_check(action=action, method="webauthn", actor=desk.agent.actor)
    with pytest.raises(RefusedError, match="not one by review"):
        ask("check.review", check=check.public_id)


def test_open__of_a_refund__is_refused(desk: Desk) -> None:
    with pytest.raises(ActionRefusedError):
        manual_reviews.open_review(person=desk.agent, action=desk.scene.request())


def test_appeal__of_a_refusal__opens_the_next_review_by_others(desk: Desk) -> None:
    action = desk.asked()
    desk.decide(action, desk.reviewers(action)[0], NO)
    with pytest.raises(ActionRefusedError, match="only their own appeal"):
        desk.asked()
    manual_reviews.appeal(review=ManualReview.objects.get(action=action))
    action = FundAction.objects.latest("pk")
    review = manual_reviews.open_review(person=desk.agent, action=action)
    assert review.is_appeal
