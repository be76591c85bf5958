"""What the visitors' socket reads: whether a token still counts, and which ticket its hints are about."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db.models import QuerySet

from core.compiled import Among, Rows, Values, stand_in
from livechat.models import Chat, Visitor
from livechat.selectors import waiting
from livechat.selectors.waiting import MOST_COUNTED, Kind


class Heard(NamedTuple):
    """What one visitor's sockets may hear of now: the ticket (by public id) of their last conversation, or ''.

    `last` is the number of its last public message; `place` that among those who wait, 0 for who waits for nobody.
    """

    ticket: str = ""
    last: int = 0
    place: int = 0


def heard_now(wanted: Mapping[int, Collection[str]]) -> dict[int, Heard]:
    """Return it for each of these visitors (by pk) whose token still counts.

    Two statements whatever their number, and where some wait one more, and one for each inbox and language.
    """
    them = {stand_in(0): list(wanted)}
    found = {row[0]: row for row in _HEARD.run(them)}
    places = _places(
        {
            pk: Kind(inbox, language)
            for _visitor, pk, _ticket, _last, inbox, language, ended_at, assignee, status in found.values()
            if waiting.may_wait(ended_at, assignee, status)
        }
    )
    return {
        pk: Heard(found[pk][2], found[pk][3], places.get(found[pk][1], 0)) if pk in found else Heard()
        for (pk,) in _LIVING.run(them)
    }


def _heard() -> "QuerySet[Chat, tuple[Any, ...]]":
    latest = Chat.objects.filter(Among("visitor", stand_in(0))).order_by("visitor", "-pk").distinct("visitor")
    return latest.values_list(
        "visitor_id", "pk", "ticket__public_id", "ticket__last_public_seq", "visitor__inbox", "visitor__locale",
        "ended_at", "ticket__assignee", "ticket__status",
    )  # fmt: skip


_HEARD = Values(_heard)
_LIVING = Values(lambda: Visitor.objects.living().filter(Among("pk", stand_in(0))).values_list("pk"))


def latest_of(visitors: Collection[int]) -> dict[int, Chat]:
    """Return the conversation that each of these visitors (by pk) has, or had last, if their token still counts."""
    return {chat.visitor_id: chat for chat in _LATEST.run({stand_in(0): list(visitors)})}


def _latest() -> QuerySet[Chat]:
    living = Visitor.objects.living().filter(Among("pk", stand_in(0)))
    mine = Chat.objects.filter(visitor__in=living.values("pk")).order_by("visitor", "-pk").distinct("visitor")
    return Chat.objects.filter(pk__in=mine.values("pk")).select_related("ticket__assignee", "visitor")


_LATEST = Rows(_latest)


def _places(maybe: Mapping[int, Kind]) -> dict[int, int]:
    """Return the places of those of these chats (by pk) that wait."""
    if not maybe:
        return {}
    rows = Chat.objects.waiting().filter(pk__in=maybe).values_list("pk", flat=True)
    found = dict.fromkeys(rows, MOST_COUNTED)
    for kind in {maybe[pk] for pk in found}:
        found |= {pk: place for pk, place in waiting.places(kind).items() if pk in found}
    return found
