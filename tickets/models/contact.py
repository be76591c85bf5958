"""What the desk keeps of a customer beside their cases: notes; and the senders whose mail is put aside as spam."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field

LONGEST_NOTE = 2000
LONGEST_REASON = 200
LONGEST_ADDRESS = 320


class CustomerNote(models.Model):
    """One note about a customer, for whoever sees a case of theirs. A removed one stays, and nobody is shown it."""

    public_id = public_id_field()
    # Found by `tickets_customernote_kept`.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="notes", db_index=False)
    text = models.TextField(_("text"), max_length=LONGEST_NOTE)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("note about a customer")
        verbose_name_plural = _("notes about customers")
        constraints = [
            models.CheckConstraint(
                name="tickets_customernote_removed_by_somebody",
                condition=Q(removed_at__isnull=True) ^ Q(removed_by__isnull=False),
            ),
            models.CheckConstraint(name="tickets_customernote_says_something", condition=~Q(text="")),
        ]
        indexes = [
            models.Index(
                fields=["customer", "-created_at", "-id"],
                name="tickets_customernote_kept",
                condition=Q(removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"note {self.public_id}"


class BlockedSenderQuerySet(models.QuerySet["BlockedSender"]):
    """Adjectives of blocked senders."""

    def standing(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lifted_at__isnull=True)


class BlockedSender(models.Model):
    """An address, or everybody at a domain, whose mail opens cases as spam: kept, but in nobody's queue."""

    class Kind(models.TextChoices):
        """What is blocked."""

        ADDRESS = "address", _("Address")
        DOMAIN = "domain", _("Domain")

    public_id = public_id_field()
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    value = models.CharField(_("address or domain"), max_length=LONGEST_ADDRESS)
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON)
    blocked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    objects = BlockedSenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("blocked sender")
        verbose_name_plural = _("blocked senders")
        constraints = [
            models.UniqueConstraint(
                fields=["value"], condition=Q(lifted_at__isnull=True), name="tickets_blockedsender_once"
            ),
            models.CheckConstraint(
                name="tickets_blockedsender_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True) ^ Q(lifted_by__isnull=False),
            ),
            models.CheckConstraint(name="tickets_blockedsender_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="tickets_blockedsender_kind_fits",
                condition=Q(kind="address", value__contains="@") | (Q(kind="domain") & ~Q(value__contains="@")),
            ),
        ]

    def __str__(self) -> str:
        return f"blocked {self.kind} {self.public_id}"
