"""Presence: who is at work now, in which languages, and how much at once."""

from datetime import timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.models.absence import absent_now
from accounts.models.staff import Staff
from accounts.permissions import ROLE_PERMISSIONS, Permission
from accounts.spoken import CHOICES
from core.clock import DatabaseNow, from_now

# Open sockets are noted every twelve seconds; whose were not for so long has none.
SILENT_AFTER = timedelta(seconds=45)
# Who touched neither keyboard nor pointer for so long is not rung.
IDLE_AFTER = timedelta(minutes=10)
MOST_CHATS = 20
MOST_TICKETS = 200
MOST_CALLS = 20
# How well whoever has a language has it, where nothing else is said; from 1 to 5, as with skills.
LANGUAGE_LEVEL = 3
MOST_WEIGHT = 10
ANSWERING_ROLES = sorted(role for role, rights in ROLE_PERMISSIONS.items() if Permission.TICKET_REPLY in rights)


class AnyOutOfBounds(Func):
    """Whether a level of a language is no whole number from 1 to 5."""

    template = (
        """jsonb_path_exists(%(expressions)s, '$.* ? (@.type() != "number" || @ < 1 || @ > 5 || @.floor() != @)')"""
    )
    output_field = models.BooleanField()


def _type_of(name: str) -> Func:
    return Func(F(name), function="jsonb_typeof", output_field=TextField())


def has_language(language: str, level: int) -> Q:
    """Return who has a language at least at a level."""
    has = Q(languages__contains=[language])
    if level <= 1:
        return has
    said = Q(**{f"language_levels__{language}__gte": level})
    unsaid = Q(**{f"language_levels__{language}__isnull": True}) if level <= LANGUAGE_LEVEL else Q(pk__in=())
    return has & (said | unsaid)


class PresenceQuerySet(models.QuerySet["Presence"]):
    """Adjectives of presence."""

    def reachable(self) -> Self:
        """Online, with an open desk, at the keyboard within ten minutes, allowed to answer, and not absent."""
        return self.exclude(absent_now("staff")).filter(
            state=Presence.State.ONLINE,
            seen_at__gt=from_now(-SILENT_AFTER),
            active_at__gt=from_now(-IDLE_AFTER),
            staff__is_active=True,
            staff__role__in=ANSWERING_ROLES,
        )

    def serving(self, *, team: int | None, language: str) -> Self:
        """Who belong to the team and have this language ('': any) as well as it asks; with no team all but vendors."""
        found = self.filter(languages__contains=[language]) if language else self
        if team is None:
            return found.exclude(staff__role="vendor")
        if not language:
            return found.filter(staff__memberships__team=team)
        said = Cast(KeyTextTransform(language, "language_levels"), models.IntegerField())
        level = Coalesce(said, Value(LANGUAGE_LEVEL))
        # Of one membership: both conditions in one call.
        return found.filter(staff__memberships__team=team, staff__memberships__team__language_level__lte=level)


class Presence(models.Model):
    """One person's presence at the desk: what they or a lead have said, and the signs of life behind it.

    Being online counts only while a desk is open and somebody is at it; that is read, not written, so that
    no crash leaves anybody online.
    """

    class State(models.TextChoices):
        """What a person says of themselves."""

        ONLINE = "online", _("Online")
        AWAY = "away", _("Away")
        ON_CALL = "on_call", _("On call")
        OFFLINE = "offline", _("Offline")

    class Reason(models.TextChoices):
        """Why it is so, when the person did not say it."""

        OWN = "", _("said so")
        MISSED = "missed", _("missed a ring")
        SILENT = "silent", _("no desk open")
        FORCED = "forced", _("set by a lead")
        LEFT = "left", _("signed out")

    staff = models.OneToOneField(
        Staff, verbose_name=_("staff member"), on_delete=models.PROTECT, primary_key=True, related_name="presence"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.OFFLINE)
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True, default=Reason.OWN)
    changed_at = models.DateTimeField(db_default=DatabaseNow())
    # Since when nothing was asked of them: who has waited longest is rung first.
    idle_since = models.DateTimeField(db_default=DatabaseNow())
    seen_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)
    languages = ArrayField(models.CharField(max_length=16, choices=CHOICES), verbose_name=_("languages"), default=list)
    # Language → level, of those whose level was said.
    language_levels = models.JSONField(_("levels of languages"), default=dict, db_default={}, blank=True)
    capacity = models.PositiveSmallIntegerField(
        _("chats at once"), default=3, validators=[MinValueValidator(1), MaxValueValidator(MOST_CHATS)]
    )
    ticket_capacity = models.PositiveSmallIntegerField(
        _("tickets at once"),
        default=10,
        db_default=10,
        validators=[MaxValueValidator(MOST_TICKETS)],
        help_text=_("How many new and open tickets are assigned by themselves at most; 0: none."),
    )
    phone_capacity = models.PositiveSmallIntegerField(
        _("calls at once"),
        default=1,
        db_default=1,
        validators=[MaxValueValidator(MOST_CALLS)],
        help_text=_("How many new and open tickets of the phone are assigned by themselves at most; 0: none."),
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WEIGHT)],
        help_text=_("Share of the work in teams that assign by weight."),
    )
    # How often something was given to them: compared when the next thing is, so that nobody's turn counts twice.
    given = models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
    # Until when what they left behind has been given back.
    given_back_at = models.DateTimeField(null=True, editable=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat agent")
        verbose_name_plural = _("chat agents")
        ordering = ["staff__name"]
        # From when it was live chat's alone: renaming a table under running code is worth no name.
        db_table = "livechat_presence"
        constraints = [
            models.CheckConstraint(
                name="livechat_presence_state_known",
                condition=Q(state__in=["online", "away", "on_call", "offline"]),
            ),
            models.CheckConstraint(
                name="livechat_presence_reason_known",
                condition=Q(reason__in=["", "missed", "silent", "forced", "left"]),
            ),
            models.CheckConstraint(
                name="livechat_presence_capacity_bounded", condition=Q(capacity__gte=1, capacity__lte=MOST_CHATS)
            ),
            models.CheckConstraint(
                name="accounts_presence_tickets_bounded", condition=Q(ticket_capacity__lte=MOST_TICKETS)
            ),
            models.CheckConstraint(name="accounts_presence_calls_bounded", condition=Q(phone_capacity__lte=MOST_CALLS)),
            models.CheckConstraint(
                name="accounts_presence_levels_bounded",
                condition=Q(
                    Exact(Func(F("language_levels"), function="jsonb_typeof", output_field=TextField()), "object")
                )
                & ~Q(AnyOutOfBounds(F("language_levels"))),
            ),
            models.CheckConstraint(
                name="accounts_presence_weight_bounded", condition=Q(weight__gte=1, weight__lte=MOST_WEIGHT)
            ),
        ]
        # assignment: who is online, longest idle first
        indexes = [models.Index(fields=["idle_since"], condition=Q(state="online"), name="livechat_presence_online")]

    def __str__(self) -> str:
        return f"presence of {self.staff_id}"

    @property
    def public_id(self) -> str:
        """The person's, for the audit log."""
        return self.staff.public_id
