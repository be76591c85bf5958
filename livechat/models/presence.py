"""Presence: who takes chats now, in which languages, and how many at once."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.permissions import ROLE_PERMISSIONS, Permission
from core.clock import DatabaseNow, from_now
from livechat.models.chat import Chat

# Open sockets are noted every twelve seconds; whose were not for so long has none.
SILENT_AFTER = timedelta(seconds=45)
# Who touched neither keyboard nor pointer for so long is not rung.
IDLE_AFTER = timedelta(minutes=10)
MOST_CHATS = 20
ANSWERING_ROLES = sorted(role for role, rights in ROLE_PERMISSIONS.items() if Permission.TICKET_REPLY in rights)


class PresenceQuerySet(models.QuerySet["Presence"]):
    """Adjectives of presence."""

    def reachable(self) -> Self:
        """Online, with an open desk, at the keyboard within ten minutes, and allowed to answer."""
        return self.filter(
            state=Presence.State.ONLINE,
            seen_at__gt=from_now(-SILENT_AFTER),
            active_at__gt=from_now(-IDLE_AFTER),
            staff__is_active=True,
            staff__role__in=ANSWERING_ROLES,
        )

    def serving(self, *, team: int | None, language: str) -> Self:
        """Whose languages have this one ('': any) and who belong to the team; without a team all but vendors."""
        found = self.filter(languages__contains=[language]) if language else self
        if team is None:
            return found.exclude(staff__role="vendor")
        return found.filter(staff__memberships__team=team)

    def with_room(self) -> Self:
        """Who could take one more."""
        return self.with_taken().filter(Q(taken__lt=F("capacity")))

    def with_taken(self) -> Self:
        """Each with `taken`: how many chats they have in hand."""
        held = Chat.objects.held().filter(ticket__assignee=OuterRef("staff")).order_by()
        counted = held.values("ticket__assignee").annotate(number=Count("pk")).values("number")
        return self.annotate(taken=Coalesce(Subquery(counted), 0))


class Presence(models.Model):
    """One person's presence for chats: what they or a lead have said, and the signs of life behind it.

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
    languages = ArrayField(
        models.CharField(max_length=16, choices=settings.LANGUAGES), verbose_name=_("languages"), default=list
    )
    capacity = models.PositiveSmallIntegerField(
        _("chats at once"), default=3, validators=[MinValueValidator(1), MaxValueValidator(MOST_CHATS)]
    )

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("chat agent")
        verbose_name_plural = _("chat agents")
        ordering = ["staff__name"]
        constraints = [
            models.CheckConstraint(
                name="livechat_presence_state_known",
                condition=Q(state__in=["online", "away", "on_call", "offline"]),
            ),
            models.CheckConstraint(
                name="livechat_presence_reason_known", condition=Q(reason__in=["", "missed", "silent", "forced"])
            ),
            models.CheckConstraint(
                name="livechat_presence_capacity_bounded", condition=Q(capacity__gte=1, capacity__lte=MOST_CHATS)
            ),
        ]
        # routing: who is online, longest idle first
        indexes = [models.Index(fields=["idle_since"], condition=Q(state="online"), name="livechat_presence_online")]

    def __str__(self) -> str:
        return f"presence of {self.staff_id}"

    @property
    def public_id(self) -> str:
        """The person's, for the audit log."""
        return self.staff.public_id
