"""What chats are to the assignment of work: what people have in hand, and tickets for which the ring finds somebody."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from livechat.models import Chat


def in_hand() -> QuerySet[Any]:
    """Return the chats that a person (OuterRef "staff") has in hand, grouped by them."""
    return Chat.objects.held().filter(ticket__assignee=OuterRef("staff")).order_by().values("ticket__assignee")


def ringing() -> Q:
    """Return which tickets are chats that wait for a ring, or that a bot has."""
    waits = Chat.objects.waiting().filter(ticket=OuterRef("pk"))
    with_bot = Chat.objects.with_bot().filter(ticket=OuterRef("pk"))
    return Q(channel="chat") & (Q(Exists(waits)) | Q(Exists(with_bot)))
