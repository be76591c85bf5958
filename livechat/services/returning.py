"""Returning: chats whose agent has left ring again, and those that nobody of their team takes go to another."""

from datetime import timedelta

from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from accounts.models import Presence
from core import audit
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from livechat import effects
from livechat.models import Chat
from livechat.models.chat import BEFORE_ANSWER
from livechat.services import routing
from tickets.models import Decision
from tickets.services import handing_on, properties, timeline

# Whose desk is closed and keyboard untouched for so long has left; a reload or a short fault is shorter.
GONE_AFTER = timedelta(minutes=2)
BATCH = 50
MINUTE = Value(timedelta(minutes=1), output_field=DurationField())


def sweep() -> int:
    """Let chats ring again that somebody has left behind, and move on those that overflow; returns how many."""
    left = sum(_give_back(pk) for pk in _left_behind().order_by("pk").values_list("pk", flat=True)[:BATCH])
    late = _overflowing().order_by("queued_at", "pk").values_list("pk", flat=True)
    return left + sum(_move_on(pk) for pk in late[:BATCH])


def _left_behind() -> QuerySet[Chat]:
    """Return chats in hand whose visitor waits for an answer of somebody who is gone.

    Gone is who has signed out, or has neither an open desk nor touched anything; that they are offline, and at their
    desk to end what they have, is not gone.
    """
    long_ago = from_now(-GONE_AFTER)
    is_idle = Q(active_at__isnull=True) | Q(active_at__lt=long_ago)
    gone = Presence.objects.filter(
        Q(is_idle, seen_at__lt=long_ago) | Q(state=Presence.State.OFFLINE, reason=Presence.Reason.LEFT)
    )
    return Chat.objects.held().filter(
        ticket__assignee__in=gone.values("staff"),
        ticket__last_direction="in",
        ticket__status__in=BEFORE_ANSWER,
        ticket__is_spam=False,
    )


def _give_back(pk: int) -> bool:
    with transaction.atomic():
        chat = Chat.objects.select_related("ticket", "visitor").get(pk=pk)
        ticket = timeline.lock(chat.ticket)
        person = ticket.assignee
        # Behind the lock: they may have come back, or another has taken it over.
        if person is None or not _left_behind().filter(pk=pk).exists():
            return False
        handing_on.record(ticket=ticket, kind=Decision.Kind.GIVEN_BACK, staff=person.pk)
        timeline.append_event(ticket, "chat_given_back", {"to": person.public_id})
        properties.assign(ticket=ticket, to=None, by=None)
        Chat.objects.filter(pk=pk).update(queued_at=DatabaseNow(), accepted_at=None)
        fields = ["queued_at", "accepted_at"]
        audit.record("chat.given_back", actor=SYSTEM, obj=("chat", chat.public_id), fields=fields)
        effects.chat_changed(chat)
        effects.console_changed(person.public_id)
        effects.routing_due()
    return True


def _overflowing() -> QuerySet[Chat]:
    """Return chats that have waited in their team for its time, ring nowhere, and have never moved on."""
    after = ExpressionWrapper(F("ticket__team__overflow_after_min") * MINUTE, output_field=DurationField())
    moved = Decision.objects.filter(ticket=OuterRef("ticket"), kind=Decision.Kind.OVERFLOWED)
    late = routing.unrung().filter(ticket__team__overflow_team__isnull=False, queued_at__lte=DatabaseNow() - after)
    return late.exclude(Exists(moved))


def _move_on(pk: int) -> bool:
    with transaction.atomic():
        chat = Chat.objects.select_related("ticket").get(pk=pk)
        ticket = timeline.lock(chat.ticket)
        if ticket.team is None or not _overflowing().filter(pk=pk).exists():
            return False
        handing_on.move_on(ticket=ticket, team=ticket.team)
        effects.routing_due()
    return True
