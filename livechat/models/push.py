"""Notifications that the exchange is asked to send: one row for each answer that may have to be told of."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased
from livechat.models.chat import Chat


class Push(Leased):
    """One answer of ours, by its public number, and what became of telling its customer through the exchange's app."""

    class State(models.TextChoices):
        """How far it is."""

        OWED = "owed"
        # Decided: the exchange is asked until it answers.
        SENDING = "sending"
        SENT = "sent"
        # It reached a page of theirs in time, or nobody is there to be told any more.
        NOT_NEEDED = "not_needed"
        # A former one tells already that something is unread.
        COVERED = "covered"
        FAILED = "failed"

    WAITING = (State.OWED.value, State.SENDING.value)
    # Those that the customer has been told of, or is being told of.
    TELLING = (State.SENDING.value, State.SENT.value)

    public_id = public_id_field()
    # Found by `livechat_push_once`.
    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="pushes", db_index=False)
    public_seq = models.PositiveIntegerField()
    state: "models.Field[str, str]" = models.CharField(max_length=12, choices=State.choices, default=State.OWED)
    # How many answers were unread when it was decided: sent again, it says the same.
    unread = models.PositiveIntegerField(null=True)
    owed_at = models.DateTimeField(db_default=DatabaseNow())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Never twice for the same number.
            models.UniqueConstraint(fields=["chat", "public_seq"], name="livechat_push_once"),
            # Two workers at once tell one.
            models.UniqueConstraint(fields=["chat"], condition=Q(state="sending"), name="livechat_push_one_on_its_way"),
            models.CheckConstraint(
                name="livechat_push_state_known",
                condition=Q(state__in=["owed", "sending", "sent", "not_needed", "covered", "failed"]),
            ),
            models.CheckConstraint(
                name="livechat_push_settled_once_over",
                condition=Q(state__in=["owed", "sending"], settled_at__isnull=True)
                | (~Q(state__in=["owed", "sending"]) & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="livechat_push_says_how_many",
                condition=~Q(state__in=["sending", "sent"]) | Q(unread__gt=0),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the sweeper looks here for what is due
            models.Index(
                fields=["next_attempt_at"], condition=Q(state__in=["owed", "sending"]), name="livechat_push_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"push {self.public_id}"
