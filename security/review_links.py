"""Signed links in mails: one opens the page on which documents for a manual review are sent without signing in."""

from django.core import signing
from django.urls import reverse

from core import clock
from security.models import ManualReview

SALT = "pharos.review"
LIFE_S = 72 * 3600
APPEAL_LIFE_S = 30 * 24 * 3600
ROUTE = "portal:review_by_link"


def path_for(review: ManualReview, *, life_s: int = LIFE_S) -> str:
    """Return the path of a link to this review, good for 72 hours (or `life_s`) of the database."""
    begins = round(clock.now().timestamp(), 3)
    return reverse(ROUTE, args=[signing.Signer(salt=SALT).sign_object([review.public_id, begins, life_s])])


def review_of(token: str) -> ManualReview | None:
    """Return which review a link is for; None when it is forged or too old."""
    try:
        public_id, begins, life_s = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        return None
    if not -1 <= clock.now().timestamp() - float(begins) <= float(life_s):
        return None
    return ManualReview.objects.select_related("customer").filter(public_id=public_id).first()
