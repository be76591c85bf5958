"""Chains of escalation: whom they are for, and what happens step by step when a promise is missed, or nearly."""

from typing import ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from core.crypto import EncryptedTextField
from core.ids import new_public_id, public_id_field
from tickets.escalation.quiet import Quiet
from tickets.escalation.steps import Step
from tickets.escalation.vocabulary import Action, After, Format
from tickets.models.oncall import OnCallSchedule, known_zone
from tickets.models.ticket import Priority

# A week.
LONGEST_MIN = 7 * 24 * 60
MOST_STORM = 1000


def https_only(url: str) -> None:
    """Refuse an address that is not https, or carries a name and password. Raises ValidationError."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise ValidationError(_("Only https addresses, without a user name."))


class EscalationHook(models.Model):
    """One place outside that is told: by signed JSON, or in the form that chat channels take."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500, validators=[https_only])
    format = models.CharField(_("format"), max_length=4, choices=Format.choices, default=Format.JSON)
    # With which each request is signed (HMAC-SHA-256).
    secret = EncryptedTextField(_("signing key"), default=new_public_id)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("webhook of escalation")
        verbose_name_plural = _("webhooks of escalation")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="tickets_escalationhook_format_known", condition=Q(format__in=["json", "chat"])
            ),
            models.CheckConstraint(name="tickets_escalationhook_https", condition=Q(url__startswith="https://")),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationChain(models.Model):
    """One chain and the tickets that it is for; empty lists leave nobody out."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=80, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Of several chains that fit, the lowest one runs.")
    )
    teams = ArrayField(models.BigIntegerField(), verbose_name=_("teams"), default=list, blank=True)
    policies = ArrayField(models.BigIntegerField(), verbose_name=_("SLA policies"), default=list, blank=True)
    metrics = ArrayField(models.CharField(max_length=16), verbose_name=_("promises"), default=list, blank=True)
    priorities = ArrayField(models.CharField(max_length=8), verbose_name=_("priorities"), default=list, blank=True)
    takes_customers = models.BooleanField(
        _("when a customer escalates"),
        default=False,
        help_text=_("Also begins when a customer escalates at the portal; every step then counts from that moment."),
    )
    quiet_from = models.TimeField(
        _("quiet from"), null=True, blank=True, help_text=_("What is not urgent waits for the end of the quiet hours.")
    )
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_zone])
    storm_limit = models.PositiveSmallIntegerField(
        _("storm guard"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_STORM)],
        help_text=_("When more tickets than this begin it within a minute, each person is told once, of all of them."),
    )

    class Meta:
        verbose_name = _("escalation chain")
        verbose_name_plural = _("escalation chains")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_escalationchain_quiet_whole",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                violation_error_message=_("Quiet hours need both a beginning and an end."),
            ),
            models.CheckConstraint(
                name="tickets_escalationchain_storm_sane",
                condition=Q(storm_limit__gte=1, storm_limit__lte=MOST_STORM),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def quiet(self) -> list[Quiet]:
        """Return its quiet hours: one or none."""
        if self.quiet_from is None or self.quiet_until is None:
            return []
        return [Quiet(self.quiet_from, self.quiet_until, ZoneInfo(self.time_zone))]


def _given(*names: str, staff: bool = False) -> Q:
    """Return the condition that exactly these targets are given."""
    wanted = {"staff", *names} if staff else set(names)
    found = Q(to_assignee="to_assignee" in wanted)
    for name in ("staff", "team", "schedule", "hook"):
        found &= Q(**{f"{name}__isnull": name not in wanted})
    return found & (~Q(priority="") if "priority" in wanted else Q(priority=""))


class EscalationStep(models.Model):
    """One step of a chain: after what, what is done, to whom. A run keeps the steps that it began with."""

    chain = models.ForeignKey(EscalationChain, on_delete=models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    minutes = models.PositiveIntegerField(_("minutes"), default=0, validators=[MaxValueValidator(LONGEST_MIN)])
    after = models.CharField(_("after"), max_length=10, choices=After.choices, default=After.BREACHED)
    action = models.CharField(_("what"), max_length=10, choices=Action.choices)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_assignee = models.BooleanField(_("whoever has it"), default=False)
    schedule = models.ForeignKey(
        OnCallSchedule, verbose_name=_("on-call schedule"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+", db_index=False,
    )  # fmt: skip
    hook = models.ForeignKey(
        EscalationHook, verbose_name=_("webhook"), null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        db_index=False,
    )  # fmt: skip
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, blank=True)
    is_urgent = models.BooleanField(_("urgent"), default=False, help_text=_("Does not wait for quiet hours."))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps, in order")
        ordering = ["position", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="tickets_escalationstep_after_known", condition=Q(after__in=After.values)),
            models.CheckConstraint(
                name="tickets_escalationstep_minutes_bounded", condition=Q(minutes__lte=LONGEST_MIN)
            ),
            models.CheckConstraint(
                name="tickets_escalationstep_target_fits",
                condition=(
                    Q(action__in=["page", "mail", "push"])
                    & (_given("to_assignee") | _given(staff=True) | _given("team"))
                )
                | (Q(action="hook") & _given("hook"))
                | (Q(action="on_call") & _given("schedule"))
                | (Q(action="priority") & _given("priority"))
                | (Q(action="reassign") & (_given(staff=True) | _given("team")))
                | (Q(action="follow") & _given(staff=True)),
                violation_error_message=_(
                    "Name exactly whom the step is for: a person, a team or whoever has it for pages, mails and "
                    "pushes; a person or a team to reassign; a person to follow; a schedule to call; a webhook; a "
                    "priority."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of chain {self.chain_id}"

    def plain(self) -> Step:
        """Return it in plain terms, as a run keeps it."""
        return Step(
            action=self.action,
            after=self.after,
            minutes=self.minutes,
            is_urgent=self.is_urgent,
            staff=self.staff_id or 0,
            team=self.team_id or 0,
            schedule=self.schedule_id or 0,
            hook=self.hook_id or 0,
            priority=self.priority,
            to_assignee=self.to_assignee,
        )
