"""Webhooks out: systems that are told, what each is owed, and how far the audit log has been told."""

from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow, from_now
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models.leased import Leased
from tickets.models.escalation import https_only
from tickets.webhooks.signing import check_key
from tickets.webhooks.vocabulary import WebhookEvent


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    """Adjectives of endpoints."""

    def awake(self) -> Self:
        """Those that may be knocked at now."""
        rested = Q(rests_until__isnull=True) | Q(rests_until__lte=DatabaseNow())
        return self.filter(rested, is_active=True)


class WebhookEndpoint(models.Model):
    """One system outside that is told of chosen events on tickets: of all teams that are not restricted, or of `teams`.

    `former_secret` signs besides until `former_until`, so that a key can be changed without a gap.
    """

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500, validators=[https_only])
    secret = EncryptedTextField(_("signing key"), validators=[check_key])
    former_secret = EncryptedTextField(blank=True, default="")
    former_until = models.DateTimeField(null=True)
    events = ArrayField(models.CharField(max_length=24), verbose_name=_("events"))
    teams = ArrayField(models.BigIntegerField(), verbose_name=_("teams"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    # Since when it has taken nothing, and until when nobody knocks.
    failing_since = models.DateTimeField(_("failing since"), null=True)
    rests_until = models.DateTimeField(_("rests until"), null=True)
    # When it last had its turn: whoever has waited longest is next.
    turn_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="tickets_webhookendpoint_https", condition=Q(url__startswith="https://")),
            models.CheckConstraint(
                name="tickets_webhookendpoint_events_known", condition=Q(events__contained_by=WebhookEvent.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def note_turn(self) -> None:
        """Note that it has its turn now."""
        type(self).objects.filter(pk=self.pk).update(turn_at=DatabaseNow())

    def note_taken(self) -> None:
        """Note that it has taken something: it neither fails nor rests any more."""
        if self.failing_since is not None or self.rests_until is not None:
            self.failing_since = self.rests_until = None
            type(self).objects.filter(pk=self.pk).update(failing_since=None, rests_until=None)

    def note_failed(self, *, rest: timedelta) -> None:
        """Note that it has not, and leave it alone for so long."""
        since = Coalesce("failing_since", DatabaseNow())
        type(self).objects.filter(pk=self.pk).update(rests_until=from_now(rest), failing_since=since)

    def turn_off(self, *, failing_for: timedelta | None = None) -> bool:
        """Tell it nothing more; with `failing_for` only if it has taken nothing for so long. False where it goes on."""
        mine = type(self).objects.filter(pk=self.pk, is_active=True)
        if failing_for is not None:
            mine = mine.filter(failing_since__lt=DatabaseNow() - failing_for)
        return bool(mine.update(is_active=False))


class WebhookDelivery(Leased):
    """One event that one endpoint is owed; `public_id` is the message's id, the same at every try and every replay.

    `seq` is the event's place in the audit chain (0: a trial).
    """

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Taken")
        FAILED = "failed", _("Given up")
        DROPPED = "dropped", _("Not needed")

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name=_("webhook"), on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.CharField(_("event"), max_length=24, choices=WebhookEvent.choices)
    seq = models.BigIntegerField(_("place in the audit log"))
    body = models.TextField(_("body"))
    state: "models.Field[str, str]" = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.QUEUED
    )
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())
    settled_at = models.DateTimeField(_("settled"), null=True)

    class Meta:
        verbose_name = _("delivery of a webhook")
        verbose_name_plural = _("deliveries of webhooks")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="tickets_webhookdelivery_state_known",
                condition=Q(state__in=["queued", "sent", "failed", "dropped"]),
            ),
            models.CheckConstraint(
                name="tickets_webhookdelivery_event_known", condition=Q(event__in=WebhookEvent.values)
            ),
            # No endpoint is owed the same twice, however often a place of the chain is looked at.
            models.UniqueConstraint(
                fields=["endpoint", "seq"], name="tickets_webhookdelivery_once", condition=~Q(seq=0)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # what an endpoint is owed, in order
            models.Index(
                fields=["endpoint", "next_attempt_at", "id"],
                name="tickets_webhookdelivery_waits",
                condition=Q(state="queued"),
            ),
            # what is tidied
            models.Index(fields=["created_at"], name="tickets_webhookdelivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.public_id}"


class WebhookCursor(models.Model):
    """One row: up to which place of the audit chain events are owed, and until when somebody is at sending them."""

    seq = models.BigIntegerField(default=0)
    sending_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="tickets_webhookcursor_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"told up to {self.seq}"

    @classmethod
    def take(cls, held: timedelta) -> bool:
        """Be the one who sends, for at most so long; False when somebody is at it."""
        free = cls.objects.exclude(sending_until__gt=DatabaseNow())
        return bool(free.update(sending_until=from_now(held)))

    @classmethod
    def give_back(cls) -> None:
        """Let the next one send."""
        cls.objects.update(sending_until=None)
