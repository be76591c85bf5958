"""Where a visitor stands among those who wait, how long it took others lately, and who answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import F
from django.db.models.functions import Extract

from accounts.models import Presence
from core.clock import DatabaseNow, from_now, now
from kb import live
from livechat.models import Chat, ChatInbox, Offer
from livechat.models.chat import BEFORE_ANSWER, RINGS_FOR
from livechat.selectors import hours
from livechat.selectors.prechat import said
from tickets.models import Ticket

# What the last of so many waited says something; of fewer, nothing is said.
LOOKED_AT, ENOUGH = 20, 5
# Whoever is this far back is told so, and no number.
MOST_COUNTED = 100
# Waits of yesterday say nothing of today.
RECENT = RINGS_FOR * 24


@dataclass(frozen=True, slots=True)
class Kind:
    """Whose places are counted together: an inbox (by pk) and a language."""

    inbox: int
    language: str


def is_open_on(ticket: Ticket) -> bool:
    """Whether a conversation of this ticket goes on."""
    return Chat.objects.filter(ticket=ticket, ended_at__isnull=True).exists()


def shown(chat: Chat) -> dict[str, Any] | None:
    """Return the place among those who wait in this inbox and language, and what is known of waits; else None.

    `position` 100 means that or more; `usual_s` is the median of the last waits, None when there are too few;
    `waited_s` is what this one has waited.
    """
    return shown_all([chat]).get(chat.pk)


def shown_all(chats: Iterable[Chat]) -> dict[int, dict[str, Any]]:
    """Return the same for each of these that waits, by pk: one statement, and three for each inbox and language."""
    # Saves the statements in conversations that go on; what waits is decided by the database.
    maybe = {one.pk: one for one in chats if may_wait(one.ended_at, one.ticket.assignee_id, one.ticket.status)}
    if not maybe:
        return {}
    mine = Chat.objects.waiting().filter(pk__in=maybe)
    waited = dict(mine.values_list("pk", Extract(DatabaseNow() - F("queued_at"), "epoch")))
    facts: dict[tuple[Kind, int | None], _Facts] = {}
    found: dict[int, dict[str, Any]] = {}
    for pk, seconds in waited.items():
        chat = maybe[pk]
        kind, team = Kind(chat.visitor.inbox_id, chat.visitor.locale), chat.ticket.team_id
        if (kind, team) not in facts:
            facts[kind, team] = _facts(kind, team)
        fact = facts[kind, team]
        found[pk] = {
            "position": fact.places.get(pk, MOST_COUNTED),
            "usual_s": fact.usual_s,
            "waited_s": max(0, int(seconds)),
            "is_attended": fact.is_attended,
        }
    return found


def may_wait(ended_at: datetime | None, assignee: int | None, status: str) -> bool:
    """Whether it is worth asking if a chat waits, by when it ended and by its ticket."""
    return ended_at is None and assignee is None and status in BEFORE_ANSWER


def places(kind: Kind) -> dict[int, int]:
    """Return the places of the first who wait there, by pk of their chat; whoever is further back is not in it."""
    alike = Chat.objects.waiting().filter(visitor__inbox=kind.inbox, visitor__locale=kind.language)
    # Counted no further: with a thousand who wait, each would count a thousand.
    first = alike.order_by("queued_at", "pk").values_list("pk", flat=True)[: MOST_COUNTED - 1]
    return {pk: place for place, pk in enumerate(first, 1)}


def _facts(kind: Kind, team: int | None) -> "_Facts":
    attended = Presence.objects.reachable().serving(team=team, language=kind.language)
    return _Facts(places(kind), usual_wait_s(kind.inbox, kind.language), attended.exists())


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is the same for all who wait for the same people."""

    places: dict[int, int]
    usual_s: int | None
    is_attended: bool


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


def ways(language: str) -> list[live.Way]:
    """Return the chats that a site shows, for the contact page; open while one of us who speaks it is there."""
    inboxes = ChatInbox.objects.open().exclude(allowed_origins=[]).order_by("slug")
    return [_way(inbox, language) for inbox in inboxes]


def _way(inbox: ChatInbox, language: str) -> live.Way:
    is_attended = Presence.objects.reachable().serving(team=inbox.team_id, language=language).exists()
    is_open = is_attended and hours.calendar_of(inbox).is_open(now())
    usual_min = live.in_minutes(usual_wait_s(inbox.pk, language)) if is_open else None
    name = said(inbox.name, inbox.name_zh_hans, language)
    return live.Way(kind="chat", name=name, address=inbox.allowed_origins[0], is_open=is_open, usual_min=usual_min)
