"""Messages: everything said or done on a ticket, in one gapless order."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.channel import Channel
from tickets.models.ticket import Ticket

# Events from which reports tell how a case stood at an earlier moment.
REPORTED = [
    "status_changed",
    "priority_changed",
    "team_changed",
    "topic_changed",
    "tags_changed",
    "spam_changed",
]

# What is said on a merged ticket goes to the one that it was merged into; a merge that is under way is waited for.
_NONE_ON_MERGED = """
    SELECT merged_into_id INTO merged FROM tickets_ticket WHERE id = NEW.ticket_id FOR SHARE;
    IF merged IS NOT NULL THEN
        RAISE EXCEPTION 'Nothing is said on a merged ticket.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_message_none_on_merged';
    END IF;
    RETURN NEW;
"""


class Message(models.Model):
    """One reply, note or event. `seq` counts all, `public_seq` only what the customer may see; neither has holes.

    Text and HTML are redacted before they are stored; HTML is sanitised when it is shown. A
    withdrawn message keeps its place as a tombstone.
    """

    class Kind(models.TextChoices):
        """What it is."""

        REPLY = "reply"
        NOTE = "note"
        EVENT = "event"

    class Direction(models.TextChoices):
        """From the customer's side in, from ours out."""

        IN = "in"
        OUT = "out"

    class SenderRole(models.TextChoices):
        """What the sender is to this ticket."""

        REQUESTER = "requester"
        PARTICIPANT = "participant"
        THIRD_PARTY = "third_party"
        STAFF = "staff"
        # A program that answers in our name; never a person, and never proof of anything.
        BOT = "bot"
        SYSTEM = "system"

    public_id = public_id_field()
    # Found by `tickets_message_seq_once`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    public_seq = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+")
    sender_role = models.CharField(max_length=12, choices=SenderRole.choices)
    sender_name = models.CharField(max_length=160, blank=True)
    sender_address = models.CharField(max_length=320, blank=True)
    reply_to_address = models.CharField(max_length=320, blank=True)
    # Whom else an incoming mail was written to (To and Cc), as its header says: claims, never recipients of ours.
    copied_addresses = ArrayField(models.CharField(max_length=320), default=list, db_default=[])
    is_sender_proven = models.BooleanField(default=False)
    proof = models.CharField(max_length=10, blank=True)
    is_automatic = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    quoted_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    redactions = models.JSONField(default=list)
    # An event's closed vocabulary: tickets.timeline.EVENTS; ids and codes only.
    event = models.CharField(max_length=40, blank=True)
    event_data = models.JSONField(default=dict)
    # The client's own id for an optimistic or retried send.
    client_key = models.CharField(max_length=80, blank=True)
    message_id_header = models.CharField(max_length=998, blank=True)
    in_reply_to_header = models.CharField(max_length=998, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="tickets_message_seq_once"),
            models.UniqueConstraint(
                fields=["ticket", "public_seq"],
                name="tickets_message_public_seq_once",
                condition=Q(public_seq__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["ticket", "client_key"], name="tickets_message_client_key_once", condition=~Q(client_key="")
            ),
            models.CheckConstraint(name="tickets_message_kind_known", condition=Q(kind__in=["reply", "note", "event"])),
            models.CheckConstraint(name="tickets_message_direction_known", condition=Q(direction__in=["in", "out"])),
            models.CheckConstraint(
                name="tickets_message_sender_role_known",
                condition=Q(sender_role__in=["requester", "participant", "third_party", "staff", "bot", "system"]),
            ),
            # A bot is nobody: neither staff nor customer, and what it says proves nothing.
            models.CheckConstraint(
                name="tickets_message_bots_prove_nothing",
                condition=~Q(sender_role="bot")
                | Q(customer__isnull=True, direction="out", is_sender_proven=False, staff__isnull=True),
            ),
            models.CheckConstraint(
                name="tickets_message_notes_are_private", condition=~Q(kind="note") | Q(public_seq__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_message_proof_names_method", condition=Q(is_sender_proven=False) | ~Q(proof="")
            ),
            models.CheckConstraint(name="tickets_message_seq_from_one", condition=Q(seq__gte=1)),
            models.CheckConstraint(name="tickets_message_event_named", condition=Q(kind="event") ^ Q(event="")),
        ]
        indexes = [
            # threading: whose message is answered (References to our own or a participant's earlier mail)
            models.Index(
                fields=["message_id_header"], name="tickets_message_header", condition=~Q(message_id_header="")
            ),
            # reports: what was opened and moved in a period, and since an earlier moment
            models.Index(
                fields=["created_at"], name="tickets_message_reported", condition=Q(seq=1) | Q(event__in=REPORTED)
            ),
        ]

        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_none_on_merged",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__kind="reply"),
                declare=[("merged", "bigint")],
                func=_NONE_ON_MERGED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.seq}"
