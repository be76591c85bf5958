"""How cases belong together: links between two, and what was merged into what."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.ticket import Status, Ticket

# One after the other, so that two links at once close no circle between them.
_NO_CIRCLE = """
    PERFORM pg_advisory_xact_lock(hashtextextended('tickets_ticketlink.parent', 0));
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT NEW.first_id AS id
            UNION
            SELECT link.first_id FROM tickets_ticketlink AS link JOIN above ON link.second_id = above.id
             WHERE link.kind = 'parent')
        SELECT FROM above WHERE id = NEW.second_id)
    THEN
        RAISE EXCEPTION 'A ticket is not its own parent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticketlink_no_circle';
    END IF;
    RETURN NEW;
"""


class TicketLink(models.Model):
    """Two cases that have to do with each other. Of a `duplicate` the first is one of the second, of a `parent` the
    first is above the second, and a `split` says that the first was split off the second.
    """

    class Kind(models.TextChoices):
        """What the first is to the second."""

        RELATED = "related", _("Related")
        DUPLICATE = "duplicate", _("Duplicate")
        PARENT = "parent", _("Parent")
        SPLIT = "split", _("Split")

    public_id = public_id_field()
    first = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_from", db_index=False)
    second = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_to")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        verbose_name = _("link between tickets")
        verbose_name_plural = _("links between tickets")
        constraints = [
            models.CheckConstraint(name="tickets_ticketlink_of_two", condition=~Q(first=F("second"))),
            models.CheckConstraint(
                name="tickets_ticketlink_kind_known", condition=Q(kind__in=["related", "duplicate", "parent", "split"])
            ),
            # side panel: the links of a case, from either end
            models.UniqueConstraint(fields=["first", "second", "kind"], name="tickets_ticketlink_of_first"),
            models.UniqueConstraint(
                Least("first", "second"), Greatest("first", "second"), "kind", name="tickets_ticketlink_once"
            ),
            models.UniqueConstraint(
                fields=["second"], name="tickets_ticketlink_one_parent", condition=Q(kind="parent")
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="tickets_no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__kind="parent"),
                func=_NO_CIRCLE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.kind} {self.second_id}"


class TicketMerge(models.Model):
    """One case that was merged into another, and how to undo it. Messages stay where they were said."""

    source = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="merges", db_index=False)
    target = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="merged_in")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    # What the source goes back to: its status, and the SLA clocks that were stopped.
    former_status = models.CharField(max_length=10, choices=Status.choices)
    clocks = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("merge of tickets")
        verbose_name_plural = _("merges of tickets")
        constraints = [
            models.CheckConstraint(name="tickets_ticketmerge_of_two", condition=~Q(source=F("target"))),
            models.CheckConstraint(
                name="tickets_ticketmerge_status_known", condition=Q(former_status__in=Status.values)
            ),
            models.CheckConstraint(
                name="tickets_ticketmerge_undone_whole",
                condition=Q(undone_by__isnull=True, undone_at__isnull=True)
                | Q(undone_by__isnull=False, undone_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["source"], name="tickets_ticketmerge_once", condition=Q(undone_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} in {self.target_id}"
