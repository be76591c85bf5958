"""What somebody keeps to begin with, for themselves, for a team or for everybody: whose it is."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.clock import DatabaseNow
from core.ids import public_id_field


def usable_by(person: Staff) -> Q:
    """Return what `person` may begin with: one's own, one's teams' and everybody's; nothing that is put away."""
    if not person.has(Permission.TICKET_VIEW):
        return Q(pk__in=[])
    shared = Q(is_shared=True) & (Q(team__isnull=True) | Q(team__in=person.memberships.values("team")))
    return Q(archived_at__isnull=True) & (shared | Q(owner=person, is_shared=False))


def editable_by(person: Staff) -> Q:
    """Return what `person` may change: one's own, and shared ones for whoever keeps them."""
    if not person.has(Permission.TICKET_UPDATE):
        return Q(pk__in=[])
    own = Q(owner=person, is_shared=False)
    if person.has(Permission.CANNED_MANAGE):
        teams = Team.objects.visible_to(person).values("pk")
        own |= Q(is_shared=True) & (Q(team__isnull=True) | Q(team__in=teams))
    return Q(archived_at__isnull=True) & own


class ShelfItem(models.Model):
    """One thing that is kept. `owner` made it; whose it is, is for good."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_shared = models.BooleanField(_("shared"), default=False, db_default=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    archived_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_team_is_shared", condition=Q(team__isnull=True) | Q(is_shared=True)
            ),
            models.CheckConstraint(name="%(app_label)s_%(class)s_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        """Whose it is: own, team or everyone."""
        if not self.is_shared:
            return "own"
        return "team" if self.team_id else "everyone"
