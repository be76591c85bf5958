"""What was done about abuse in a conversation, and for how long its customer begins no other."""

from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Staff
from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat.models.chat import Chat
from tickets.models import Message

_ENDED_IN_ORDER = """
    IF NEW.kind = 'ended' AND NOT NEW.is_lead AND NOT EXISTS (
        SELECT FROM livechat_abusestep WHERE chat_id = NEW.chat_id AND kind = 'warned'
    ) THEN
        RAISE EXCEPTION 'a conversation is ended for abuse after a warning, or by a lead';
    END IF;
    RETURN NEW;
"""


class AbuseStepQuerySet(models.QuerySet["AbuseStep"]):
    """Adjectives of steps."""

    def blocking(self) -> Self:
        """Those for which somebody begins no conversation now."""
        return self.filter(blocked_until__gt=DatabaseNow(), lifted_at__isnull=True)


class AbuseStep(models.Model):
    """One thing that somebody of ours did about abuse in a chat; an ended one may hold back its customer for a time.

    The customer is the visitor's own: an anonymous one of this browser alone, a proven one wherever they are proven.
    """

    class Kind(models.TextChoices):
        """What was done."""

        WARNED = "warned", _("Warned")
        HANDED_OVER = "handed_over", _("Handed over to a lead")
        ENDED = "ended", _("Ended")

    public_id = public_id_field()
    # Found by `livechat_abusestep_of_chat`.
    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="abuse", db_index=False)
    # Found by `livechat_abusestep_blocks`.
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # Found by `livechat_abusestep_by_staff`.
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_lead = models.BooleanField()
    # Why it was ended, for colleagues.
    reason = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(db_default=DatabaseNow())
    blocked_until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = AbuseStepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chat", "kind"], condition=~Q(kind="handed_over"), name="livechat_abusestep_once"
            ),
            models.CheckConstraint(
                name="livechat_abusestep_kind_known", condition=Q(kind__in=["warned", "handed_over", "ended"])
            ),
            models.CheckConstraint(
                name="livechat_abusestep_end_has_reason", condition=~Q(kind="ended") | Q(reason__isnull=False)
            ),
            models.CheckConstraint(
                name="livechat_abusestep_end_blocks", condition=Q(blocked_until__isnull=True) | Q(kind="ended")
            ),
            models.CheckConstraint(
                name="livechat_abusestep_lifted_by_somebody",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, blocked_until__isnull=False),
            ),
        ]
        indexes = [
            # the panel: what was done in a chat
            models.Index(fields=["chat", "-id"], name="livechat_abusestep_of_chat"),
            # each new conversation: who is held back
            models.Index(
                fields=["customer", "blocked_until"],
                condition=Q(blocked_until__isnull=False, lifted_at__isnull=True),
                name="livechat_abusestep_blocks",
            ),
            # leads: how often, by agent
            models.Index(fields=["staff", "at"], name="livechat_abusestep_by_staff"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="livechat_abusestep_in_order",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_ENDED_IN_ORDER,
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"
