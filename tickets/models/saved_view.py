"""Saved views: lists of cases that somebody has put together, for themselves, for a team or for everybody."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.clock import DatabaseNow
from core.ids import public_id_field

LONGEST_QUERY = 500


class Sort(models.TextChoices):
    """In which order a view lists its cases."""

    ACTIVE_LAST = "-updated", _("Newest activity first")
    ACTIVE_FIRST = "updated", _("Oldest activity first")
    NEWEST = "-created", _("Newest cases first")
    OLDEST = "created", _("Oldest cases first")
    WAITING_LONGEST = "waiting", _("Waiting longest first")
    WAITING_SHORTEST = "-waiting", _("Waiting shortest first")
    MOST_URGENT = "-priority", _("Most urgent first")
    LEAST_URGENT = "priority", _("Least urgent first")
    DUE_SOONEST = "due", _("Due soonest first")
    DUE_LATEST = "-due", _("Due latest first")
    HIGHEST_NUMBER = "-number", _("Highest number first")
    LOWEST_NUMBER = "number", _("Lowest number first")


class Grouping(models.TextChoices):
    """By what a view puts its cases together."""

    NONE = "", pgettext_lazy("grouping of a view", "Not grouped")
    STATUS = "status", pgettext_lazy("grouping of a view", "By status")
    PRIORITY = "priority", pgettext_lazy("grouping of a view", "By priority")
    ASSIGNEE = "assignee", pgettext_lazy("grouping of a view", "By assignee")
    TEAM = "team", pgettext_lazy("grouping of a view", "By team")


class Column(models.TextChoices):
    """What a row says beside its subject and who asks."""

    LAST_LINE = "last_line", _("Last line")
    NUMBER = "number", _("Number")
    DUE = "due", pgettext_lazy("column of a view", "Due")
    STATUS = "status", _("Status")
    PRIORITY = "priority", _("Priority")
    TAGS = "tags", _("Tags")
    ASSIGNEE = "assignee", _("Assignee")
    TEAM = "team", _("Team")
    TOPIC = "topic", _("Topic")
    LANGUAGE = "language", _("Language")
    CREATED = "created", pgettext_lazy("column of a view", "Created")
    WAITING = "waiting", pgettext_lazy("column of a view", "Waiting since")


USUAL_COLUMNS = (
    Column.LAST_LINE, Column.NUMBER, Column.DUE, Column.STATUS, Column.PRIORITY, Column.TAGS, Column.ASSIGNEE,
)  # fmt: skip


def usual_columns() -> list[str]:
    """Return what a row says unless a view chooses."""
    return [str(one) for one in USUAL_COLUMNS]


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Adjectives of saved views."""

    def usable_by(self, person: Staff) -> Self:
        """Those that `person` may look at: their own, their teams' and everybody's; none that are put away."""
        if not person.has(Permission.TICKET_VIEW):
            return self.none()
        shared = Q(is_shared=True) & (Q(team__isnull=True) | Q(team__in=person.memberships.values("team")))
        return self.filter(shared | Q(owner=person, is_shared=False), archived_at__isnull=True)

    def editable_by(self, person: Staff) -> Self:
        """Those that `person` may change: their own, and shared ones for whoever keeps them."""
        if not person.has(Permission.TICKET_VIEW):
            return self.none()
        own = Q(owner=person, is_shared=False)
        if not person.has(Permission.VIEW_SHARE):
            return self.filter(own, archived_at__isnull=True)
        teams = Team.objects.visible_to(person).values("pk")
        shared = Q(is_shared=True) & (Q(team__isnull=True) | Q(team__in=teams))
        return self.filter(own | shared, archived_at__isnull=True)


class SavedView(models.Model):
    """One list of cases by conditions: one person's own, a team's, or everybody's. `owner` made it."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Found by `tickets_savedview_shared`.
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_shared = models.BooleanField(_("shared"), default=False, db_default=False)
    # Operators of the search, nothing else: tickets.search.language reads them.
    query = models.CharField(_("conditions"), max_length=LONGEST_QUERY, blank=True)
    sort = models.CharField(_("order"), max_length=10, choices=Sort.choices, default=Sort.ACTIVE_LAST)
    grouping = models.CharField(_("grouping"), max_length=10, choices=Grouping.choices, blank=True, default="")
    columns = ArrayField(models.CharField(max_length=12, choices=Column.choices), default=list)
    position = models.PositiveIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="tickets_savedview_team_is_shared", condition=Q(team__isnull=True) | Q(is_shared=True)
            ),
            models.CheckConstraint(name="tickets_savedview_named", condition=~Q(name="")),
            models.CheckConstraint(name="tickets_savedview_sort_known", condition=Q(sort__in=Sort.values)),
            models.CheckConstraint(name="tickets_savedview_grouping_known", condition=Q(grouping__in=Grouping.values)),
            models.CheckConstraint(
                name="tickets_savedview_columns_known", condition=Q(columns__contained_by=Column.values)
            ),
        ]
        indexes = [
            # the left pane: one's own
            models.Index(
                fields=["owner", "position"],
                name="tickets_savedview_own",
                condition=Q(is_shared=False, archived_at__isnull=True),
            ),
            # the left pane: everybody's and a team's
            models.Index(
                fields=["team", "position"],
                name="tickets_savedview_shared",
                condition=Q(is_shared=True, archived_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        """Whose it is: own, team or everyone."""
        if not self.is_shared:
            return "own"
        return "team" if self.team_id else "everyone"
