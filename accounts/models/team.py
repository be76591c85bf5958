"""Teams and who belongs to them."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.skill import HIGHEST
from accounts.permissions import Permission, Role
from core.ids import public_id_field

if TYPE_CHECKING:
    from accounts.models.staff import Staff


class TeamQuerySet(models.QuerySet["Team"]):
    """Adjectives of teams."""

    def visible_to(self, person: "Staff") -> Self:
        """Teams whose tickets `person` may see: open teams, their own, and all for those who may see restricted ones.

        Vendors see their own teams only.
        """
        if not person.has(Permission.TICKET_VIEW):
            return self.none()
        if person.has(Permission.TICKET_VIEW_RESTRICTED):
            return self
        mine = Q(memberships__staff=person)
        return self.filter(mine if person.role == Role.VENDOR else mine | Q(is_restricted=False)).distinct()


# A day.
LONGEST_MIN = 1440


class Team(models.Model):
    """A group of staff with a queue of its own, and how what lies in it finds somebody."""

    class Method(models.TextChoices):
        """Whose turn it is among those who could take it."""

        IDLE = "idle", _("Longest idle")
        ROUND_ROBIN = "round_robin", _("Round robin")
        LEAST_LOADED = "least_loaded", _("Least loaded")
        WEIGHTED = "weighted", _("By weight")

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    is_restricted = models.BooleanField(
        _("restricted"), default=False, help_text=_("Only members, leads, compliance and auditors see its tickets.")
    )
    method = models.CharField(
        _("whose turn"), max_length=12, choices=Method.choices, default=Method.IDLE, db_default=Method.IDLE.value
    )
    is_sticky = models.BooleanField(
        _("same person again"),
        default=False,
        db_default=False,
        help_text=_("Whoever had the customer's last ticket of the past 30 days comes first."),
    )
    assigns_tickets = models.BooleanField(
        _("assign tickets"),
        default=False,
        db_default=False,
        help_text=_("New and open tickets without an assignee are given to members who are online. Chats ring anyway."),
    )
    gives_back = models.BooleanField(
        _("give back"),
        default=False,
        db_default=False,
        help_text=_("Tickets that nobody has answered return to the queue when their assignee leaves."),
    )
    only_on_shift = models.BooleanField(
        _("only on shift"),
        default=False,
        db_default=False,
        help_text=_("Only members whose shift goes on are given anything; its end counts as leaving."),
    )
    language_level = models.PositiveSmallIntegerField(
        _("level of the language at least"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(HIGHEST)],
        help_text=_("How well a ticket's or chat's language is to be had, from 1 (at all) to 5."),
    )
    take_back_after_min = models.PositiveSmallIntegerField(
        _("take back after (minutes)"),
        default=0,
        db_default=0,
        validators=[MaxValueValidator(LONGEST_MIN)],
        help_text=_("An assigned ticket on which its assignee does nothing for so long goes to the next; 0: never."),
    )
    # Few rows, read by their own side.
    overflow_team = models.ForeignKey(
        "self",
        verbose_name=_("overflow to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text=_("The team that gets what nobody here has taken in time, once."),
    )
    overflow_after_min = models.PositiveSmallIntegerField(
        _("overflow after (minutes)"), default=10, db_default=10, validators=[MaxValueValidator(LONGEST_MIN)]
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), through="TeamMembership", related_name="teams"
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="accounts_team_method_known",
                condition=Q(method__in=["idle", "round_robin", "least_loaded", "weighted"]),
            ),
            models.CheckConstraint(
                name="accounts_team_language_level_bounded",
                condition=Q(language_level__gte=1, language_level__lte=HIGHEST),
            ),
            models.CheckConstraint(
                name="accounts_team_overflows_elsewhere",
                condition=Q(overflow_team__isnull=True) | ~Q(overflow_team=F("pk")),
                violation_error_message=_("A team does not overflow to itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamMembership(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="memberships")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="memberships"
    )

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [models.UniqueConstraint(fields=["team", "staff"], name="accounts_teammembership_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} in {self.team_id}"
