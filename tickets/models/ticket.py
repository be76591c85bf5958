"""Tickets: one case each, whatever the channel."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Brand, Customer, Team
from accounts.permissions import Permission
from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.channel import Channel
from tickets.models.mailbox import Mailbox
from tickets.models.sla_policy import SlaPolicyVersion
from tickets.models.topic import Topic

if TYPE_CHECKING:
    from accounts.models import Staff


class Status(models.TextChoices):
    """Where a case stands."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    ON_HOLD = "on_hold", _("On hold")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")


# Closed is the end: an answer to a closed case opens a follow-up.
LEGAL_MOVES: dict[str, frozenset[str]] = {
    Status.NEW: frozenset({Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.RESOLVED, Status.CLOSED}),
    Status.OPEN: frozenset({Status.PENDING, Status.ON_HOLD, Status.RESOLVED}),
    Status.PENDING: frozenset({Status.OPEN, Status.ON_HOLD, Status.RESOLVED}),
    Status.ON_HOLD: frozenset({Status.OPEN, Status.PENDING, Status.RESOLVED}),
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset(),
}
ACTIVE = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
DONE = frozenset({Status.RESOLVED, Status.CLOSED})

# A ticket is merged into one that is not merged itself, and comes back to what it was.
_MERGED = """
    IF NEW.merged_into_id IS NULL THEN
        IF NOT EXISTS (
            SELECT FROM tickets_ticketmerge AS merge
             WHERE merge.source_id = NEW.id AND merge.target_id = OLD.merged_into_id
               AND merge.undone_at IS NOT NULL AND merge.former_status = NEW.status)
           OR EXISTS (SELECT FROM tickets_ticketmerge WHERE source_id = NEW.id AND undone_at IS NULL)
        THEN
            RAISE EXCEPTION 'A merge is undone first, and the ticket goes back to what it was.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merge_undone';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM tickets_ticket WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;
    IF OLD.merged_into_id IS NOT NULL
       OR EXISTS (SELECT FROM tickets_ticket WHERE id = NEW.merged_into_id AND merged_into_id IS NOT NULL)
       OR NOT EXISTS (
           SELECT FROM tickets_ticketmerge AS merge
            WHERE merge.source_id = NEW.id AND merge.target_id = NEW.merged_into_id AND merge.undone_at IS NULL
              AND merge.former_status = OLD.status)
    THEN
        RAISE EXCEPTION 'A ticket is merged once, and into one that is not merged itself.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merged_once';
    END IF;
    RETURN NEW;
"""


class Priority(models.TextChoices):
    """How urgent."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


# What waits for somebody: what is due soonest, then what is most urgent, then the oldest.
URGENCY = Case(
    *(When(priority=value, then=Value(rank)) for rank, value in enumerate(reversed(Priority.values))),
    default=Value(len(Priority.values)),
    output_field=models.SmallIntegerField(),
)
IN_ORDER = (F("due_at").asc(nulls_last=True), URGENCY.asc(), F("created_at").asc(), F("id").asc())
# The customer spoke last, and the case is not done; what they add while they wait does not move the beginning.
WAITING_SINCE = """
IF NEW.last_direction <> 'in' OR NEW.status IN ('resolved', 'closed') THEN
    NEW.waiting_since := NULL;
ELSIF TG_OP = 'INSERT' OR OLD.waiting_since IS NULL THEN
    NEW.waiting_since := core.clock();
ELSE
    NEW.waiting_since := OLD.waiting_since;
END IF;
RETURN NEW;
"""


class Tag(models.Model):
    """One label."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Adjectives of tickets."""

    def visible_to(self, person: "Staff", teams: Iterable[Team] | None = None) -> Self:
        """Tickets `person` may see: those of visible teams, and team-less ones for all but vendors.

        `teams` are the visible ones where the caller has read them already: several statements, one reading.
        """
        if not person.has(Permission.TICKET_VIEW):
            return self.none()
        if person.has(Permission.TICKET_VIEW_RESTRICTED):
            return self
        visible: Any = Team.objects.visible_to(person).values("pk") if teams is None else [team.pk for team in teams]
        within = Q(team__in=visible)
        return self.filter(within if person.role == "vendor" else within | Q(team__isnull=True))

    def active(self) -> Self:
        """Cases that still need somebody, spam left out."""
        return self.filter(status__in=ACTIVE, is_spam=False)

    def unassigned(self) -> Self:
        """Active cases without an assignee."""
        return self.active().filter(assignee__isnull=True)

    def due(self) -> Self:
        """Active cases with a deadline that runs, or has passed."""
        return self.active().filter(due_at__isnull=False)

    def resolved(self) -> Self:
        """Resolved and closed cases."""
        return self.filter(status__in=[Status.RESOLVED, Status.CLOSED], is_spam=False)


