"""Assignment: who is given what waits. The one engine, for tickets and for the ring of chats; rows keep the promises.

Each gift is one transaction: what waits and who gets it are locked past what others hold and looked at again behind the
lock, and a turn is taken by a conditional UPDATE. Any number of workers may run and any may die.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery

from accounts.models import Presence, Team
from core import audit
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from tickets.models import Decision, Ticket
from tickets.models.channel import Channel
from tickets.selectors import assignment as people
from tickets.selectors.assignment import PHONE, TICKET, Wish
from tickets.services import properties

# So many people are looked at for one thing; more are only needed when several workers take them at once.
LOOKED_AT = 10
# Turns may have changed under what was read: then it is read again.
LOOKS = 3
BATCH = 100
# Whoever had a ticket is asked again after everybody else, and not before this is over.
AGAIN_AFTER = timedelta(minutes=30)
Kind = Decision.Kind
NONE = Q(pk__in=())


def choose(wish: Wish) -> Presence | None:
    """Lock and return whose turn it is, and take their turn; None when nobody could be given it.

    Within the caller's transaction, which holds what is given.
    """
    able = people.able(wish)
    turns = people.in_turn(able, wish)
    for _look in range(LOOKS):
        seen = list(turns.values_list("pk", "given")[:LOOKED_AT])
        for pk, given in seen:
            # Whoever another worker has in hand, or was given something since, is not next any more.
            unmoved = Presence.objects.filter(pk=pk, given=given)
            row = unmoved.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
            # What was read before the lock may be over.
            if row is None or not able.filter(pk=pk).exists():
                continue
            if unmoved.update(given=F("given") + 1):
                return Presence.objects.select_related("staff").get(pk=pk)
        if len(seen) <= 1:
            break
    return None


def record(*, ticket: Ticket, kind: str, wish: Wish, person: Presence) -> Decision:
    """Write down that `person` was chosen, with everybody who was not and why."""
    found = people.candidates(wish, chosen=person.pk)
    is_alone = not any(one["why"] == "turn" for one in found)
    reason = "sticky" if person.pk == wish.sticky_to else "alone" if is_alone else "turn"
    decision = Decision(
        ticket=ticket, kind=kind, staff_id=person.pk, team_id=wish.team, method=wish.method, reason=reason
    )
    decision.candidates = found
    decision.save(force_insert=True)
    detail: dict[str, audit.Detail] = {"kind": kind, "staff": person.public_id, "reason": reason}
    audit.record("ticket.assignment_decided", actor=SYSTEM, obj=("ticket", ticket.public_id), detail=detail)
    return decision


def assign_waiting() -> int:
    """Give what waits in teams that assign by themselves, in the order of `people.waiting`; returns how many."""
    return sum(_assign_in(team) for team in Team.objects.filter(assigns_tickets=True).order_by("pk"))


def _assign_in(team: Team) -> int:
    given, tried = 0, 0
    # Kinds of tickets for which nobody is free now: the others of the kind are not looked at, however many and old.
    hopeless = NONE
    while tried < BATCH:
        tried += 1
        ticket, is_given = assign_next(team, hopeless)
        if ticket is None:
            break
        given += is_given
        if not is_given:
            is_call = Q(channel=Channel.PHONE) if ticket.channel == Channel.PHONE else ~Q(channel=Channel.PHONE)
            hopeless |= Q(is_call, language=ticket.language, topic=ticket.topic_id)
    return given


def assign_next(team: Team, hopeless: Q = NONE) -> tuple[Ticket | None, bool]:
    """Give a team's first ticket that no other worker holds and that is not `hopeless`.

    Returns it, and whether somebody was free for it; None when nothing waits.
    """
    with transaction.atomic():
        rows = people.waiting(team.pk).exclude(hopeless)
        ticket = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        if ticket is None:
            return None, False
        wish = _wish(ticket, team)
        person = choose(wish)
        if person is None:
            return ticket, False
        decision = record(ticket=ticket, kind=Kind.GIVEN, wish=wish, person=person)
        if team.take_back_after_min:
            Decision.objects.filter(pk=decision.pk).update(
                look_again_at=from_now(timedelta(minutes=team.take_back_after_min))
            )
        properties.assign(ticket=ticket, to=person.staff, by=None)
        Presence.objects.filter(pk=person.pk).update(idle_since=DatabaseNow())
    return ticket, True


def _wish(ticket: Ticket, team: Team) -> Wish:
    # Chosen, or passed on: whoever has had it in any way.
    mine = Decision.objects.filter(ticket=ticket, staff=OuterRef("staff"))
    skills = people.skills_of({ticket.topic_id} if ticket.topic_id else set())
    return Wish(
        work=PHONE if ticket.channel == Channel.PHONE else TICKET,
        team=team.pk,
        language=ticket.language,
        language_level=team.language_level,
        skills=skills.get(ticket.topic_id or 0, {}),
        method=team.method,
        only_on_shift=team.only_on_shift,
        sticky_to=people.last_agent(ticket) if team.is_sticky else None,
        hindered={"had_it": Exists(mine.filter(decided_at__gt=from_now(-AGAIN_AFTER)))},
        asked=Subquery(mine.order_by().values("staff").annotate(last=Max("decided_at")).values("last")),
    )
