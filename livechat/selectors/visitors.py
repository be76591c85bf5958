"""What the visitors' socket reads: whether a token still counts, and which ticket its hints are about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from livechat.models import Chat, Visitor


@dataclass(frozen=True, slots=True)
class Heard:
    """What one visitor's sockets may hear of now: the ticket (by public id) of their last conversation, or ''.

    `last` is the number of its last public message.
    """

    ticket: str = ""
    last: int = 0


def heard_now(wanted: Mapping[int, Collection[str]]) -> dict[int, Heard]:
    """Return it for each of these visitors (by pk) whose token still counts; two statements whatever their number."""
    living = Visitor.objects.living().filter(pk__in=wanted).values_list("pk", flat=True)
    latest = Chat.objects.filter(visitor__in=wanted).order_by("visitor", "-pk").distinct("visitor")
    rows = latest.values_list("visitor_id", "ticket__public_id", "ticket__last_public_seq")
    found = {visitor: Heard(ticket, last) for visitor, ticket, last in rows}
    return {pk: found.get(pk, Heard()) for pk in living}
