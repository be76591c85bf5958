"""What left us: fingerprints by which a recipient can find out whether a message is ours."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.clock import DatabaseNow
from tickets.models.channel import Channel
from tickets.models.message import Message


class SentFingerprint(models.Model):
    """One message that left for a customer: keyed hashes only, so that the row tells nothing to who reads it alone."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="fingerprint")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    # Of the whole text, and of how it begins: tickets.fingerprints.
    text_digest = models.CharField(max_length=32)
    start_digest = models.CharField(max_length=32)
    identity_digest = models.CharField(max_length=32, blank=True)
    recipients = ArrayField(models.CharField(max_length=32))
    sent_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        indexes = [
            # "did you send this?": each of the three ways in which a message can be known again
            models.Index(fields=["text_digest"], name="tickets_sent_text"),
            models.Index(fields=["start_digest"], name="tickets_sent_start"),
            models.Index(fields=["identity_digest"], name="tickets_sent_identity"),
        ]

    def __str__(self) -> str:
        return f"fingerprint of message {self.message_id}"
