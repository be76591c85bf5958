"""The phone: lines of ours, the keys of their menus, and what the provider told us."""

import re
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from tickets.models.sla_calendar import SlaCalendar
from tickets.models.ticket import Priority
from tickets.models.topic import Topic

# A number as E.164 has it.
E164: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
KEYS: Final = (1, 9)
KEPT_DAYS: Final = (1, 3650)


def default_languages() -> list[str]:
    """Every language that the menu can speak."""
    return [code for code, _name in settings.LANGUAGES]


class PhoneLine(models.Model):
    """One number of ours at a provider, with its secret encrypted. Its public id is part of the webhooks' addresses."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80)
    number = models.CharField(
        _("number"),
        max_length=16,
        unique=True,
        validators=[RegexValidator(E164, _("Write the number with its country: +4420…"))],
    )
    # Both are empty where a PBX of our own tells of calls, and no provider does anything for us.
    account_sid = models.CharField(_("account at the provider"), max_length=64, blank=True)
    token = EncryptedTextField(_("secret of the account"), blank=True)
    cti_secret = EncryptedTextField(_("secret of the PBX"), blank=True, db_default="")
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, related_name="phone_lines")
    languages = ArrayField(
        models.CharField(max_length=16, choices=settings.LANGUAGES),
        verbose_name=_("languages"),
        default=default_languages,
    )
    asks_pin = models.BooleanField(
        _("asks for the support PIN"),
        default=True,
        db_default=True,
        help_text=_("Customers find it in the portal; whoever has none goes on without."),
    )
    offers_callbacks = models.BooleanField(
        _("offers call-backs"),
        default=True,
        db_default=True,
        help_text=_("Whoever waits, or calls out of hours, may choose when to be called."),
    )
    calendar = models.ForeignKey(
        SlaCalendar,
        verbose_name=_("business hours"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Without a calendar the line is open around the clock."),
    )
    records_calls = models.BooleanField(
        _("records calls"),
        default=False,
        db_default=False,
        help_text=_("Only those of callers who have pressed 1 to agree."),
    )
    consent_words = models.CharField(
        _("question before recording, in English"),
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("Empty: our own words. Which key agrees is said after it."),
    )
    consent_words_zh_hans = models.CharField(
        _("question before recording, in Chinese"), max_length=300, blank=True, db_default=""
    )
    keep_recordings_days = models.PositiveSmallIntegerField(
        _("days that recordings are kept"),
        default=90,
        db_default=90,
        validators=[MinValueValidator(KEPT_DAYS[0]), MaxValueValidator(KEPT_DAYS[1])],
        help_text=_("Afterwards they are deleted here and at the provider."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    # Calls in the browser: without a key nothing of the provider's is loaded there.
    sdk_key = models.CharField(_("key for calls in the browser"), max_length=64, blank=True, db_default="")
    sdk_secret = EncryptedTextField(_("secret of this key"), blank=True, db_default="")
    # What the provider calls it, as the last test of the connection found out.
    handle = models.CharField(_("account at the vendor"), max_length=80, blank=True, editable=False)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(_("time of the last error"), null=True, editable=False)

    class Meta:
        verbose_name = _("phone line")
        verbose_name_plural = _("phone lines")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="tickets_phoneline_number_e164", condition=Q(number__regex=r"^\+[1-9][0-9]{6,14}$")
            ),
            models.CheckConstraint(
                name="tickets_phoneline_sdk_is_whole",
                condition=Q(sdk_key="", sdk_secret="") | (~Q(sdk_key="") & ~Q(sdk_secret="")),
            ),
            models.CheckConstraint(
                name="tickets_phoneline_keeps_for_a_time",
                condition=Q(keep_recordings_days__gte=KEPT_DAYS[0], keep_recordings_days__lte=KEPT_DAYS[1]),
            ),
            models.CheckConstraint(name="tickets_phoneline_speaks", condition=Q(languages__len__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name


class PhoneReason(models.Model):
    """One key of a line's menu: what it is spoken as, and which topic and urgency it gives the ticket."""

    line = models.ForeignKey(PhoneLine, on_delete=models.CASCADE, related_name="reasons", db_index=False)
    key = models.PositiveSmallIntegerField(
        _("key"), validators=[MinValueValidator(KEYS[0]), MaxValueValidator(KEYS[1])]
    )
    words = models.CharField(_("spoken in English"), max_length=120)
    words_zh_hans = models.CharField(_("spoken in Chinese"), max_length=120, blank=True)
    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    is_theft = models.BooleanField(
        _("stolen account"), default=False, help_text=_("Goes to the front, and is told how to freeze the account.")
    )

    class Meta:
        verbose_name = _("reason for a call")
        verbose_name_plural = _("reasons for a call")
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["line", "key"], name="tickets_phonereason_once"),
            models.CheckConstraint(
                name="tickets_phonereason_key_known", condition=Q(key__gte=KEYS[0], key__lte=KEYS[1])
            ),
            models.CheckConstraint(
                name="tickets_phonereason_priority_known", condition=Q(priority__in=Priority.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.words}"


class PhoneEvent(models.Model):
    """One request of the provider as it came, sealed, before anybody acts on it, with what we answered.

    `digest` is that of its whole address and body, both of which are signed: the same request again, however late,
    gets the same answer and changes nothing.
    """

    class State(models.TextChoices):
        """What became of it."""

        STORED = "stored", _("Waiting")
        PROCESSED = "processed", _("Processed")
        FAILED = "failed", _("Needs review")

    public_id = public_id_field()
    line = models.ForeignKey(
        PhoneLine, verbose_name=_("phone line"), on_delete=models.PROTECT, related_name="events", db_index=False
    )
    digest = models.CharField(max_length=64)
    step = models.CharField(_("step"), max_length=16)
    # The query of its address: which turn of which leg.
    query = models.CharField(max_length=200, blank=True)
    raw = models.BinaryField()
    # Numbers to be rung stand in it.
    answer = EncryptedTextField(blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.STORED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    received_at = models.DateTimeField(_("received"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("phone event")
        verbose_name_plural = _("phone events")
        constraints = [
            models.UniqueConstraint(fields=["line", "digest"], name="tickets_phoneevent_once"),
            models.CheckConstraint(
                name="tickets_phoneevent_state_known", condition=Q(state__in=["stored", "processed", "failed"])
            ),
        ]
        indexes = [
            # the sweeper: what was stored and never answered
            models.Index(fields=["received_at"], name="tickets_phoneevent_waiting", condition=Q(state="stored")),
            # retention of raw bytes
            models.Index(fields=["received_at"], name="tickets_phoneevent_age"),
        ]

    def __str__(self) -> str:
        return f"event {self.public_id}"
