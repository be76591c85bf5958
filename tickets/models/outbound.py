"""The mail outbox: every mail we owe somebody, written in the same transaction as its cause."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.models import Posted
from tickets.models.mailbox import Mailbox
from tickets.models.message import Message


class OutboundMail(Posted):
    """One mail for one message. Its Message-ID is fixed when the row is written, so that a second sending is the
    same mail to every client.
    """

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        BOUNCED = "bounced", _("Bounced")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Withdrawn")

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)
    BROKEN: ClassVar[tuple[str, ...]] = ("bounced", "failed")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="outbound")
    mailbox = models.ForeignKey(Mailbox, verbose_name=_("mailbox"), on_delete=models.PROTECT, related_name="outbound")
    to_address = models.CharField(max_length=320)
    cc_addresses = ArrayField(models.CharField(max_length=320), default=list)
    message_id_header = models.CharField(_("Message-ID"), max_length=998, unique=True)
    in_reply_to_header = models.CharField(max_length=998, blank=True)
    references_header = models.TextField(blank=True)
    includes_history = models.BooleanField(_("carries the history"), default=False)
    is_automatic = models.BooleanField(_("automatic"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    detail = models.CharField(_("details"), max_length=500, blank=True)
    # Set once the consequence (audit, event on the desk) of the end state has been written.
    is_reported = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        verbose_name = _("mail out")
        verbose_name_plural = _("mail out")
        constraints = [
            models.CheckConstraint(
                name="tickets_outbound_state_known",
                condition=Q(state__in=["queued", "sent", "bounced", "failed", "cancelled"]),
            )
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_outbound_waiting", condition=Q(state="queued")),
            # the sweeper: ends that nobody has been told
            models.Index(
                fields=["id"],
                name="tickets_outbound_unreported",
                condition=Q(is_reported=False, state__in=["sent", "bounced", "failed"]),
            ),
            # the mark in a queue row: the few that did not arrive
            models.Index(
                fields=["message"], name="tickets_outbound_broken", condition=Q(state__in=["bounced", "failed"])
            ),
            # the limits on automatic mails: per address, and for all together
            models.Index(
                Lower("to_address"), "created_at", name="tickets_outbound_auto_to", condition=Q(is_automatic=True)
            ),
            models.Index(fields=["created_at"], name="tickets_outbound_auto_at", condition=Q(is_automatic=True)),
        ]

    def __str__(self) -> str:
        return f"outbound {self.pk} ({self.state})"
