"""Teams and who belongs to them."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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


class Team(models.Model):
    """A group of staff with a queue of its own."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    is_restricted = models.BooleanField(
        _("restricted"), default=False, help_text=_("Only members, leads, compliance and auditors see its tickets.")
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("members"), through="TeamMembership", related_name="teams"
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

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
