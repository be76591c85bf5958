"""Canned replies: texts that agents put into a message by a shortcut; with actions they are macros."""

from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.clock import DatabaseNow
from core.ids import public_id_field


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    """Adjectives of canned replies."""

    def usable_by(self, person: Staff) -> Self:
        """Those that `person` may insert: everybody's, their teams' and their own; none for whoever does not reply."""
        if not person.has(Permission.TICKET_REPLY):
            return self.none()
        teams = person.memberships.values("team")
        shared = Q(owner__isnull=True) & (Q(team__isnull=True) | Q(team__in=teams))
        return self.filter(shared | Q(owner=person), is_active=True)

    def editable_by(self, person: Staff) -> Self:
        """Those that `person` may change: their own, and shared ones for whoever keeps them."""
        if not person.has(Permission.TICKET_REPLY):
            return self.none()
        own = Q(owner=person)
        return self.filter(own | Q(owner__isnull=True) if person.has(Permission.CANNED_MANAGE) else own)


class CannedReply(models.Model):
    """A text in both languages, actions, or both, under a shortcut: everybody's, a team's, or one person's own."""

    public_id = public_id_field()
    shortcut = models.CharField(
        _("shortcut"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", _("Small letters, digits and hyphens."))],
        help_text=_("Typed after a slash in the composer."),
    )
    title = models.CharField(_("title"), max_length=80)
    text = models.TextField(_("text"), max_length=5000, blank=True)
    text_zh_hans = models.TextField(_("text in Chinese"), max_length=5000, blank=True)
    # What it does to the ticket: tickets.actions reads it.
    actions = models.JSONField(
        _("actions"), default=dict, blank=True, editable=False, db_default=Value({}, output_field=models.JSONField())
    )
    # Found by `tickets_cannedreply_shortcut_once`.
    team = models.ForeignKey(
        Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_active = models.BooleanField(_("active"), default=True)
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    created_at = models.DateTimeField(_("added"), db_default=DatabaseNow())

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["shortcut", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut", "team", "owner"],
                name="tickets_cannedreply_shortcut_once",
                nulls_distinct=False,
                violation_error_message=_("There is a canned reply with this shortcut already."),
            ),
            models.CheckConstraint(
                name="tickets_cannedreply_one_scope", condition=Q(team__isnull=True) | Q(owner__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_cannedreply_shortcut_plain", condition=Q(shortcut__regex=r"^[a-z0-9][a-z0-9-]*$")
            ),
            models.CheckConstraint(
                name="tickets_cannedreply_says_or_does",
                condition=~Q(text="") | ~Q(actions={}),
                violation_error_message=_("Write a text, or choose an action."),
            ),
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"
