"""The mail inbox: every raw message, sealed, before anybody parses it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models import Leased
from tickets.models.mailbox import Mailbox
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class InboundMail(Leased):
    """One mail as it came to one mailbox. Its identity is the mailbox and the hash of the content without
    transport headers, so that the same mail by two ways is one, and another body under the same Message-ID is two.
    """

    class State(models.TextChoices):
        """What became of it."""

        STORED = "stored", _("Waiting")
        PROCESSED = "processed", _("Processed")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Needs review")

    class Source(models.TextChoices):
        """By which door it came."""

        SMTP = "smtp", "SMTP"
        LMTP = "lmtp", "LMTP"
        IMAP = "imap", "IMAP"
        HTTP = "http", "HTTP"

    WAITING: ClassVar[tuple[str, ...]] = ("stored",)
    # Handled once whoever claims it and how often: the transaction that ends it decides.
    CLAIM_IS_DURABLE: ClassVar[bool] = False
    # The reason of a mail that a person has let through: the rules of suspicion have been overruled.
    RELEASED: ClassVar[str] = "released"
    # Larger ones are kept, fetched and read in pieces, one of them at a time.
    LARGE_BYTES: ClassVar[int] = 1024 * 1024

    public_id = public_id_field()
    mailbox = models.ForeignKey(
        Mailbox, verbose_name=_("mailbox"), on_delete=models.PROTECT, related_name="inbound_mail"
    )
    source = models.CharField(_("source"), max_length=5, choices=Source.choices)
    # Whether the hop that gave it to us may vouch for the sender by its Authentication-Results.
    is_from_trusted_mx = models.BooleanField(_("from a trusted server"), default=False)
    identity = models.CharField(_("content hash"), max_length=64)
    envelope_from = models.CharField(max_length=320, blank=True)
    envelope_to = models.CharField(max_length=320, blank=True)
    raw = models.BinaryField()
    size = models.PositiveIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.STORED)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    explanation = models.CharField(_("explanation"), max_length=500, blank=True)
    # Redacted header lines for the review screen; the raw bytes stay sealed.
    preview = models.TextField(blank=True)
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.SET_NULL, related_name="inbound_mail")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="inbound_mail")
    received_at = models.DateTimeField(_("received"), db_default=DatabaseNow())
    handled_at = models.DateTimeField(_("handled"), null=True)

    class Meta:
        verbose_name = _("mail in")
        verbose_name_plural = _("mail in")
        constraints = [
            models.UniqueConstraint(fields=["identity", "mailbox"], name="tickets_inbound_identity_once"),
            models.CheckConstraint(
                name="tickets_inbound_state_known",
                condition=Q(state__in=["stored", "processed", "ignored", "quarantined"]),
            ),
            models.CheckConstraint(
                name="tickets_inbound_source_known", condition=Q(source__in=["smtp", "lmtp", "imap", "http"])
            ),
            models.CheckConstraint(
                name="tickets_inbound_http_never_vouches", condition=~Q(source="http") | Q(is_from_trusted_mx=False)
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_inbound_waiting", condition=Q(state="stored")),
            # the review screen
            models.Index(fields=["-id"], name="tickets_inbound_review", condition=Q(state="quarantined")),
            # retention of raw bytes
            models.Index(fields=["received_at"], name="tickets_inbound_age"),
        ]

    @classmethod
    def _columns(cls) -> str:
        """A large mail is claimed without its bytes."""
        small = f'CASE WHEN size <= {cls.LARGE_BYTES} THEN raw END AS "raw"'
        names = [field.column for field in cls._meta.concrete_fields]
        return ", ".join(small if name == "raw" else f'"{name}"' for name in names)

    def __str__(self) -> str:
        return f"inbound {self.public_id}"
