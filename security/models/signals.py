"""What the exchange tells us of a customer: its signed events as they came, and the signals they turned into."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from core.clock import DatabaseNow, from_now
from core.ids import public_id_field
from core.models import Leased


class SignalKind(models.TextChoices):
    """What happened; also the events' types of docs/exchange-gateway.md."""

    TRANSFER_LARGE = "transfer.large", _("Large transfer")
    DEVICE_NEW = "device.new", _("New device")
    CREDENTIAL_CHANGED = "credential.changed", _("Sign-in details changed")


class ExchangeEvent(Leased):
    """One event that the exchange has signed, its bytes sealed as they came; kept before anybody acts on it."""

    class State(models.TextChoices):
        """What became of it."""

        STORED = "stored", _("Stored")
        PROCESSED = "processed", _("Processed")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Kept for review")

    WAITING: ClassVar[tuple[str, ...]] = ("stored",)

    public_id = public_id_field()
    # The exchange's own name of it, and the hash of what came under that name.
    event_id = models.CharField(max_length=100, unique=True)
    digest = models.CharField(max_length=64)
    account_id = models.CharField(max_length=100, blank=True)
    # For the ingest worker alone.
    raw = models.BinaryField(editable=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.STORED)
    reason = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField(db_default=DatabaseNow())
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="security_exchangeevent_state_known",
                condition=Q(state__in=["stored", "processed", "ignored", "quarantined"]),
            )
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="stored"), name="security_exchangeevent_waiting"
            ),
            # the alarm: what needs somebody to look at it
            models.Index(
                fields=["received_at"], condition=Q(state="quarantined"), name="security_exchangeevent_review"
            ),
            # what is past its life
            models.Index(fields=["received_at"], name="security_exchangeevent_age"),
            # a customer's first sign-in: what came before it
            models.Index(fields=["account_id"], condition=Q(state="ignored"), name="security_exchangeevent_early"),
        ]

    def __str__(self) -> str:
        return f"exchange event {self.public_id}"


class SignalPolicy(models.Model):
    """For how long a kind of signal raises a customer's risk; changed by migrations only."""

    kind = models.CharField(primary_key=True, max_length=20, choices=SignalKind.choices)
    raises_for_s = models.IntegerField()

    class Meta:
        managed = False
        db_table = "security_signalpolicy"

    def __str__(self) -> str:
        return f"{self.kind} raises the risk for {self.raises_for_s} s"


class ExchangeSignalQuerySet(models.QuerySet["ExchangeSignal"]):
    """Adjectives of signals."""

    def raising(self) -> Self:
        """Those that raise the risk now."""
        return self.filter(raised_until__gt=DatabaseNow())

    def recent(self, days: int) -> Self:
        """Those received in the last `days`."""
        return self.filter(received_at__gt=from_now(-timedelta(days=days)))


class ExchangeSignal(models.Model):
    """One thing that happened to a customer at the exchange. The database says until when it raises their risk."""

    public_id = public_id_field()
    event = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="exchange_signals")
    kind = models.CharField(max_length=20, choices=SignalKind.choices)
    occurred_at = models.DateTimeField()
    # Which asset, and the exchange's own id of the transfer, device or credential: never a name or an address.
    asset = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(db_default=DatabaseNow())
    raised_until = models.DateTimeField()

    objects = ExchangeSignalQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "security_exchangesignal"

    def __str__(self) -> str:
        return f"{self.kind} of customer {self.customer_id}"
