"""What the phone's provider is to do or to give us: recordings, calls that are placed, numbers that are checked."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models import Leased, StoredFile
from tickets.models.message import Message
from tickets.models.phone import PhoneLine
from tickets.models.phone_calls import PhoneCall


class PhoneRecording(Leased):
    """One voice message or recorded talk: fetched from the provider, written down if a machine does that, deleted.

    A voice message is a file of its message and stays with it; what expires is the provider's copy. A talk lies here,
    was agreed to, and goes at both places when its line's days are over.
    """

    class Kind(models.TextChoices):
        """What was recorded."""

        MESSAGE = "message", _("Voice message")
        TALK = "talk", _("Recorded call")

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", _("Waiting")
        FETCHED = "fetched", _("To be written down")
        KEPT = "kept", _("Kept")
        EXPIRED = "expired", _("To be deleted")
        DELETED = "deleted", _("Deleted")
        FAILED = "failed", _("Failed")

    WAITING: ClassVar[tuple[str, ...]] = ("waiting", "fetched", "expired")

    public_id = public_id_field()
    call = models.ForeignKey(PhoneCall, on_delete=models.PROTECT, related_name="recordings")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.MESSAGE, db_default="message")
    # When the caller agreed, of a talk.
    agreed_at = models.DateTimeField(null=True)
    sid = models.CharField(max_length=64, unique=True)
    duration_s = models.PositiveIntegerField(default=0)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Of a talk; a voice message's file is its message's.
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.CheckConstraint(
                name="tickets_phonerecording_state_known",
                condition=Q(state__in=["waiting", "fetched", "kept", "expired", "deleted", "failed"]),
            ),
            models.CheckConstraint(name="tickets_phonerecording_kind_known", condition=Q(kind__in=["message", "talk"])),
            models.CheckConstraint(
                name="tickets_phonerecording_talk_was_agreed", condition=Q(kind="message") | Q(agreed_at__isnull=False)
            ),
            models.CheckConstraint(
                name="tickets_phonerecording_deleted_has_no_file", condition=~Q(state="deleted") | Q(file__isnull=True)
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first; and what is over
            models.Index(
                fields=["next_attempt_at"],
                name="tickets_phonerecording_due",
                condition=Q(state__in=["waiting", "fetched", "expired"]),
            ),
            models.Index(fields=["expires_at"], name="tickets_phonerecording_ends", condition=Q(state="kept")),
        ]

    def __str__(self) -> str:
        return f"recording {self.public_id}"


class PhoneOrder(Leased):
    """One thing that the provider is to do for us: place a call, or send one that goes on somewhere else.

    Nothing is placed twice: one that may have been is given up, and its ticket says so.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        PLACE = "place", _("Place a call")
        REDIRECT = "redirect", _("Lead a call elsewhere")

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    line = models.ForeignKey(PhoneLine, on_delete=models.PROTECT, related_name="orders")
    call = models.ForeignKey(PhoneCall, null=True, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Whom to call; or the provider's id of the call that is led elsewhere.
    number = EncryptedTextField(blank=True)
    sid = models.CharField(max_length=64, blank=True)
    # Which of our steps is asked, and which hears of its end.
    url = models.CharField(max_length=300)
    status_url = models.CharField(max_length=300, blank=True)
    # Set before the first byte leaves.
    is_handed_over = models.BooleanField(default=False, db_default=False)
    is_reported = models.BooleanField(default=False, db_default=False)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_phoneorder_kind_known", condition=Q(kind__in=["place", "redirect"])),
            models.CheckConstraint(
                name="tickets_phoneorder_state_known", condition=Q(state__in=["queued", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="tickets_phoneorder_names_whom",
                condition=Q(kind="place", sid="") & ~Q(number="") | Q(kind="redirect", number="") & ~Q(sid=""),
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_phoneorder_waiting", condition=Q(state="queued")),
            # the sweeper: failures that nobody has been told
            models.Index(
                fields=["id"], name="tickets_phoneorder_unreported", condition=Q(state="failed", is_reported=False)
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.public_id}"

    @classmethod
    def hand_over(cls, pk: int, token: uuid.UUID) -> bool:
        """Note that it leaves; False means that another worker has taken over, or it has left before."""
        held = cls._base_manager.filter(pk=pk, lease_token=token, is_handed_over=False)
        return held.update(is_handed_over=True) == 1


class NumberCheck(models.Model):
    """A number that somebody of ours says is theirs: we call it, and they type there what their screen shows."""

    public_id = public_id_field()
    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="number_check")
    number = EncryptedTextField()
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_numbercheck_tries_bounded", condition=Q(tries__lte=5)),
        ]

    def __str__(self) -> str:
        return f"number of {self.staff_id}"
