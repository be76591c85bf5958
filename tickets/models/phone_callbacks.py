"""Call-backs that callers have been promised."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked_phone
from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models import Leased
from tickets.models.phone import PhoneLine
from tickets.models.phone_calls import PhoneCall
from tickets.models.ticket import Ticket


class PhoneCallback(Leased):
    """One caller who is to be called between two moments. A number has one that is open at a time.

    `tries` counts calls that reached nobody over there; `attempts` is of the lease.
    """

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", _("Waiting")
        CALLING = "calling", _("Being called")
        DONE = "done", _("They talked")
        FAILED = "failed", _("Not reached")
        CANCELLED = "cancelled", _("Cancelled")

    WAITING: ClassVar[tuple[str, ...]] = ("waiting",)

    public_id = public_id_field()
    line = models.ForeignKey(PhoneLine, on_delete=models.PROTECT, related_name="callbacks", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="callbacks")
    # The call in which it was promised, and the one that is being made.
    asked_in = models.ForeignKey(PhoneCall, on_delete=models.PROTECT, related_name="callbacks")
    placed = models.ForeignKey(PhoneCall, null=True, on_delete=models.PROTECT, related_name="callback_of")
    number = EncryptedTextField()
    # Keyed: the number cannot be had from it.
    number_digest = models.CharField(max_length=64)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        constraints = [
            models.UniqueConstraint(
                fields=["number_digest"],
                name="tickets_phonecallback_one_open",
                condition=Q(state__in=["waiting", "calling"]),
            ),
            models.CheckConstraint(
                name="tickets_phonecallback_state_known",
                condition=Q(state__in=["waiting", "calling", "done", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="tickets_phonecallback_calling_has_call",
                condition=~Q(state="calling") | Q(placed__isnull=False),
            ),
            models.CheckConstraint(name="tickets_phonecallback_in_order", condition=Q(ends_at__gt=F("starts_at"))),
        ]
        indexes = [
            # the sweeper: what is due; and how many a slot of a line has
            models.Index(
                fields=["next_attempt_at"], name="tickets_phonecallback_waiting", condition=Q(state="waiting")
            ),
            models.Index(
                fields=["line", "starts_at"],
                name="tickets_phonecallback_open",
                condition=Q(state__in=["waiting", "calling"]),
            ),
        ]

    def __str__(self) -> str:
        return f"call-back {self.public_id}"

    @property
    def shown_number(self) -> str:
        """The number as staff see it."""
        return masked_phone(self.number)
