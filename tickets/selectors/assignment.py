"""Who could be given something now, whose turn it is among them, and what waits for somebody.

Whatever is given by itself is given to whom this module finds: tickets by `services.assignment`, chats by the ring.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts.models import Presence, Shift, StaffSkill, Team
from accounts.models.absence import absent_now
from accounts.models.presence import LANGUAGE_LEVEL, has_language
from core.clock import from_now
from tickets.models import Decision, Ticket, TopicSkill
from tickets.models.channel import Channel
from tickets.models.ticket import IN_ORDER, Status

# What the shares of those who are given work by weight are counted over.
COUNTED_OVER = timedelta(hours=8)
# Whoever had an earlier ticket of the customer is still "theirs".
STICKY_FOR = timedelta(days=30)
# So many are written down for each decision.
EXPLAINED = 50
TICKET, CHAT, PHONE = "ticket", "chat", "phone"
ROOM = {TICKET: "ticket_capacity", CHAT: "capacity", PHONE: "phone_capacity"}
TURNS = (Decision.Kind.RUNG, Decision.Kind.GIVEN)
WAITING = (Status.NEW, Status.OPEN)


def _in_hand(which: Q) -> Callable[[], QuerySet[Any]]:
    """Return what takes a person's time: their new and open tickets of this kind."""

    def counted() -> QuerySet[Any]:
        mine = Ticket.objects.filter(which, assignee=OuterRef("staff"), status__in=WAITING, is_spam=False)
        return mine.order_by().values("assignee")

    return counted


