"""Which events other systems can be told of. Each is something that the audit log says already."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.models import AuditEntry


class WebhookEvent(TextChoices):
    """What has happened; the names are part of the interface and never change their meaning."""

    PING = "ping", _("A trial")
    TICKET_OPENED = "ticket.opened", _("A ticket was opened")
    STATUS_CHANGED = "ticket.status_changed", _("A ticket's status changed")
    PRIORITY_CHANGED = "ticket.priority_changed", _("A ticket's priority changed")
    ASSIGNEE_CHANGED = "ticket.assignee_changed", _("A ticket was given to somebody, or to nobody")
    TEAM_CHANGED = "ticket.team_changed", _("A ticket moved to another team")
    TOPIC_CHANGED = "ticket.topic_changed", _("A ticket's topic changed")
    TAGS_CHANGED = "ticket.tags_changed", _("A ticket's tags changed")
    MERGED = "ticket.merged", _("A ticket was merged into another")
    UNMERGED = "ticket.unmerged", _("A merge was undone")
    SPLIT = "ticket.split", _("Part of a ticket became a ticket of its own")
    SLA_WARNED = "ticket.sla_warned", _("A promise is about to be missed")
    SLA_BREACHED = "ticket.sla_breached", _("A promise was missed")
    SURVEY_ANSWERED = "ticket.survey_answered", _("A customer rated a ticket")
    MESSAGE_ADDED = "message.added", _("A message or note was written")
    MESSAGE_WITHDRAWN = "message.withdrawn", _("An answer was taken back before it was sent")


# All but the trial, which is asked for.
CHOSEN: Final = [one for one in WebhookEvent if one is not WebhookEvent.PING]
ACTIONS: Final = frozenset(str(one) for one in CHOSEN)
# Of an entry's details what is told: numbers, codes and ids of ours.
TOLD: Final = ("seq", "kind", "channel", "from", "to", "other", "metric", "rating", "status")


def data_of(entry: AuditEntry, ticket: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of an entry about a ticket (`id`, `number`): who did what, and no word of anybody."""
    detail = {name: entry.detail[name] for name in TOLD if name in entry.detail}
    return {
        "ticket": dict(ticket),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id},
        "fields": list(entry.fields),
        **({"detail": detail} if detail else {}),
    }
