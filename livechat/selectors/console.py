"""The agent console: one's presence, the ring at one's desk, and one's chats."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Extract

from accounts.models import Presence, Staff, Team
from accounts.models.absence import absent_until
from accounts.permissions import Permission
from core.clock import DatabaseNow, from_now
from livechat.models import Chat, Mark, Offer
from livechat.selectors import abuse
from tickets.models import Message
from tickets.models.ticket import ACTIVE
from tickets.selectors.assignment import CHAT, with_taken
from tickets.selectors.languages import language_name
from tickets.selectors.people import customer_name

MOST_SHOWN = 20
# What ended longer ago and was not wrapped up is a ticket like any other.
UNWRAPPED_FOR = timedelta(hours=24)
State = Presence.State


@dataclass(frozen=True, slots=True)
class RingShown:
    """A chat that rings at this desk."""

    public_id: str
    name: str
    inbox: str
    language: str
    seconds_left: int
    waited_min: int


@dataclass(frozen=True, slots=True)
class ChatShown:
    """One of a person's chats: `waiting_since` is when the visitor wrote what nobody has answered."""

    ticket: str
    name: str
    number: int
    last_line: str
    unread: int
    waiting_since: datetime | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class PersonShown:
    """A colleague on the leads' page."""

    public_id: str
    name: str
    state: str
    reason: str
    changed_at: datetime | None
    languages: str
    taken: int
    capacity: int
    absent_until: datetime | None


def shown(person: Staff) -> dict[str, Any]:
    """Return presence, ring and chats of one person."""
    row = Presence.objects.filter(staff=person).annotate(absent_until=absent_until("staff")).first()
    return {
        "presence": {"state": effective(row), "said": row.state if row else State.OFFLINE, **_why(row)},
        "states": State.choices,
        "ring": ring(person),
        "chats": mine(person),
        "is_lead": person.has(Permission.CHAT_LEAD),
    }


def effective(row: Presence | None) -> str:
    """Return what counts now: whoever is online without an open desk, or long not at it, is away."""
    if row is None:
        return State.OFFLINE
    if row.state == State.ONLINE and not Presence.objects.reachable().filter(pk=row.pk).exists():
        return State.AWAY
    return row.state


def ring(person: Staff) -> RingShown | None:
    """Return the chat that rings at this person's desk."""
    mine = Offer.objects.ringing().filter(staff=person).select_related("chat__ticket__requester", "inbox")
    times = {
        "left": Extract(F("expires_at") - DatabaseNow(), "epoch"),
        "waited": Extract(DatabaseNow() - F("chat__queued_at"), "epoch"),
    }
    found = mine.annotate(**times).first()
    if found is None:
        return None
    left, waited = found.left, found.waited  # type: ignore[attr-defined]
    return RingShown(
        found.public_id,
        customer_name(found.chat.ticket.requester),
        found.inbox.name,
        language_name(found.language) if found.language else "",
        max(1, int(left)),
        int(waited) // 60,
    )


def mine(person: Staff) -> list[ChatShown]:
    """Return the chats in this person's hands, whoever waits longest first, those to be wrapped up behind."""
    read = Subquery(Mark.objects.filter(chat=OuterRef("pk"), side=Mark.Side.STAFF).values("read")[:1])
    incoming = Message.objects.filter(
        ticket=OuterRef("ticket"), direction="in", public_seq__isnull=False, withdrawn_at__isnull=True
    ).order_by()
    answered = Message.objects.filter(ticket=OuterRef("ticket"), kind="reply", direction="out").order_by("-public_seq")
    rows = (
        Chat.objects.filter(ticket__assignee=person, ticket__status__in=ACTIVE, wrapped_at__isnull=True)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=from_now(-UNWRAPPED_FOR)))
        .select_related("ticket__requester")
        .annotate(read_to=Coalesce(read, 0), answered_to=Coalesce(Subquery(answered.values("public_seq")[:1]), 0))
        .annotate(
            unread=_counted(incoming.filter(public_seq__gt=OuterRef("read_to"))),
            waiting_since=Subquery(
                incoming.filter(public_seq__gt=OuterRef("answered_to")).order_by("public_seq").values("created_at")[:1]
            ),
        )
        .order_by(F("ended_at").asc(nulls_first=True), F("waiting_since").asc(nulls_last=True), "pk")
    )
    return [_chat(row) for row in rows[:MOST_SHOWN]]


def team_page(person: Staff) -> dict[str, Any]:
    """Return who takes chats, and which chats wait, as far as `person` may see them."""
    teams = Team.objects.visible_to(person)
    people = with_taken(Presence.objects.filter(staff__is_active=True).select_related("staff"), CHAT)
    reachable = set(Presence.objects.reachable().values_list("pk", flat=True))
    waiting = Chat.objects.waiting().filter(Q(ticket__team__isnull=True) | Q(ticket__team__in=teams))
    rows = waiting.select_related("ticket__requester", "ticket__team", "visitor").order_by("queued_at", "pk")
    return {
        "people": [
            _person(row, reachable)
            for row in people.annotate(absent_until=absent_until("staff")).order_by("staff__name")[:200]
        ],
        "waiting": [
            {
                "ticket": row.ticket.public_id,
                "name": customer_name(row.ticket.requester),
                "team": row.ticket.team.name if row.ticket.team else "",
                "language": language_name(row.visitor.locale) if row.visitor.locale else "",
                "queued_at": row.queued_at,
                "last_line": row.ticket.last_line,
            }
            for row in rows[:50]
        ],
        "states": State.choices,
        "abuse": abuse.by_agent(person),
    }


def _counted(rows: QuerySet[Message]) -> Coalesce:
    counted = rows.values("ticket").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def _why(row: Any) -> dict[str, Any]:  # noqa: ANN401 -- a Presence with the end of an absence, or None
    # Online by word, and yet not reachable: nobody is at the keyboard, or they are absent.
    return {"reason": row.reason, "absent_until": row.absent_until} if row else {"reason": "", "absent_until": None}


def _chat(row: Any) -> ChatShown:  # noqa: ANN401 -- a Chat with the columns annotated above
    return ChatShown(
        row.ticket.public_id,
        customer_name(row.ticket.requester),
        row.ticket.number,
        row.ticket.last_line,
        row.unread,
        row.waiting_since if row.ended_at is None else None,
        row.ended_at is not None,
    )


def _person(row: Any, reachable: set[int]) -> PersonShown:  # noqa: ANN401 -- a Presence with its number of chats
    state = State.AWAY if row.state == State.ONLINE and row.pk not in reachable else row.state
    names = ", ".join(language_name(code) for code in row.languages)
    return PersonShown(
        row.staff.public_id,
        row.staff.name,
        state,
        row.reason,
        row.changed_at,
        names,
        row.taken,
        row.capacity,
        row.absent_until,
    )
