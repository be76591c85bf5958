"""Ticket templates: what the form of a new ticket begins with."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from tickets.models.checklist import ChecklistTemplate
from tickets.models.custom_field import CustomField
from tickets.models.shelf import ShelfItem, editable_by, usable_by
from tickets.models.ticket import Priority
from tickets.models.topic import Topic


class TicketTemplateQuerySet(models.QuerySet["TicketTemplate"]):
    """Adjectives by whose they are."""

    def usable_by(self, person: Staff) -> Self:
        """Those that `person` may begin with."""
        return self.filter(usable_by(person))

    def editable_by(self, person: Staff) -> Self:
        """Those that `person` may change."""
        return self.filter(editable_by(person))


class TicketTemplate(ShelfItem):
    """One beginning of a new ticket; each part may be left out, and be changed on the form."""

    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    to_team = models.ForeignKey(
        Team, verbose_name=_("team of the ticket"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), size=20, default=list, blank=True)
    checklist = models.ForeignKey(
        ChecklistTemplate,
        verbose_name=_("checklist"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = TicketTemplateQuerySet.as_manager()

    class Meta(ShelfItem.Meta):
        verbose_name = _("ticket template")
        verbose_name_plural = _("ticket templates")
        constraints: ClassVar = [
            *ShelfItem.Meta.constraints,
            models.CheckConstraint(
                name="tickets_tickettemplate_priority_known", condition=Q(priority__in=Priority.values)
            ),
        ]


class TicketTemplateValue(models.Model):
    """What a template fills in for one custom field, as it is typed."""

    template = models.ForeignKey(TicketTemplate, on_delete=models.CASCADE, related_name="values", db_index=False)
    field = models.ForeignKey(CustomField, on_delete=models.PROTECT, related_name="+")
    value = models.CharField(max_length=2000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "field"], name="tickets_tickettemplatevalue_once"),
            models.CheckConstraint(name="tickets_tickettemplatevalue_says_something", condition=~Q(value="")),
        ]

    def __str__(self) -> str:
        return f"{self.field_id} of {self.template_id}"
