"""Conversations of visitors, each on one ticket, and how far each side has read."""

from datetime import timedelta
from typing import ClassVar, Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow, from_now
from core.ids import public_id_field
from livechat.models.visitor import Visitor
from tickets.models import Ticket
from tickets.models.ticket import ACTIVE, Status

# Who has waited longer is hardly there any more: the chat stays in the queue as a ticket, and rings no longer.
RINGS_FOR = timedelta(minutes=60)
BEFORE_ANSWER = (Status.NEW, Status.OPEN, Status.PENDING)
# A chat in which nothing was said for so long takes nobody's time.
QUIET_AFTER = timedelta(minutes=30)


# Whose conversation was ended for abuse begins none for a time, whoever asks the database: see `AbuseStep`.
_NOT_BLOCKED = """
    IF EXISTS (
        SELECT FROM livechat_abusestep AS step
          JOIN livechat_visitor AS visitor ON visitor.customer_id = step.customer_id
         WHERE visitor.id = NEW.visitor_id AND step.lifted_at IS NULL AND step.blocked_until > core.clock()
    ) THEN
        RAISE EXCEPTION 'this customer begins no conversation for now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'livechat_chat_not_blocked';
    END IF;
    RETURN NEW;
"""


class ChatQuerySet(models.QuerySet["Chat"]):
    """Adjectives of conversations."""

    def waiting(self) -> Self:
        """Whose visitor waits for one of us: open, nobody's, not answered by anybody or handed over to a team since."""
        is_handed_over = Q(queued_at__gt=F("started_at") + timedelta(seconds=1)) | Q(bot_ended_at__isnull=False)
        return self.filter(
            Q(ticket__last_direction="in") | is_handed_over,
            Q(bot="") | Q(bot_ended_at__isnull=False),
            ended_at__isnull=True,
            queued_at__gt=from_now(-RINGS_FOR),
            ticket__assignee__isnull=True,
            ticket__status__in=BEFORE_ANSWER,
            ticket__is_spam=False,
        )

    def with_bot(self) -> Self:
        """Which a bot has: it goes on, and nobody of ours has it yet."""
        return self.filter(~Q(bot=""), bot_ended_at__isnull=True, ended_at__isnull=True, ticket__assignee__isnull=True)

    def held(self) -> Self:
        """Which somebody of ours has in hand: not ended, not quiet for long, and its ticket still to be done."""
        return self.filter(
            ended_at__isnull=True,
            wrapped_at__isnull=True,
            ticket__assignee__isnull=False,
            ticket__status__in=ACTIVE,
            ticket__updated_at__gt=from_now(-QUIET_AFTER),
        )


class Chat(models.Model):
    """One conversation of one visitor, who has one open at most; its messages are the public ones of its ticket."""

    public_id = public_id_field()
    # Found by `livechat_chat_of_visitor`.
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="chats", db_index=False)
    ticket = models.OneToOneField(Ticket, on_delete=models.PROTECT, related_name="chat")
    started_at = models.DateTimeField(db_default=DatabaseNow())
    ended_at = models.DateTimeField(null=True)
    # Since when it waits for one of us: from its beginning, or from its transfer to a team.
    queued_at = models.DateTimeField(db_default=DatabaseNow())
    # When its last ring was accepted.
    accepted_at = models.DateTimeField(null=True)
    # When our side was done with it, with the reason for the contact.
    wrapped_at = models.DateTimeField(null=True)
    # Since when an answer of ours may have to follow the visitor by mail; null when nothing is owed.
    mail_owed_since = models.DateTimeField(null=True)
    # Up to which public number answers have followed by mail.
    mailed = models.PositiveIntegerField(default=0, db_default=0)
    # Which bot it began with (livechat.bots.registry), and when people took it from there.
    bot = models.CharField(max_length=40, blank=True, default="", db_default="")
    bot_ended_at = models.DateTimeField(null=True)

    objects = ChatQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two first messages at once open one ticket.
            models.UniqueConstraint(
                fields=["visitor"], condition=Q(ended_at__isnull=True), name="livechat_chat_one_open"
            )
        ]
        indexes = [
            # the widget: a visitor's latest conversation
            models.Index(fields=["visitor", "-id"], name="livechat_chat_of_visitor"),
            # routing: what waits, oldest first
            models.Index(fields=["queued_at"], condition=Q(ended_at__isnull=True), name="livechat_chat_queued"),
            # the sweeper: answers that may have to follow by mail
            models.Index(
                fields=["mail_owed_since"],
                condition=Q(mail_owed_since__isnull=False),
                name="livechat_chat_mail_owed",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="livechat_chat_not_blocked", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NOT_BLOCKED
            )
        ]

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
