"""Customers at the portal: their sessions, what they set for their safety, and freezes the exchange must hear of."""

from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.clock import DatabaseNow, from_now
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models import Leased


class CustomerSessionQuerySet(models.QuerySet["CustomerSession"]):
    """Adjectives of customers' sessions."""

    def living(self) -> Self:
        """Inside both limits, by the database's clock."""
        return self.filter(
            ended_at__isnull=True,
            seen_at__gt=from_now(-timedelta(minutes=settings.PORTAL_IDLE_MIN)),
            opened_at__gt=from_now(-timedelta(minutes=settings.PORTAL_ABSOLUTE_MIN)),
        )


class CustomerSession(models.Model):
    """One browser of one customer, opened by a signed hand-off of the exchange; its token rests as a hash."""

    public_id = public_id_field()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="portal_sessions")
    token_digest = models.CharField(max_length=64, unique=True)
    # When and how they signed in at the exchange; what needs a fresh or a second factor asks for it.
    auth_time = models.DateTimeField()
    amr = ArrayField(models.CharField(max_length=20), default=list)
    browser = models.CharField(max_length=120, blank=True)
    address = models.GenericIPAddressField(null=True)
    opened_at = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    objects = CustomerSessionQuerySet.as_manager()

    class Meta:
        # a customer's open sessions
        indexes = [
            models.Index(
                fields=["customer", "-seen_at"],
                name="security_portal_session_open",
                condition=Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"portal session {self.public_id}"


class UsedHandOff(models.Model):
    """One hand-off that has opened a session: its token opens no second one."""

    issuer = models.CharField(max_length=200)
    jti = models.CharField(max_length=200)
    used_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issuer", "jti"], name="security_usedhandoff_once")]
        # the sweep of those whose token has long ended
        indexes = [models.Index(fields=["used_at"], name="security_usedhandoff_age")]

    def __str__(self) -> str:
        return f"hand-off {self.pk}"


class AntiPhishingPhrase(models.Model):
    """A customer's own words, in every mail that is really ours; encrypted, and shown to nobody else."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="anti_phishing_phrase")
    phrase = EncryptedTextField()
    set_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"phrase of customer {self.customer_id}"


class SupportLock(models.Model):
    """Until when support may change nothing for a customer. Only time ends it: triggers refuse whatever shortens it."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="support_lock")
    until = models.DateTimeField(_("until"))
    set_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"support lock of customer {self.customer_id}"


class FreezeOrder(Leased):
    """One freeze that the exchange must hear of; asked for until it has answered."""

    class State(models.TextChoices):
        """Where the order is."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    class Source(models.TextChoices):
        """By which door it was asked for."""

        PORTAL = "portal", _("Portal")
        LINK = "link", _("Link in a mail")
        DESK = "desk", _("Desk")
        PHONE = "phone", _("Phone")

    WAITING: ClassVar[tuple[str, ...]] = ("waiting",)

    public_id = public_id_field()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="freeze_orders", db_index=False)
    account_id = models.CharField(max_length=100)
    source = models.CharField(max_length=10, choices=Source.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_freezeorder_state_known", condition=Q(state__in=["waiting", "done", "failed"])
            ),
            models.CheckConstraint(
                name="security_freezeorder_source_known", condition=Q(source__in=["portal", "link", "desk", "phone"])
            ),
            # The exchange's answer to the one that waits is the answer to both.
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state="waiting"), name="security_freezeorder_one_waits"
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="security_freezeorder_waiting", condition=Q(state="waiting")),
            # the portal: what became of the last one
            models.Index(fields=["customer", "-id"], name="security_freezeorder_latest"),
        ]

    def __str__(self) -> str:
        return f"freeze order {self.public_id}"