# Work → what a person (OuterRef "staff") has of it in hand, grouped by them. Live chat adds its own.
in_hand: dict[str, Callable[[], QuerySet[Any]]] = {
    TICKET: _in_hand(~Q(channel__in=[Channel.CHAT, Channel.PHONE])),
    PHONE: _in_hand(Q(channel=Channel.PHONE)),
}
# Tickets for which somebody is found elsewhere: chats, as long as they ring.
found_elsewhere: list[Callable[[], Q]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody is looked for. Without a team it may be anybody but a vendor; '' is any language.

    `hindered` names, by code, what keeps a person from being asked now; `asked` tells when they last were for this
    very ticket: who never was comes first. `sticky_to` comes before whose turn it is.
    """

    work: str
    team: int | None
    language: str
    language_level: int = 1
    skills: Mapping[int, int] = field(default_factory=dict)
    method: str = Team.Method.IDLE
    only_on_shift: bool = False
    sticky_to: int | None = None
    hindered: Mapping[str, Exists] = field(default_factory=dict)
    asked: Subquery | None = None


def skills_of(topics: set[int]) -> dict[int, dict[int, int]]:
    """Return what each topic asks for: skill → level; no query without a topic."""
    found: dict[int, dict[int, int]] = {topic: {} for topic in topics}
    for row in TopicSkill.objects.filter(topic__in=topics, skill__is_active=True) if topics else ():
        found[row.topic_id][row.skill_id] = row.level
    return found


def last_agent(ticket: Ticket) -> int | None:
    """Return who had the requester's last other ticket, if it is not long ago."""
    others = Ticket.objects.filter(
        requester=ticket.requester_id, assignee__isnull=False, updated_at__gt=from_now(-STICKY_FOR)
    )
    return others.exclude(pk=ticket.pk).order_by("-pk").values_list("assignee", flat=True).first()


def with_taken(people: QuerySet[Presence], work: str) -> QuerySet[Presence]:
    """Each with `taken`: how much of this work they have in hand."""
    counted = in_hand[work]().annotate(number=Count("pk")).values("number")
    return people.annotate(taken=Coalesce(Subquery(counted), 0))


def able(wish: Wish) -> QuerySet[Presence]:
    """Return who could be given it: there, in the team, with its language and skills, with room, and not hindered."""
    people: QuerySet[Presence] = Presence.objects.reachable().serving(team=wish.team, language="")
    if wish.language:
        people = people.filter(has_language(wish.language, wish.language_level))
    for skill, level in wish.skills.items():
        people = people.filter(Exists(_has(skill, level)))
    people = with_taken(people, wish.work).filter(Q(taken__lt=F(ROOM[wish.work])))
    if wish.only_on_shift:
        people = people.filter(on_shift())
    for condition in wish.hindered.values():
        people = people.exclude(condition)
    return people


def on_shift() -> Exists:
    """Return whether a shift of a person (OuterRef "staff") goes on."""
    return Exists(Shift.objects.now().filter(staff=OuterRef("staff")))


def in_turn(people: QuerySet[Presence], wish: Wish) -> QuerySet[Presence]:
    """Order those who are able by whose turn it is, as the team does it."""
    order: list[Any] = []
    if wish.asked is not None:
        people = people.annotate(asked_at=wish.asked)
        order.append(F("asked_at").asc(nulls_first=True))
    if wish.sticky_to is not None:
        order.append(Case(When(staff=wish.sticky_to, then=Value(0)), default=Value(1)))
    turns = Decision.objects.filter(staff=OuterRef("staff"), team=wish.team, kind__in=TURNS).order_by()
    if wish.method == Team.Method.ROUND_ROBIN:
        last = turns.order_by("-decided_at").values("decided_at")[:1]
        people = people.annotate(last_turn=Subquery(last))
        order.append(F("last_turn").asc(nulls_first=True))
    elif wish.method == Team.Method.LEAST_LOADED:
        order.append(Cast("taken", FloatField()) / Cast(ROOM[wish.work], FloatField()))
    elif wish.method == Team.Method.WEIGHTED:
        lately = turns.filter(decided_at__gt=from_now(-COUNTED_OVER)).values("staff")
        number = Coalesce(Subquery(lately.annotate(number=Count("pk")).values("number")), 0)
        people = people.annotate(share=Cast(number, FloatField()) / Cast("weight", FloatField()))
        order.append(F("share"))
    return people.order_by(*order, "idle_since", "pk")


def candidates(wish: Wish, *, chosen: int) -> list[dict[str, str | int]]:
    """Return everybody of the circle with the first thing that spoke against them; those who are there come first."""
    circle = Presence.objects.serving(team=wish.team, language="").filter(staff__is_active=True)
    skilled = sum(
        (
            Case(When(Exists(_has(skill, level)), then=Value(1)), default=Value(0))
            for skill, level in wish.skills.items()
        ),
        start=Value(0),
    )
    is_there = Exists(Presence.objects.reachable().filter(pk=OuterRef("pk")))
    flags = {f"hindered_{code}": condition for code, condition in wish.hindered.items()}
    people = with_taken(circle, wish.work).annotate(is_there=is_there, skilled=skilled, is_on=on_shift(), **flags)
    people = people.annotate(is_absent=absent_now("staff"))
    rows = people.select_related("staff").order_by("-is_there", "idle_since", "pk")[:EXPLAINED]
    found: list[dict[str, str | int]] = []
    for row in rows:
        room = getattr(row, ROOM[wish.work])
        taken: int = row.taken  # type: ignore[attr-defined]
        # What they had before this: whoever was chosen has one more now.
        shown = {"staff": row.public_id, "why": _against(row, wish), "taken": taken, "room": room}
        found.append(shown | ({"why": "chosen"} if row.pk == chosen else {}))
    return found


def waiting(team: int) -> QuerySet[Ticket]:
    """Return a team's new and open tickets that are nobody's; not what rings, and not what sleeps.

    What is due soonest comes first, then what is most urgent, then the oldest.
    """
    rows = Ticket.objects.filter(team=team, assignee__isnull=True, status__in=WAITING, is_spam=False, is_snoozed=False)
    for elsewhere in found_elsewhere:
        rows = rows.exclude(elsewhere())
    return rows.order_by(*IN_ORDER)


def _has(skill: int, level: int) -> QuerySet[StaffSkill]:
    return StaffSkill.objects.filter(staff=OuterRef("staff"), skill=skill, level__gte=level)


def _level(row: Any, language: str) -> int:  # noqa: ANN401 -- as below
    return int(row.language_levels.get(language, LANGUAGE_LEVEL))


def _against(row: Any, wish: Wish) -> str:  # noqa: ANN401 -- a Presence with the columns annotated above
    """Return the code of the first thing that speaks against a person; "turn" when it was another's turn."""
    if row.is_absent:
        return "absent"
    if row.state != Presence.State.ONLINE:
        return str(row.state)
    against = {
        "not_there": not row.is_there,
        "language": bool(wish.language) and wish.language not in row.languages,
        "language_level": bool(wish.language) and _level(row, wish.language) < wish.language_level,
        "skill": row.skilled < len(wish.skills),
        "off_shift": wish.only_on_shift and not row.is_on,
        "full": row.taken >= getattr(row, ROOM[wish.work]),
        **{code: getattr(row, f"hindered_{code}") for code in wish.hindered},
    }
    return next((code for code, is_so in against.items() if is_so), "turn")