class Ticket(models.Model):
    """One case. `version` counts its changes; `last_seq` and `last_public_seq` its messages, gapless."""

    public_id = public_id_field()
    number = models.BigIntegerField(
        unique=True, editable=False, db_default=Func(Value("tickets_number"), function="nextval")
    )
    subject = models.CharField(_("subject"), max_length=400)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.NEW)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    # Found by `tickets_of_requester`.
    requester = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    requester_address = models.CharField(max_length=320, blank=True)
    is_requester_proven = models.BooleanField(default=False)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="assigned_tickets"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.PROTECT)
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    tags = models.ManyToManyField(Tag, through="TicketTag", related_name="tickets")
    language = models.CharField(_("language"), max_length=16, blank=True)
    is_spam = models.BooleanField(default=False)
    possibly_related = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    follow_up_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Where it goes on, while it is merged; written by tickets.services.merging.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    version = models.PositiveIntegerField(default=1)
    last_seq = models.PositiveIntegerField(default=0)
    last_public_seq = models.PositiveIntegerField(default=0)
    # What the queue shows without reading messages.
    last_line = models.CharField(max_length=200, blank=True)
    last_direction = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())
    updated_at = models.DateTimeField(db_default=DatabaseNow())
    resolved_at = models.DateTimeField(null=True, blank=True)

    # The version of the SLA policy that fits, and what the queue shows of its clocks: the next that is missed, or was.
    # Written by tickets.services.sla_clocks.
    sla_version = models.ForeignKey(
        SlaPolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(null=True, blank=True)
    warn_at = models.DateTimeField(null=True, blank=True)
    due_metric = models.CharField(max_length=16, blank=True, db_default="", default="")
    # Whether the customer has spoken and nobody of ours has answered; kept for cases under a policy.
    is_awaiting_reply = models.BooleanField(default=False, db_default=False)
    # Since when the customer waits for our answer; written by the trigger below.
    waiting_since = models.DateTimeField(null=True, editable=False)
    # Whether a row of Snooze holds it out of its owner's queues.
    is_snoozed = models.BooleanField(default=False, db_default=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.CheckConstraint(name="tickets_ticket_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(name="tickets_ticket_priority_known", condition=Q(priority__in=Priority.values)),
            models.CheckConstraint(name="tickets_ticket_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(
                name="tickets_ticket_public_le_all", condition=Q(last_public_seq__lte=models.F("last_seq"))
            ),
            models.CheckConstraint(
                name="tickets_ticket_merged_is_closed", condition=Q(merged_into__isnull=True) | Q(status="closed")
            ),
        ]
        # The team rides along in the indexes of views: rights are told by it, and counts never touch the rows.
        indexes = [
            # The view "all open", newest activity first.
            models.Index(
                fields=["-updated_at", "-id"],
                name="tickets_active_and_team",
                include=["team"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False),
            ),
            # The view "mine".
            models.Index(
                fields=["assignee", "-updated_at", "-id"],
                name="tickets_mine_and_team",
                include=["team"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False),
            ),
            # The view "unassigned".
            models.Index(
                fields=["-updated_at", "-id"],
                name="tickets_unassigned_and_team",
                include=["team"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False, assignee__isnull=True),
            ),
            # The view "resolved".
            models.Index(
                fields=["-updated_at", "-id"],
                name="tickets_resolved_and_team",
                include=["team"],
                condition=Q(status__in=["resolved", "closed"], is_spam=False),
            ),
            # The view "spam".
            models.Index(
                fields=["-updated_at", "-id"],
                name="tickets_spam_and_team",
                include=["team"],
                condition=Q(is_spam=True),
            ),
            # Resolved cases of the few teams that a vendor's agent sees.
            models.Index(
                fields=["team", "-updated_at", "-id"],
                name="tickets_resolved_of_team",
                condition=Q(status__in=["resolved", "closed"], is_spam=False),
            ),
            # desk: a team's queue
            models.Index(
                fields=["team", "-updated_at", "-id"],
                name="tickets_of_team",
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False),
            ),
            # assignment: what waits in a team for somebody, in the order in which it is given
            models.Index(
                F("team"),
                F("due_at").asc(),
                URGENCY.asc(),
                F("created_at").asc(),
                F("id").asc(),
                name="tickets_waiting_in_order",
                include=["language", "topic", "channel"],
                condition=Q(status__in=["new", "open"], is_spam=False, assignee__isnull=True),
            ),
            # The view "due first": the next deadline of each, those that were missed before all.
            models.Index(
                fields=["due_at", "id"],
                name="tickets_due_and_team",
                include=["team"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False, due_at__isnull=False),
            ),
            # views: newest and oldest cases
            models.Index(fields=["created_at", "id"], name="tickets_by_creation"),
            # views: who has waited longest
            models.Index(
                fields=["waiting_since", "id"],
                name="tickets_by_waiting",
                include=["team"],
                condition=Q(waiting_since__isnull=False, is_spam=False),
            ),
            # views: the most urgent
            models.Index(
                URGENCY.asc(),
                F("id").asc(),
                name="tickets_by_urgency",
                include=["team"],
                condition=Q(status__in=["new", "open", "pending", "on_hold"], is_spam=False),
            ),
            # API list: everything, newest activity first
            models.Index(fields=["-updated_at", "-id"], name="tickets_all"),
            # side panel: a customer's earlier cases
            models.Index(fields=["requester", "-id"], name="tickets_of_requester"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.FSM(
                name="tickets_legal_moves",
                field="status",
                transitions=[(str(old), str(new)) for old, news in LEGAL_MOVES.items() for new in sorted(news)],
                condition=pgtrigger.AllDontChange("merged_into"),
            ),
            pgtrigger.Trigger(
                name="tickets_merged_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("merged_into"),
                func=_MERGED,
            ),
            pgtrigger.Protect(
                name="tickets_born_unmerged",
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__merged_into__isnull=False),
            ),
            pgtrigger.Trigger(
                name="tickets_waiting_since",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("last_direction", "status"),  # type: ignore[no-untyped-call]
                func=WAITING_SINCE,
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class TicketTag(models.Model):
    """One tag on one ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="tickets_tickettag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.ticket_id}"
