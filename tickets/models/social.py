"""Social channels: connected accounts, what their vendors told us, and what we owe somebody there."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Customer, Team
from core.clock import DatabaseNow, from_now, now
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models import Leased, Posted
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class SocialKind(models.TextChoices):
    """Which vendor."""

    TELEGRAM = "telegram", "Telegram"
    MESSENGER = "messenger", "Facebook Messenger"
    WHATSAPP = "whatsapp", "WhatsApp"
    X = "x", "X"
    DISCORD = "discord", "Discord"
    SMS = "sms", "SMS"


# Vendors that let us answer freely only for so long after their person last wrote.
ANSWER_WITHIN: Final = {SocialKind.MESSENGER.value: timedelta(hours=24), SocialKind.WHATSAPP.value: timedelta(hours=24)}

# A place in a template's text.
VARIABLE: Final = re.compile(r"\{\{([1-9][0-9]?)\}\}")


class SocialAccount(models.Model):
    """One account of ours at a vendor, with its secrets encrypted. Its public id is part of the webhook's address."""

    class Inbound(models.TextChoices):
        """How we hear of what happens."""

        WEBHOOK = "webhook", _("Webhook: the vendor calls us")
        POLLING = "polling", _("Polling: we ask the vendor, where it cannot reach us")

    public_id = public_id_field()
    kind = models.CharField(_("channel"), max_length=12, choices=SocialKind.choices)
    name = models.CharField(_("name"), max_length=80)
    brand = models.ForeignKey(Brand, verbose_name=_("brand"), null=True, blank=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("first team"))
    language = models.CharField(_("language"), max_length=16, default="en")
    is_active = models.BooleanField(_("active"), default=True)
    inbound = models.CharField(_("comes in by"), max_length=8, choices=Inbound.choices, default=Inbound.WEBHOOK)
    token = EncryptedTextField(_("access token"))
    webhook_secret = EncryptedTextField(_("webhook secret"), blank=True)
    # Of the application at the vendor, where it signs events or requests.
    app_key = models.CharField(_("key of the application"), max_length=120, blank=True, db_default="")
    app_secret = EncryptedTextField(_("secret of the application"), blank=True, db_default="")
    token_secret = EncryptedTextField(_("secret of the access token"), blank=True, db_default="")
    # How the vendor numbers the account: a page, a phone number, a user.
    external_id = models.CharField(_("number at the vendor"), max_length=64, blank=True, db_default="")
    # Discord: who has it on the server is one of ours; who is called as we are and has it not, is none.
    official_role = models.CharField(_("role of our people"), max_length=32, blank=True, db_default="")

    # What the vendor calls it, as the last test of the connection found out.
    handle = models.CharField(_("account at the vendor"), max_length=80, blank=True, editable=False)
    poll_offset = models.BigIntegerField(default=0, editable=False)
    # Of a vendor whom we listen to: what the connection goes on with, whose last event is `poll_offset`.
    gateway_session = models.CharField(max_length=400, blank=True, editable=False, db_default="")
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("time of the last error"), null=True, editable=False)

    class Meta:
        verbose_name = _("social account")
        verbose_name_plural = _("social accounts")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="tickets_socialaccount_kind_known",
                condition=Q(kind__in=["telegram", "messenger", "whatsapp", "x", "discord", "sms"]),
            ),
            models.CheckConstraint(
                name="tickets_socialaccount_inbound_known", condition=Q(inbound__in=["webhook", "polling"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"


class SocialRoute(models.Model):
    """One channel of a server, and the team whose its tickets are; of a watched forum each new post is one."""

    account = models.ForeignKey(
        SocialAccount, verbose_name=_("social account"), on_delete=models.PROTECT, related_name="routes"
    )
    # As the vendor numbers it.
    channel_id = models.CharField(
        _("number of the channel"),
        max_length=20,
        help_text=_("Discord's developer mode copies it. Of a forum: the forum's own."),
        validators=[RegexValidator(r"\A[0-9]{1,20}\Z")],
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="+")
    is_watched_forum = models.BooleanField(_("watched forum"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("social route")
        verbose_name_plural = _("social routes")
        ordering = ["account", "channel_id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "channel_id"], name="tickets_socialroute_once"),
            models.CheckConstraint(
                name="tickets_socialroute_channel_is_number", condition=Q(channel_id__regex=r"^[0-9]{1,20}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} → {self.team}"


class SocialImpostor(models.Model):
    """A member of a server who is called like us, or like one of us, without the role of our people; once a day.

    Names are not kept: the vendor shows whoever looks at the member what they are called now.
    """

    account = models.ForeignKey(
        SocialAccount, verbose_name=_("social account"), on_delete=models.PROTECT, related_name="impostors"
    )
    server_id = models.CharField(_("number of the server"), max_length=20)
    member_id = models.CharField(_("number of the member"), max_length=20)
    # Whose name it is; nobody's: the account's.
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("staff member"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    day = models.DateField(_("day"))
    seen_at = models.DateTimeField(_("seen"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("impersonator")
        verbose_name_plural = _("impersonators")
        constraints = [
            models.UniqueConstraint(fields=["account", "member_id", "day"], name="tickets_socialimpostor_once")
        ]
        # the alarm: who was seen lately
        indexes = [models.Index(fields=["seen_at"], name="tickets_socialimpostor_seen")]

    def __str__(self) -> str:
        return f"member {self.member_id}"


class SocialTemplate(models.Model):
    """A text that a vendor has approved: the one thing it takes when the time for free answers is over.

    `{{1}}` and on are its variables. The vendor keeps the text that is really sent: `body` has to say the same.
    """

    account = models.ForeignKey(
        SocialAccount, verbose_name=_("social account"), on_delete=models.PROTECT, related_name="templates"
    )
    # As the vendor knows it.
    name = models.CharField(_("name"), max_length=120)
    language = models.CharField(_("language"), max_length=16, default="en")
    body = models.TextField(_("text"), max_length=1024)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("social template")
        verbose_name_plural = _("social templates")
        ordering = ["name", "language"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name", "language"], name="tickets_socialtemplate_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    @property
    def variables(self) -> list[int]:
        """The numbers of its variables, each once, in order."""
        return sorted({int(number) for number in VARIABLE.findall(self.body)})

    def clean(self) -> None:
        """Refuse numbers with a gap: the vendor would."""
        if self.variables != list(range(1, len(self.variables) + 1)):
            raise ValidationError({"body": _("Number the variables from {{1}} without a gap.")})

    def filled(self, values: Sequence[str]) -> str:
        """Return the text with `values` in the places of its variables."""
        return VARIABLE.sub(lambda found: values[int(found[1]) - 1], self.body)


class SocialChat(models.Model):
    """One conversation with one account of ours, with one person or below a public post.

    Its row is locked while something of it is handled. The customer merely claims to be somebody: what a profile
    says proves nothing.
    """

    account = models.ForeignKey(SocialAccount, on_delete=models.PROTECT, related_name="chats", db_index=False)
    # As the vendor numbers it.
    external_id = models.CharField(max_length=80)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="social_chats")
    # When it was last answered by a machine: a loop of two of them ends here.
    told_at = models.DateTimeField(null=True)
    # When its person last wrote: some vendors let us answer freely for a day from then on.
    heard_at = models.DateTimeField(null=True)
    # When its person asked to get nothing more: nothing is sent until they say otherwise.
    stopped_at = models.DateTimeField(null=True)
    # What is said there can be read by everybody.
    is_public = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="tickets_socialchat_once")]

    def __str__(self) -> str:
        return f"chat {self.pk}"

    @property
    def answer_until(self) -> datetime | None:
        """By when it may be answered freely; None where that is always."""
        within = ANSWER_WITHIN.get(self.account.kind)
        return (self.heard_at or self.created_at) + within if within is not None and not self.is_public else None

    def is_answerable(self) -> bool:
        """Whether it may be answered freely, by the database's clock."""
        until = self.answer_until
        return until is None or until > now()


class SocialThread(models.Model):
    """By which conversation a ticket came and is answered; the newest one is where the conversation goes on."""

    ticket = models.OneToOneField(Ticket, primary_key=True, on_delete=models.CASCADE, related_name="social_thread")
    chat = models.ForeignKey(SocialChat, on_delete=models.PROTECT, related_name="threads")

    def __str__(self) -> str:
        return f"thread of ticket {self.ticket_id}"


class SocialItem(models.Model):
    """Which message of ours one of the vendor's is: a correction finds what it corrects, an album its first picture."""

    chat = models.ForeignKey(SocialChat, on_delete=models.CASCADE, related_name="items", db_index=False)
    external_id = models.CharField(max_length=200)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="social_items")
    # The vendor's name of an album; each of its pictures is an item of the same message.
    album = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "external_id"], name="tickets_socialitem_once")]
        # an album's first picture
        indexes = [models.Index(fields=["chat", "album"], name="tickets_socialitem_album", condition=~Q(album=""))]

    def __str__(self) -> str:
        return f"item {self.external_id}"


class SocialEvent(Leased):
    """One event as the vendor told it, sealed, before anybody reads it. The vendor's id makes it unique for ever."""

    class State(models.TextChoices):
        """What became of it."""

        STORED = "stored", _("Waiting")
        PROCESSED = "processed", _("Processed")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Needs review")

    WAITING: ClassVar[tuple[str, ...]] = ("stored",)
    # Handled once whoever claims it and how often: the transaction that ends it decides.
    CLAIM_IS_DURABLE: ClassVar[bool] = False

    public_id = public_id_field()
    account = models.ForeignKey(
        SocialAccount, verbose_name=_("social account"), on_delete=models.PROTECT, related_name="events", db_index=False
    )
    event_id = models.CharField(_("event id"), max_length=200)
    # What belongs to one conversation is handled in the order in which it came.
    stream = models.CharField(max_length=80)
    raw = models.BinaryField()
    size = models.PositiveIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.STORED)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    explanation = models.CharField(_("explanation"), max_length=500, blank=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    received_at = models.DateTimeField(_("received"), db_default=DatabaseNow())
    handled_at = models.DateTimeField(_("handled"), null=True)

    class Meta:
        verbose_name = _("social event")
        verbose_name_plural = _("social events")
        constraints = [
            models.UniqueConstraint(fields=["account", "event_id"], name="tickets_socialevent_once"),
            models.CheckConstraint(
                name="tickets_socialevent_state_known",
                condition=Q(state__in=["stored", "processed", "ignored", "quarantined"]),
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_socialevent_waiting", condition=Q(state="stored")),
            # a worker: what waits of one conversation, in its order
            models.Index(
                fields=["account", "stream", "id"], name="tickets_socialevent_stream", condition=Q(state="stored")
            ),
            # retention of raw bytes
            models.Index(fields=["received_at"], name="tickets_socialevent_age"),
        ]

    def __str__(self) -> str:
        return f"event {self.public_id}"


class SocialPost(Posted):
    """What we owe one conversation: a message of a ticket, or the fixed answer to a command, which has none.

    A long text and each file is a part, sent one after the other: `parts_sent` of them have been confirmed.
    """

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Withdrawn")

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    message = models.OneToOneField(Message, null=True, on_delete=models.CASCADE, related_name="social_post")
    chat = models.ForeignKey(SocialChat, on_delete=models.PROTECT, related_name="posts")
    # The fixed words of an answer without a message.
    text = models.TextField(blank=True)
    # The message goes as this template, with these values.
    template = models.ForeignKey(SocialTemplate, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    template_values = ArrayField(models.TextField(), default=list, db_default=[])
    parts_sent = models.PositiveSmallIntegerField(default=0)
    # What the vendor calls each part.
    external_ids = ArrayField(models.CharField(max_length=200), default=list)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    detail = models.CharField(_("details"), max_length=500, blank=True)
    # Set once the consequence (audit, event on the desk) of the end state has been written.
    is_reported = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())
    sent_at = models.DateTimeField(_("sent"), null=True)
    # What the vendor says became of its last part, by the vendor's clock.
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("social message out")
        verbose_name_plural = _("social messages out")
        constraints = [
            models.CheckConstraint(
                name="tickets_socialpost_state_known",
                condition=Q(state__in=["queued", "sent", "failed", "cancelled"]),
            ),
            models.CheckConstraint(
                name="tickets_socialpost_says_something", condition=Q(message__isnull=False) ^ ~Q(text="")
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_socialpost_waiting", condition=Q(state="queued")),
            # the sweeper: ends that nobody has been told
            models.Index(
                fields=["id"],
                name="tickets_socialpost_unreported",
                condition=Q(is_reported=False, state__in=["sent", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"post {self.pk} ({self.state})"

    @classmethod
    def confirm(cls, pk: int, token: uuid.UUID, *, external_ids: list[str]) -> bool:
        """Write that one more part has arrived; False means that another worker has taken over."""
        held = cls._base_manager.filter(pk=pk, lease_token=token)
        return held.update(parts_sent=F("parts_sent") + 1, external_ids=external_ids, **cls.answered()) == 1

    @classmethod
    def rest(cls, account: SocialAccount, *, wait_s: float) -> None:
        """Let all that waits of an account, and that nobody is sending, wait at least so many seconds."""
        waiting = cls._base_manager.filter(chat__account=account, state=cls.State.QUEUED, lease_token__isnull=True)
        waiting.update(next_attempt_at=Greatest(F("next_attempt_at"), from_now(timedelta(seconds=wait_s))))
