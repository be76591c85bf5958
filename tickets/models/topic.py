"""Topics: why people contact us, in two levels."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Topic(models.Model):
    """One contact reason; a topic without a parent is a heading and cannot be chosen."""

    parent = models.ForeignKey(
        "self", verbose_name=_("heading"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    checklist = models.ForeignKey(
        "ChecklistTemplate",
        verbose_name=_("checklist"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        limit_choices_to={"is_shared": True, "archived_at": None},
        help_text=_("Put on tickets of this topic by itself."),
    )

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["parent__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="tickets_topic_name_once", nulls_distinct=False),
            models.CheckConstraint(name="tickets_topic_not_own_parent", condition=~Q(parent=models.F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name
