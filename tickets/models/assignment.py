"""Who was given what and why, and which skills a topic asks for."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Skill, Team
from accounts.models.skill import HIGHEST
from core.clock import DatabaseNow
from tickets.models.ticket import Ticket
from tickets.models.topic import Topic


class Decision(models.Model):
    """One decision on who gets a ticket, as it was made: who was looked at, and why it was them. Never changed.

    `staff` is who was chosen, or who had it; `candidates` are those looked at: public id, code of why not (or
    "chosen"), what they had in hand and their room. Kept for 90 days.
    """

    class Kind(models.TextChoices):
        """What was decided."""

        RUNG = "rung", _("The chat rang at somebody")
        GIVEN = "given", _("Assigned")
        PASSED_ON = "passed_on", _("Passed on by the assignee")
        TAKEN_BACK = "taken_back", _("Taken back: nothing was done in time")
        GIVEN_BACK = "given_back", _("Given back: the assignee has left")
        OVERFLOWED = "overflowed", _("Moved on to another team")

    # Found by `tickets_decision_of_ticket`.
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Found by `tickets_decision_turns`.
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    # By which method of the team, and whether they came first for another reason.
    method = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=12, blank=True)
    candidates = models.JSONField(default=list)
    decided_at = models.DateTimeField(db_default=DatabaseNow())
    # When somebody looks whether anything was done; null when nobody need look, or has.
    look_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tickets_decision_kind_known",
                condition=Q(kind__in=["rung", "given", "passed_on", "taken_back", "given_back", "overflowed"]),
            ),
        ]
        indexes = [
            # the page "why": a ticket's decisions, newest first
            models.Index(fields=["ticket", "-id"], name="tickets_decision_of_ticket"),
            # whose turn it is in a team
            models.Index(
                fields=["staff", "team", "-decided_at"],
                condition=Q(kind__in=["rung", "given"]),
                name="tickets_decision_turns",
            ),
            # the sweeper: whether anything was done
            models.Index(
                fields=["look_again_at"], condition=Q(look_again_at__isnull=False), name="tickets_decision_look_again"
            ),
            # tidying: the oldest
            models.Index(fields=["decided_at"], name="tickets_decision_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of ticket {self.ticket_id}"


class TopicSkill(models.Model):
    """One skill that tickets of a topic ask for, and how well."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="skills", db_index=False)
    skill = models.ForeignKey(Skill, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(
        _("level at least"), default=1, validators=[MinValueValidator(1), MaxValueValidator(HIGHEST)]
    )

    class Meta:
        verbose_name = _("skill it asks for")
        verbose_name_plural = _("skills it asks for")
        constraints = [
            models.UniqueConstraint(fields=["topic", "skill"], name="tickets_topicskill_once"),
            models.CheckConstraint(
                name="tickets_topicskill_level_bounded", condition=Q(level__gte=1, level__lte=HIGHEST)
            ),
        ]

    def __str__(self) -> str:
        return f"skill {self.skill_id} for topic {self.topic_id}"
