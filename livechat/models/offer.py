"""Offers: one ring of one chat at one person's desk."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat.models.chat import Chat
from livechat.models.inbox import ChatInbox


class OfferQuerySet(models.QuerySet["Offer"]):
    """Adjectives of offers."""

    def open(self) -> Self:
        """Those that ring, or whose time is over and whom nobody has settled yet."""
        return self.filter(state=Offer.State.OPEN)

    def ringing(self) -> Self:
        """Those that can still be accepted."""
        return self.open().filter(expires_at__gt=DatabaseNow())

    def expired(self) -> Self:
        """Those whose time is over."""
        return self.open().filter(expires_at__lte=DatabaseNow())


class Offer(models.Model):
    """One ring: this chat at this person until `expires_at`, and how it ended.

    A chat rings at one person at a time, and one person hears one ring at a time: the database says so.
    """

    class State(models.TextChoices):
        """How it ended, if it has."""

        OPEN = "open", _("Ringing")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        MISSED = "missed", _("Missed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = public_id_field()
    # Found by `livechat_offer_of_chat`.
    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="offers", db_index=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    # What waits are counted by.
    inbox = models.ForeignKey(ChatInbox, on_delete=models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    rung_at = models.DateTimeField(db_default=DatabaseNow())
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # How long the visitor had waited when it was accepted, in seconds.
    waited_s = models.PositiveIntegerField(null=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat"], condition=Q(state="open"), name="livechat_offer_one_per_chat"),
            models.UniqueConstraint(fields=["staff"], condition=Q(state="open"), name="livechat_offer_one_per_person"),
            models.CheckConstraint(
                name="livechat_offer_state_known",
                condition=Q(state__in=["open", "accepted", "declined", "missed", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="livechat_offer_settled_once_over",
                condition=Q(state="open", settled_at__isnull=True) | (~Q(state="open") & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="livechat_offer_wait_of_accepted", condition=Q(waited_s__isnull=True) | Q(state="accepted")
            ),
        ]
        indexes = [
            # routing: whom a chat was offered to before
            models.Index(fields=["chat", "staff", "-rung_at"], name="livechat_offer_of_chat"),
            # sweeper: what nobody has answered in time
            models.Index(fields=["expires_at"], condition=Q(state="open"), name="livechat_offer_open"),
            # the widget: the last waits of an inbox and language
            models.Index(
                fields=["inbox", "language", "-settled_at"],
                condition=Q(state="accepted"),
                name="livechat_offer_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.public_id}"
