"""The phone: lines of ours, calls and their legs, what the provider told us, and recordings that are to be fetched."""

import re
import uuid
from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked_phone
from accounts.models import Customer, Team
from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from core.models import Leased
from tickets.models.message import Message
from tickets.models.sla_calendar import SlaCalendar
from tickets.models.ticket import Priority, Ticket
from tickets.models.topic import Topic

# A number as E.164 has it.
E164: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
KEYS: Final = (1, 9)
MOST_PIN_TRIES: Final = 5


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
    account_sid = models.CharField(_("account at the provider"), max_length=64)
    token = EncryptedTextField(_("secret of the account"))
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
    calendar = models.ForeignKey(
        SlaCalendar,
        verbose_name=_("business hours"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Without a calendar the line is open around the clock."),
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


class CallState(models.TextChoices):
    """Where a call is."""

    MENU = "menu", _("In the menu")
    QUEUED = "queued", _("Waiting")
    RINGING = "ringing", _("Ringing")
    TALKING = "talking", _("Talking")
    VOICEMAIL = "voicemail", _("Leaving a message")
    ENDED = "ended", _("Ended")


# Ended is the end.
CALL_MOVES: Final[dict[str, frozenset[str]]] = {
    CallState.MENU: frozenset({CallState.QUEUED, CallState.RINGING, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.QUEUED: frozenset({CallState.RINGING, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.RINGING: frozenset({CallState.QUEUED, CallState.TALKING, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.TALKING: frozenset({CallState.QUEUED, CallState.ENDED}),
    CallState.VOICEMAIL: frozenset({CallState.ENDED}),
}
WAITING: Final = (CallState.QUEUED, CallState.RINGING)
LIVE: Final = (CallState.MENU, CallState.QUEUED, CallState.RINGING, CallState.TALKING, CallState.VOICEMAIL)


class PhoneCall(models.Model):
    """One call, by the provider's id of it. What number it shows is a claim of the caller and proves nothing.

    `turn` counts the answers we gave: an address that was handed out for an earlier turn has no second effect.
    """

    class Direction(models.TextChoices):
        """Who called whom."""

        IN = "in", _("Incoming")
        OUT = "out", _("Outgoing")

    class Outcome(models.TextChoices):
        """How it ended."""

        ANSWERED = "answered", _("Answered")
        MISSED = "missed", _("Missed")
        VOICEMAIL = "voicemail", _("Voice message")

    class Disposition(models.TextChoices):
        """What is left to do, as whoever took it says afterwards."""

        SOLVED = "solved", _("Solved")
        WAITS = "waits", _("The customer has to do something")
        FOLLOW_UP = "follow_up", _("We have to do something")
        NOTHING = "nothing", _("Wrong number, or nobody spoke")

    public_id = public_id_field()
    line = models.ForeignKey(PhoneLine, on_delete=models.PROTECT, related_name="calls")
    # '' until the provider has named one that we place.
    sid = models.CharField(max_length=64, blank=True)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(_("state"), max_length=10, choices=CallState.choices, default=CallState.MENU)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True, default="")
    # Of the other side, as it was shown to us; '' when it was withheld.
    number = EncryptedTextField(blank=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.PROTECT, related_name="phone_calls")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="phone_calls")
    language = models.CharField(max_length=16, blank=True)
    reason = models.ForeignKey(PhoneReason, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # Before all others: an account is being emptied.
    is_urgent = models.BooleanField(default=False, db_default=False)
    # Where it was transferred to: another team, or somebody who comes first.
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    wanted = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_conference = models.BooleanField(default=False, db_default=False)
    disposition = models.CharField(
        _("outcome"), max_length=10, choices=Disposition.choices, blank=True, default="", db_default=""
    )
    noted_at = models.DateTimeField(null=True)
    # By the support PIN: the ticket is its customer's. Nothing of funds follows from it.
    is_pin_proven = models.BooleanField(default=False, db_default=False)
    pin_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    turn = models.PositiveIntegerField(default=0, db_default=0)
    started_at = models.DateTimeField(db_default=DatabaseNow())
    # When the provider last asked us what to do.
    seen_at = models.DateTimeField(db_default=DatabaseNow())
    queued_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(fields=["sid"], name="tickets_phonecall_sid_once", condition=~Q(sid="")),
            models.CheckConstraint(name="tickets_phonecall_state_known", condition=Q(state__in=CallState.values)),
            models.CheckConstraint(name="tickets_phonecall_direction_known", condition=Q(direction__in=["in", "out"])),
            models.CheckConstraint(
                name="tickets_phonecall_outcome_known",
                condition=Q(outcome__in=["", "answered", "missed", "voicemail"]),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_end_is_whole",
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(state="ended") & Q(ended_at__isnull=True, outcome=""),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_queue_has_ticket",
                condition=~Q(state__in=["queued", "ringing"]) | Q(queued_at__isnull=False, ticket__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_talk_has_agent",
                condition=~Q(state="talking") | Q(answered_at__isnull=False, agent__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_answered_was_answered",
                condition=~Q(outcome="answered") | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_disposition_known",
                condition=Q(disposition__in=["", "solved", "waits", "follow_up", "nothing"]),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_noted_is_whole",
                condition=Q(disposition="", noted_at__isnull=True)
                | (~Q(disposition="") & Q(noted_at__isnull=False, state="ended")),
            ),
            models.CheckConstraint(
                name="tickets_phonecall_proven_is_somebody",
                condition=Q(is_pin_proven=False) | Q(customer__isnull=False),
            ),
            models.CheckConstraint(name="tickets_phonecall_tries_bounded", condition=Q(pin_tries__lte=MOST_PIN_TRIES)),
            models.CheckConstraint(
                name="tickets_phonecall_in_order",
                condition=Q(answered_at__isnull=True) | Q(ended_at__isnull=True) | Q(ended_at__gte=F("answered_at")),
            ),
        ]
        indexes = [
            # the queue of a line, and what the sweeper looks at
            models.Index(
                fields=["line", "queued_at"],
                name="tickets_phonecall_live",
                condition=Q(state__in=["menu", "queued", "ringing", "talking", "voicemail"]),
            ),
            # how long callers have waited lately
            models.Index(
                fields=["line", "-answered_at"],
                name="tickets_phonecall_waits",
                condition=Q(answered_at__isnull=False, queued_at__isnull=False),
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.FSM(
                name="tickets_call_moves",
                field="state",
                transitions=[(str(old), str(new)) for old, news in CALL_MOVES.items() for new in sorted(news)],
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.public_id}"

    @property
    def shown_number(self) -> str:
        """The number as staff see it."""
        return masked_phone(self.number) if self.number else ""


class PhoneLeg(models.Model):
    """One person of ours whom a call rang or rings. Nobody is rung for two calls at a time."""

    class State(models.TextChoices):
        """What became of it."""

        RINGING = "ringing", _("Ringing")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        MISSED = "missed", _("Missed")
        ENDED = "ended", _("Ended")

    class Role(models.TextChoices):
        """What they are in the call."""

        AGENT = "agent", _("Agent")
        LEAD = "lead", _("Lead")

    public_id = public_id_field()
    call = models.ForeignKey(PhoneCall, on_delete=models.PROTECT, related_name="legs")
    role = models.CharField(max_length=5, choices=Role.choices, default=Role.AGENT, db_default="agent")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="phone_legs", db_index=False
    )
    sid = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RINGING)
    rung_at = models.DateTimeField(db_default=DatabaseNow())
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff"], name="tickets_phoneleg_one_at_a_time", condition=Q(state__in=["ringing", "accepted"])
            ),
            models.CheckConstraint(
                name="tickets_phoneleg_state_known",
                condition=Q(state__in=["ringing", "accepted", "declined", "missed", "ended"]),
            ),
            models.CheckConstraint(name="tickets_phoneleg_role_known", condition=Q(role__in=["agent", "lead"])),
            models.CheckConstraint(
                name="tickets_phoneleg_end_is_whole",
                condition=Q(state__in=["ringing", "accepted"]) ^ Q(ended_at__isnull=False),
            ),
        ]
        # when somebody was last rung
        indexes = [models.Index(fields=["staff", "-rung_at"], name="tickets_phoneleg_of_staff")]

    def __str__(self) -> str:
        return f"leg {self.public_id}"


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


class PhoneRecording(Leased):
    """One voice message that is to be fetched from the provider and put on its ticket."""

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", _("Waiting")
        KEPT = "kept", _("Kept")
        FAILED = "failed", _("Failed")

    WAITING: ClassVar[tuple[str, ...]] = ("waiting",)

    public_id = public_id_field()
    call = models.ForeignKey(PhoneCall, on_delete=models.PROTECT, related_name="recordings")
    sid = models.CharField(max_length=64, unique=True)
    duration_s = models.PositiveIntegerField(default=0)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.CheckConstraint(
                name="tickets_phonerecording_state_known", condition=Q(state__in=["waiting", "kept", "failed"])
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(
                fields=["next_attempt_at"], name="tickets_phonerecording_waiting", condition=Q(state="waiting")
            )
        ]

    def __str__(self) -> str:
        return f"recording {self.public_id}"


class PhoneOrder(Leased):
    """One thing that the provider is to do for us: place a call, or send one that goes on somewhere else.

    Nothing is placed twice: one that may have been is given up, and its ticket says so.
    """

    class Kind(models.TextChoices):
        """What is to be done."""

        PLACE = "place", _("Place a call")
        REDIRECT = "redirect", _("Lead a call elsewhere")

    class State(models.TextChoices):
        """Where it is."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    WAITING: ClassVar[tuple[str, ...]] = ("queued",)

    public_id = public_id_field()
    line = models.ForeignKey(PhoneLine, on_delete=models.PROTECT, related_name="orders")
    call = models.ForeignKey(PhoneCall, null=True, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Whom to call; or the provider's id of the call that is led elsewhere.
    number = EncryptedTextField(blank=True)
    sid = models.CharField(max_length=64, blank=True)
    # Which of our steps is asked, and which hears of its end.
    url = models.CharField(max_length=300)
    status_url = models.CharField(max_length=300, blank=True)
    # Set before the first byte leaves.
    is_handed_over = models.BooleanField(default=False, db_default=False)
    is_reported = models.BooleanField(default=False, db_default=False)
    state = models.CharField(_("state"), max_length=6, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_phoneorder_kind_known", condition=Q(kind__in=["place", "redirect"])),
            models.CheckConstraint(
                name="tickets_phoneorder_state_known", condition=Q(state__in=["queued", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="tickets_phoneorder_names_whom",
                condition=Q(kind="place", sid="") & ~Q(number="") | Q(kind="redirect", number="") & ~Q(sid=""),
            ),
        ]
        indexes = [
            # the sweeper: what waits, oldest first
            models.Index(fields=["next_attempt_at"], name="tickets_phoneorder_waiting", condition=Q(state="queued")),
            # the sweeper: failures that nobody has been told
            models.Index(
                fields=["id"], name="tickets_phoneorder_unreported", condition=Q(state="failed", is_reported=False)
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.public_id}"

    @classmethod
    def hand_over(cls, pk: int, token: uuid.UUID) -> bool:
        """Note that it leaves; False means that another worker has taken over, or it has left before."""
        held = cls._base_manager.filter(pk=pk, lease_token=token, is_handed_over=False)
        return held.update(is_handed_over=True) == 1


class NumberCheck(models.Model):
    """A number that somebody of ours says is theirs: we call it, and they type there what their screen shows."""

    public_id = public_id_field()
    staff = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="number_check")
    number = EncryptedTextField()
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="tickets_numbercheck_tries_bounded", condition=Q(tries__lte=5)),
        ]

    def __str__(self) -> str:
        return f"number of {self.staff_id}"
