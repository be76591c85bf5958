"""Manual reviews as people see them: those one was drawn for, those one has started."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.masking import masked_text
from accounts.models import Customer, Staff
from security import fund_words, review_state
from security.models import Decision, ManualReview, ReviewDecision, ReviewDocument
from security.review_state import State
from tickets.models import Ticket

PAGE = 50


@dataclass(frozen=True, slots=True)
class ReviewShown:
    """One review: whose, masked; where it is; what this person is to do with it."""

    review: ManualReview
    name: str
    state: State
    is_mine_to_decide: bool
    has_decided: bool
    decisions: Sequence[ReviewDecision]
    documents: Sequence[ReviewDocument]

    @property
    def title(self) -> str:
        """What is done when it is confirmed."""
        return fund_words.title(self.review.action)

    @property
    def lines(self) -> list[fund_words.Line]:
        """What the action names: the passkey or authenticator."""
        return fund_words.lines(self.review.action)

    @property
    def may_confirm(self) -> bool:
        """Whether confirming is possible now, beside refusing."""
        return self.state.stage == review_state.Stage.DECIDING


def of_person(person: Staff) -> list[ReviewShown]:
    """Return the newest reviews that this person was drawn for or has started."""
    mine = ManualReview.objects.filter(Q(draws__reviewer=person) | Q(requester=person))
    mine = mine.select_related("customer", "action")
    return [_shown(review, person) for review in mine.distinct().order_by("-pk")[:PAGE]]


def one(person: Staff, public_id: str) -> ReviewShown | None:
    """Return a review that this person was drawn for or has started; None for any other."""
    mine = ManualReview.objects.filter(Q(draws__reviewer=person) | Q(requester=person), public_id=public_id)
    review = mine.select_related("customer", "action").first()
    return _shown(review, person) if review else None


def exists(public_id: str) -> bool:
    """Whether there is such a review, whoever may see it."""
    return ManualReview.objects.filter(public_id=public_id).exists()


def latest_of(customer: Customer) -> ManualReview | None:
    """Return the customer's newest review."""
    return ManualReview.objects.filter(customer=customer).select_related("customer").order_by("-pk").first()


def may_appeal(review: ManualReview) -> bool:
    """Whether the customer may still say that they do not agree; the database decides again."""
    refused = ReviewDecision.objects.filter(review=review, decision=Decision.REFUSED).exists()
    return refused and not review.is_appeal and not has_appealed(review)


def has_appealed(review: ManualReview) -> bool:
    """Whether they have said so."""
    return hasattr(review, "appeal")


def ticket_number(review: ManualReview) -> tuple[str, int] | None:
    """Return public id and number of the ticket that the review belongs to."""
    if review.action.ticket_id is None:
        return None
    return Ticket.objects.filter(pk=review.action.ticket_id).values_list("public_id", "number").first()


def pictures_sent(review: ManualReview) -> int:
    """Return how many pictures the customer has sent."""
    return ReviewDocument.objects.filter(review=review, is_picture=True).count()


def _documents(review: ManualReview) -> list[ReviewDocument]:
    return list(ReviewDocument.objects.filter(review=review, removed_at__isnull=True).order_by("pk"))


def _shown(review: ManualReview, person: Staff) -> ReviewShown:
    decisions = list(review.decisions.select_related("reviewer").order_by("place"))
    is_drawn = review.draws.filter(reviewer=person).exists()
    has_decided = any(said.reviewer_id == person.pk for said in decisions)
    state = review_state.of(review)
    can_see = is_drawn and state.is_open
    documents = _documents(review) if can_see else []
    return ReviewShown(
        review=review,
        name=masked_text(review.customer.name),
        state=state,
        is_mine_to_decide=is_drawn and state.is_open and not has_decided,
        has_decided=has_decided,
        decisions=decisions,
        documents=documents,
    )
