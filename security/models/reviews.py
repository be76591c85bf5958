"""Manual review of documents, where a factor is lost: SQL holds it (migrations/manual_review/), the models read.

Rows are made by inserting what the grants name; the database fills in the rest and refuses what does not hold.
"""

from django.conf import settings
from django.db import models

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field
from security.models.fund import FundAction, StepUp


class Decision(models.TextChoices):
    """What a reviewer says."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


class ManualReview(models.Model):
    """The review of one action, from its asking on; `appeal_of` is the refused review that it is the appeal of."""

    public_id = public_id_field()
    action = models.OneToOneField(FundAction, on_delete=models.PROTECT, related_name="review")
    hash = models.BinaryField(editable=False)
    kind = models.CharField(max_length=30)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cooling_off_s = models.IntegerField()
    action_created_at = models.DateTimeField()
    appeal_of = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="appeal_review")
    is_appeal = models.BooleanField(editable=False)
    opened_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_manualreview"

    def __str__(self) -> str:
        return f"review {self.public_id}"


class ReviewerDraw(models.Model):
    """Who was drawn to look at a review; inserting a row draws."""

    review = models.ForeignKey(ManualReview, on_delete=models.PROTECT, related_name="draws")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField()
    drawn_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_reviewerdraw"

    def __str__(self) -> str:
        return f"{self.reviewer_id} for review {self.review_id}"


class ReviewDecision(models.Model):
    """What one reviewer said, with a step-up for exactly this; `content` is its SHA-256."""

    review = models.ForeignKey(ManualReview, on_delete=models.PROTECT, related_name="decisions")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    place = models.IntegerField()
    decision = models.CharField(max_length=10, choices=Decision.choices)
    is_readable = models.BooleanField()
    is_in_date = models.BooleanField()
    name_matches = models.BooleanField()
    face_matches = models.BooleanField()
    reason = models.CharField(max_length=1000)
    content = models.BinaryField(editable=False)
    reviewer_stepup = models.ForeignKey(StepUp, on_delete=models.PROTECT, related_name="+")
    reviewer_verified_at = models.DateTimeField()
    decided_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_reviewdecision"

    def __str__(self) -> str:
        return f"{self.decision} by {self.reviewer_id}"


class ReviewAppeal(models.Model):
    """A customer does not agree with a refusal: once, within 30 days."""

    review = models.OneToOneField(ManualReview, primary_key=True, on_delete=models.PROTECT, related_name="appeal")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    appealed_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        managed = False
        db_table = "security_reviewappeal"

    def __str__(self) -> str:
        return f"appeal of review {self.review_id}"
