"""Calls and their legs: who called whom, where it is, whom of ours it rang."""

from typing import ClassVar, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.masking import masked_phone
from accounts.models import Customer, Team
from core.clock import DatabaseNow
from core.crypto import EncryptedTextField
from core.ids import public_id_field
from tickets.models.phone import PhoneLine, PhoneReason
from tickets.models.ticket import Ticket

MOST_PIN_TRIES: Final = 5


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
        CALLBACK = "callback", _("To be called back")

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
    # When the caller said yes to a recording; without it none is made or kept.
    recording_agreed_at = models.DateTimeField(null=True)
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
                condition=Q(outcome__in=["", "answered", "missed", "voicemail", "callback"]),
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
