"""Policies of service levels: what is promised to whom, in versions that nobody changes once they hold."""

from datetime import timedelta
from typing import Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.sla_calendar import SlaCalendar
from tickets.sla.vocabulary import Metric, Reopening

# A promise of more than a year is none.
MAX_MINUTES = 366 * 24 * 60


class SlaPolicy(models.Model):
    """One policy by name; what it promises stands in its versions."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SlaPolicyVersionQuerySet(models.QuerySet["SlaPolicyVersion"]):
    """Adjectives of versions."""

    def in_force(self) -> Self:
        """The version of each policy that has come into force last, by the database's clock."""
        return (
            self.filter(applies_from__lte=DatabaseNow())
            .order_by("policy_id", "-applies_from", "-pk")
            .distinct("policy_id")
        )


class SlaPolicyVersion(models.Model):
    """What a policy promises from a moment on, to which cases; a draft until it has that moment, then fixed."""

    public_id = public_id_field()
    policy = models.ForeignKey(
        SlaPolicy, verbose_name=_("SLA policy"), on_delete=models.PROTECT, related_name="versions"
    )
    position = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Of several policies that fit a case, the lowest one holds.")
    )
    is_active = models.BooleanField(
        _("promises something"), default=True, help_text=_("Without this the policy fits no case any more.")
    )
    # An empty list leaves nobody out.
    channels = ArrayField(models.CharField(max_length=10), verbose_name=_("channels"), default=list, blank=True)
    priorities = ArrayField(models.CharField(max_length=8), verbose_name=_("priorities"), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=16), verbose_name=_("languages"), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("any of these tags"), default=list, blank=True)
    teams = ArrayField(models.BigIntegerField(), verbose_name=_("teams"), default=list, blank=True)
    is_risk_raised = models.BooleanField(
        _("only customers at risk"),
        default=False,
        help_text=_("Those whose risk a signal of the exchange raises now."),
    )
    calendar = models.ForeignKey(
        SlaCalendar,
        verbose_name=_("calendar"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Without one, the case's team's; without that, the one for everything else, or around the clock."),
    )
    # Minutes by metric and priority: {"resolution": {"urgent": 240}}.
    targets = models.JSONField(_("targets"), default=dict)
    warn_percent = models.PositiveSmallIntegerField(
        _("warn at percent"), default=75, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Of the time that is promised; 100: no warning."),
    )  # fmt: skip
    pauses_in = ArrayField(
        models.CharField(max_length=10), verbose_name=_("paused while"), default=list, blank=True,
        help_text=_("No time counts in these statuses."),
    )  # fmt: skip
    reopening = models.CharField(
        _("when opened again"), max_length=8, choices=Reopening.choices, default=Reopening.CONTINUE
    )
    created_at = models.DateTimeField(db_default=DatabaseNow())
    applies_from = models.DateTimeField(_("applies from"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    objects = SlaPolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an SLA policy")
        verbose_name_plural = _("versions of SLA policies")
        ordering = ["policy", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_slapolicyversion_warn_sane", condition=Q(warn_percent__gte=1, warn_percent__lte=100)
            ),
            models.CheckConstraint(
                name="tickets_slapolicyversion_reopening_known", condition=Q(reopening__in=Reopening.values)
            ),
            models.CheckConstraint(
                name="tickets_slapolicyversion_published_by_one",
                condition=Q(applies_from__isnull=True) ^ Q(published_by__isnull=False),
            ),
        ]
        # opening a case: the version of each policy that holds
        indexes = [
            models.Index(
                fields=["policy", "-applies_from", "-id"],
                name="tickets_slapolicy_in_force",
                condition=Q(applies_from__isnull=False),
            )
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_slapolicyversion_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.applies_from IS NOT NULL"),
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.applies_from > core.clock() AND NEW.applies_from IS NULL THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a version that was put into force is never changed: make another one';
                """,
            ),
            pgtrigger.Trigger(
                name="tickets_slapolicyversion_not_backdated",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.applies_from IS NOT NULL"),
                func="""
                    IF NEW.applies_from < core.clock() - interval '5 seconds' THEN
                        RAISE EXCEPTION 'a version holds from now on or later';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.pk}"

    def target(self, metric: str, priority: str) -> timedelta | None:
        """Return what is promised; None where nothing is."""
        minutes: Any = self.targets.get(metric, {}).get(priority)
        return timedelta(minutes=minutes) if minutes else None

    def targets_of(self, priority: str) -> dict[str, timedelta]:
        """Return what is promised to a case of a priority, by metric."""
        found = {str(metric): self.target(metric, priority) for metric in Metric.values}
        return {metric: target for metric, target in found.items() if target is not None}
