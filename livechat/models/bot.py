"""What bots owe: one row for each message of a visitor that a bot is to answer."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased
from livechat.models.chat import Chat
from tickets.models import Message


class BotTurn(Leased):
    """One message, and what became of the bot's answer to it: answered once, or handed to people by `due_at`."""

    class State(models.TextChoices):
        """How far it is."""

        OWED = "owed"
        ANSWERED = "answered"
        HANDED_OVER = "handed_over"
        OVERTAKEN = "overtaken"

    WAITING = (State.OWED.value,)

    public_id = public_id_field()
    # Found by `livechat_botturn_of_chat`.
    chat = models.ForeignKey(Chat, on_delete=models.PROTECT, related_name="bot_turns", db_index=False)
    # Never two answers to one message.
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="+")
    state: "models.Field[str, str]" = models.CharField(max_length=12, choices=State.choices, default=State.OWED)
    asked_at = models.DateTimeField(db_default=DatabaseNow())
    # By the database's clock; afterwards people answer.
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    confidence = models.FloatField(null=True)
    # The last message of its answer, and the words on the buttons below it.
    said = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    offered = ArrayField(models.CharField(max_length=60), size=12, default=list)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="livechat_botturn_state_known",
                condition=Q(state__in=["owed", "answered", "handed_over", "overtaken"]),
            ),
            models.CheckConstraint(
                name="livechat_botturn_settled_once_over",
                condition=Q(state="owed", settled_at__isnull=True) | (~Q(state="owed") & Q(settled_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="livechat_botturn_confidence_is_a_share",
                condition=Q(confidence__isnull=True) | Q(confidence__gte=0, confidence__lte=1),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # the widget: the latest answer of a chat
            models.Index(fields=["chat", "-id"], name="livechat_botturn_of_chat"),
            # sweeper: answers that nobody has given yet
            models.Index(fields=["due_at"], condition=Q(state="owed"), name="livechat_botturn_owed"),
        ]

    def __str__(self) -> str:
        return f"bot turn {self.public_id}"
