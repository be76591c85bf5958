"""Bulk changes: the same actions on many tickets, what became of each, and what each was before."""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.canned import CannedReply
from tickets.models.ticket import Ticket

MOST: Final = 20_000


class BulkChange(models.Model):
    """One wish about many tickets, frozen when it was made. `place` says how many of them have been looked at."""

    public_id = public_id_field()
    # Found by `tickets_bulkchange_of_person`.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    macro = models.ForeignKey(
        CannedReply, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # The list that they were chosen from, in words.
    source = models.CharField(_("chosen from"), max_length=300, blank=True)
    # tickets.actions reads it; nothing for an undo.
    actions = models.JSONField(_("actions"), default=dict, blank=True)
    tickets = ArrayField(models.BigIntegerField(), verbose_name=_("tickets"))
    place = models.PositiveIntegerField(default=0, db_default=0)
    done = models.PositiveIntegerField(default=0, db_default=0)
    skipped = models.PositiveIntegerField(default=0, db_default=0)
    failed = models.PositiveIntegerField(default=0, db_default=0)
    undoes = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    created_at = models.DateTimeField(db_default=DatabaseNow())
    touched_at = models.DateTimeField(db_default=DatabaseNow())
    stopped_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("bulk change")
        verbose_name_plural = _("bulk changes")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["by"], name="tickets_bulkchange_one_at_a_time", condition=Q(finished_at__isnull=True)
            ),
            models.CheckConstraint(
                name="tickets_bulkchange_some_tickets", condition=Q(tickets__len__gte=1, tickets__len__lte=MOST)
            ),
            models.CheckConstraint(
                name="tickets_bulkchange_all_counted", condition=Q(place=F("done") + F("skipped") + F("failed"))
            ),
            models.CheckConstraint(name="tickets_bulkchange_within", condition=Q(place__lte=F("tickets__len"))),
            models.CheckConstraint(
                name="tickets_bulkchange_finished_whole",
                condition=Q(finished_at__isnull=True, stopped_at__isnull=True)
                | Q(finished_at__isnull=False, stopped_at__isnull=False)
                | Q(finished_at__isnull=False, place=F("tickets__len")),
            ),
            models.CheckConstraint(
                name="tickets_bulkchange_does_or_undoes",
                condition=~Q(undoes__isnull=True, actions={}) & (Q(undoes__isnull=True) | Q(actions={})),
            ),
        ]
        indexes = [models.Index(fields=["by", "-id"], name="tickets_bulkchange_of_person")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def total(self) -> int:
        """How many tickets were chosen."""
        return len(self.tickets)

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.finished_at is not None


class BulkItem(models.Model):
    """What became of one ticket of a bulk change: written once, in the transaction that changed the ticket."""

    class Outcome(models.TextChoices):
        """How it went."""

        DONE = "done", pgettext_lazy("outcome of a bulk change", "Done")
        SKIPPED = "skipped", pgettext_lazy("outcome of a bulk change", "Left alone")
        FAILED = "failed", pgettext_lazy("outcome of a bulk change", "Failed")

    # Found by `tickets_bulkitem_once`.
    change = models.ForeignKey(BulkChange, on_delete=models.PROTECT, related_name="items", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=7, choices=Outcome.choices)
    # The code of a refusal.
    reason = models.CharField(max_length=40, blank=True)
    # What was changed, as it was before, and the ticket's version afterwards.
    before = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("ticket of a bulk change")
        verbose_name_plural = _("tickets of bulk changes")
        constraints = [
            models.UniqueConstraint(fields=["change", "ticket"], name="tickets_bulkitem_once"),
            models.CheckConstraint(
                name="tickets_bulkitem_says_why",
                condition=Q(outcome="done", reason="") | (~Q(outcome="done") & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id}/{self.ticket_id}"
