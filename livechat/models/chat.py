"""Conversations of visitors, each on one ticket, and how far each side has read."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat.models.visitor import Visitor
from tickets.models import Ticket


class Chat(models.Model):
    """One conversation of one visitor, who has one open at most; its messages are the public ones of its ticket."""

    public_id = public_id_field()
    # Found by `livechat_chat_of_visitor`.
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="chats", db_index=False)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="chat")
    started_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Two first messages at once open one ticket.
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(ended_at__isnull=True), name="livechat_chat_one_open"
            )
        ]
        # the widget: a visitor's latest conversation
        indexes = [models.Index(fields=["visitor", "-id"], name="livechat_chat_of_visitor")]

    def __str__(self) -> str:
        return f"chat {self.public_id}"


class Mark(models.Model):
    """How far one side of a chat has received and read, by public numbers; never moves back."""

    class Side(models.TextChoices):
        """Whose eyes."""

        VISITOR = "visitor", _("Visitor")
        STAFF = "staff", _("Staff")

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="marks", db_index=False)
    side = models.CharField(max_length=8, choices=Side.choices)
    delivered = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "side"], name="livechat_mark_once"),
            models.CheckConstraint(name="livechat_mark_side_known", condition=Q(side__in=["visitor", "staff"])),
            models.CheckConstraint(name="livechat_mark_read_is_delivered", condition=Q(read__lte=F("delivered"))),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="livechat_mark_moves_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.delivered < OLD.delivered OR NEW.read < OLD.read"),
                func="RAISE EXCEPTION 'a mark never moves back';",
            )
        ]

    def __str__(self) -> str:
        return f"{self.side} of {self.chat_id}"
