"""Where a visitor stands among those who wait, how long it took others lately, and who answers."""

from statistics import median
from typing import Any

from django.db.models import Exists, F, Q
from django.db.models.functions import Extract

from core.clock import DatabaseNow, from_now
from livechat.models import Chat, Offer, Presence
from livechat.models.chat import BEFORE_ANSWER, RINGS_FOR

# What the last of so many waited says something; of fewer, nothing is said.
LOOKED_AT, ENOUGH = 20, 5
# Whoever is this far back is told so, and no number.
MOST_COUNTED = 100
# Waits of yesterday say nothing of today.
RECENT = RINGS_FOR * 24


def shown(chat: Chat) -> dict[str, Any] | None:
    """Return the place among those who wait in this inbox and language, and what is known of waits; else None.

    `position` 100 means that or more; `usual_s` is the median of the last waits, None when there are too few;
    `waited_s` is what this one has waited.
    """
    ticket = chat.ticket
    # Saves the statements in a conversation that goes on; what waits is decided by the database.
    if chat.ended_at or ticket.assignee_id or ticket.status not in BEFORE_ANSWER:
        return None
    inbox, language = chat.visitor.inbox_id, chat.visitor.locale
    alike = Chat.objects.waiting().filter(visitor__inbox=inbox, visitor__locale=language)
    earlier = Q(queued_at__lt=chat.queued_at) | Q(queued_at=chat.queued_at, pk__lt=chat.pk)
    attended = Presence.objects.reachable().serving(team=ticket.team_id, language=language)
    mine = Chat.objects.waiting().filter(pk=chat.pk)
    read = mine.values_list(Extract(DatabaseNow() - F("queued_at"), "epoch"), Exists(attended)).first()
    if read is None:
        return None
    waited, is_attended = read
    return {
        # Counted no further: with a thousand who wait, each would count a thousand.
        "position": alike.filter(earlier)[: MOST_COUNTED - 1].count() + 1,
        "usual_s": usual_wait_s(inbox, language),
        "waited_s": max(0, int(waited)),
        "is_attended": is_attended,
    }


def usual_wait_s(inbox: int, language: str) -> int | None:
    """Return the median of the last twenty waits of a day that ended with one of us; None for fewer than five."""
    accepted = Offer.objects.filter(inbox=inbox, language=language, state="accepted", waited_s__isnull=False)
    lately = accepted.filter(settled_at__gt=from_now(-RECENT)).order_by("-settled_at")
    waits = [waited or 0 for waited in lately.values_list("waited_s", flat=True)[:LOOKED_AT]]
    return round(median(waits)) if len(waits) >= ENOUGH else None


def first_name(chat: Chat) -> str:
    """Return the first name of who answers, once they have taken the chat; '' before and after."""
    person = chat.ticket.assignee
    if person is None or chat.ended_at is not None or not (chat.accepted_at or chat.ticket.last_direction == "out"):
        return ""
    return person.name.split(maxsplit=1)[0] if person.name.strip() else ""
