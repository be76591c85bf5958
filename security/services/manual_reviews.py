"""Manual reviews, from opening to the two decisions. The database draws, compares and refuses; here is the order."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from core import audit
from core.clock import DatabaseNow
from core.ids import new_public_id
from security import review_links, selectors, verifier_client
from security.models import (
    CustomerFactor,
    Decision,
    FundAction,
    ManualReview,
    ReviewAppeal,
    ReviewDecision,
    ReviewerDraw,
)
from security.services import announcements, fund_actions, review_documents
from security.services.fund_actions import ActionRefusedError, Asked, Begun

CONTENT = """
SELECT core.fund_review_hash(%(hash)s, %(decision)s, %(is_readable)s, %(is_in_date)s, %(name_matches)s,
    %(face_matches)s, %(reason)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a reviewer finds and decides; confirming needs four times yes."""

    decision: str
    is_readable: bool
    is_in_date: bool
    name_matches: bool
    face_matches: bool
    reason: str

    @property
    def values(self) -> dict[str, str | bool]:
        """The columns of the decision."""
        return {
            "decision": self.decision, "is_readable": self.is_readable, "is_in_date": self.is_in_date,
            "name_matches": self.name_matches, "face_matches": self.face_matches, "reason": self.reason,
        }  # fmt: skip


def begin(*, person: Staff, asked: Asked) -> Begun:
    """Begin the requester's step-up for an action that a review shall carry.

    Raises ActionRefusedError where the customer can still prove themselves: a review takes the place of what is lost.
    """
    _needs_review(asked)
    return fund_actions.begin_request(person=person, asked=asked)


def open_review(*, person: Staff, action: FundAction) -> ManualReview:
    """Open the review of an action that was asked for, draw who looks, and tell every old channel.

    The appeal of a refusal, where the customer has made one, is this review. Documents that were moved out of their
    cases and wait are its. Raises ActionRefusedError: the kind has no
    reviews, another review is open, a refusal was not appealed, or nobody of other teams can be drawn.
    """
    appeal = ReviewAppeal.objects.filter(customer=action.customer, review__appeal_review__isnull=True).first()
    values = {"public_id": new_public_id(), "action_id": action.pk, "appeal_of_id": appeal.pk if appeal else None}
    with fund_actions.refusals(), transaction.atomic():
        review = ManualReview.objects.get(pk=fund_actions.insert(ManualReview, values))
        for _place in range(fund_actions.REVIEWERS):
            fund_actions.insert(ReviewerDraw, {"review_id": review.pk})
        review_documents.take(review=review)
        _record("manual_review.opened", person, review, {"action": action.public_id, "is_appeal": review.is_appeal})
        link = review_links.path_for(review)
        announcements.tell(customer=action.customer, what=announcements.What.REVIEW_OPENED, link=link)
    return review


def start(
    *, person: Staff, asked: Asked, begun: Begun, answer: Mapping[str, str], ticket_id: int | None
) -> ManualReview:
    """Ask for the action and open its review, both or neither; raises as `begin`, `request` and `open_review` do."""
    _needs_review(asked)
    with transaction.atomic():
        action = fund_actions.request(person=person, asked=asked, begun=begun, answer=answer, ticket_id=ticket_id)
        return open_review(person=person, action=action)


def draw_another(*, person: Staff, review: ManualReview) -> None:
    """Draw one more reviewer where those drawn do not decide; four hours after the last at the earliest."""
    with fund_actions.refusals(), transaction.atomic():
        fund_actions.insert(ReviewerDraw, {"review_id": review.pk})
        _record("manual_review.drawn", person, review, {})


def begin_decision(*, person: Staff, review: ManualReview, said: Said) -> Begun:
    """Begin the reviewer's step-up for saying exactly this of exactly this action."""
    if not ReviewerDraw.objects.filter(review=review, reviewer=person).exists():
        raise ActionRefusedError(_("Somebody else was drawn to look at this."))
    with connection.cursor() as cursor:
        cursor.execute(CONTENT, {**said.values, "hash": bytes(review.hash)})
        (content,) = cursor.fetchone()
    return fund_actions.step_up(
        person=person, purpose="action.review", content=bytes(content), public_id=review.public_id, method="webauthn"
    )


def decide(*, person: Staff, review: ManualReview, said: Said, begun: Begun, answer: Mapping[str, str]) -> None:
    """Keep the decision, with the step-up answered; a refusal is the end and is told to every old channel."""
    done = verifier_client.ask("step_up.finish", step_up=begun.step_up, **answer)
    values = {
        "review_id": review.pk, "reviewer_id": person.pk, **said.values, "reviewer_stepup_id": done["id"],
        "reviewer_verified_at": done["verified_at"],
    }  # fmt: skip
    with fund_actions.refusals(), transaction.atomic():
        decision = ReviewDecision.objects.get(pk=fund_actions.insert(ReviewDecision, values))
        _record("manual_review.decided", person, review, {"decision": said.decision, "place": decision.place})
        if said.decision == Decision.REFUSED:
            link = "" if review.is_appeal else review_links.path_for(review, life_s=review_links.APPEAL_LIFE_S)
            announcements.tell(customer=review.customer, what=announcements.What.REVIEW_REFUSED, link=link)
        elif decision.place == fund_actions.REVIEWERS:
            announcements.tell(customer=review.customer, what=announcements.What.REVIEW_CONFIRMED)


def appeal(*, review: ManualReview) -> None:
    """Keep that the customer does not agree with a refusal: once, within 30 days; an agent then asks anew.

    Raises ActionRefusedError when it was not refused, too long ago, or is an appeal itself.
    """
    with fund_actions.refusals(), transaction.atomic():
        fund_actions.insert(ReviewAppeal, {"review_id": review.pk}, key="review_id")
        audit.record("manual_review.appealed", actor=review.customer.actor, obj=("manual_review", review.public_id))


def _needs_review(asked: Asked) -> None:
    """Refuse what the customer could prove by a factor that is left: one that counts and that the policy takes.

    A reset is of all of them: that they are lost is what the reviewers look at.
    """
    if asked.kind == "mfa_reset":
        return
    terms = selectors.terms_for(kind=asked.kind)
    left = CustomerFactor.objects.filter(
        customer=asked.customer,
        end__isnull=True,
        counts_from__lte=DatabaseNow(),
        method__in=terms.methods if terms else [],
    )
    if asked.operation == "remove":
        left = left.exclude(exchange_id=asked.subject)
    if left.exists():
        raise ActionRefusedError(
            _(
                "They have another passkey or authenticator that counts: ask for the change from the ticket, and they"
                " prove themselves with it. If they have lost all of them, ask for the reset."
            )
        )


def _record(what: str, person: Staff, review: ManualReview, detail: Mapping[str, str | int | bool]) -> None:
    audit.record(what, actor=person.actor, obj=("manual_review", review.public_id), detail=detail)
