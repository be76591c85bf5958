"""Checklists: lists of steps to begin with, and the steps of one case."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.shelf import ShelfItem, editable_by, usable_by
from tickets.models.ticket import Ticket

MOST_ITEMS = 50
LONGEST_ITEM = 200


class ChecklistTemplateQuerySet(models.QuerySet["ChecklistTemplate"]):
    """Adjectives by whose they are."""

    def usable_by(self, person: Staff) -> Self:
        """Those that `person` may begin with."""
        return self.filter(usable_by(person))

    def editable_by(self, person: Staff) -> Self:
        """Those that `person` may change."""
        return self.filter(editable_by(person))


class ChecklistTemplate(ShelfItem):
    """A list of steps that is put on a case by one click, or by its topic."""

    name_zh_hans = models.CharField(_("name in Chinese"), max_length=60, blank=True)
    items = ArrayField(models.CharField(max_length=LONGEST_ITEM), verbose_name=_("items"), size=MOST_ITEMS)
    items_zh_hans = ArrayField(
        models.CharField(max_length=LONGEST_ITEM),
        verbose_name=_("items in Chinese"),
        size=MOST_ITEMS,
        default=list,
        blank=True,
    )
    is_needed = models.BooleanField(_("must be done to resolve"), default=False, db_default=False)

    objects = ChecklistTemplateQuerySet.as_manager()

    class Meta(ShelfItem.Meta):
        verbose_name = _("checklist")
        verbose_name_plural = _("checklists")
        constraints: ClassVar = [
            *ShelfItem.Meta.constraints,
            models.CheckConstraint(name="tickets_checklisttemplate_has_items", condition=Q(items__len__gte=1)),
            models.CheckConstraint(
                name="tickets_checklisttemplate_items_match",
                condition=Q(items_zh_hans__len=0) | Q(items_zh_hans__len=F("items__len")),
            ),
        ]


class ChecklistItem(models.Model):
    """One step of one case; who ticked it, and when. What is taken away stays, marked."""

    public_id = public_id_field()
    # Found by `tickets_checklistitem_order`.
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="checklist", db_index=False)
    template = models.ForeignKey(ChecklistTemplate, null=True, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=LONGEST_ITEM)
    text_zh_hans = models.CharField(max_length=LONGEST_ITEM, blank=True)
    position = models.PositiveSmallIntegerField()
    is_needed = models.BooleanField(default=False, db_default=False)
    # None: its topic put it there.
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=DatabaseNow())
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(name="tickets_checklistitem_says_something", condition=~Q(text="")),
            models.CheckConstraint(
                name="tickets_checklistitem_done_by_somebody",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            models.CheckConstraint(
                name="tickets_checklistitem_removed_by_somebody",
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["ticket", "position"],
                name="tickets_checklistitem_order",
                condition=Q(removed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text
