"""Whom a waiting call rings: the engine of assignment says whose turn it is, and one person has one ring at a time."""

from datetime import timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from accounts.models import Presence, Staff, StaffPhone
from core.clock import DatabaseNow, from_now
from tickets.channels.phone.twiml import Reached
from tickets.models import Decision, PhoneCall, PhoneLeg, PhoneLine
from tickets.selectors import assignment as people
from tickets.selectors import phone as waits
from tickets.selectors.assignment import PHONE, Wish
from tickets.services import assignment, phone_tickets, timeline
from tickets.services.phone_turns import record

RING_S, ACCEPT_S, ASK_AGAIN_S = 20, 10, 12
# Whoever has just declined or missed this very call is not rung for it at once again.
NOT_AGAIN: Final = timedelta(minutes=2)
# Whoever has just talked has so long to say what is left to do.
NOTES_WITHIN: Final = timedelta(minutes=5)
RINGING, ACCEPTED = PhoneLeg.State.RINGING, PhoneLeg.State.ACCEPTED


def ring_next(call: PhoneCall) -> PhoneLeg | None:
    """Choose and hold somebody for the locked `call`; None when nobody is free, or those before it need them."""
    if call.ticket is None:
        return None
    call.ticket = timeline.lock(call.ticket)
    wish = _wish(call)
    if people.able(wish).count() <= waits.ahead(call).filter(state="queued").count():
        return None
    return _ring(call, wish)


def ring_whose_turn_it_is(call: PhoneCall) -> PhoneLeg | None:
    """Choose and hold somebody for a call of ours, whose ticket the caller holds; None when nobody is free."""
    return _ring(call, _wish(call))


def _ring(call: PhoneCall, wish: Wish) -> PhoneLeg | None:
    person = assignment.choose(wish)
    leg = hold(call, person.staff) if person is not None else None
    if person is None or leg is None or call.ticket is None:
        return None
    assignment.record(ticket=call.ticket, kind=Decision.Kind.RUNG, wish=wish, person=person)
    phone_tickets.tell(call, "phone_rang", to=person.staff)
    return leg


def hold(call: PhoneCall, person: Staff, role: str = PhoneLeg.Role.AGENT) -> PhoneLeg | None:
    """Let a call ring somebody; None when another one holds them: the database says who was first."""
    try:
        with transaction.atomic():
            leg = PhoneLeg.objects.create(call=call, staff=person, role=role)
    except IntegrityError:
        return None
    record("phone.leg_rings", call)
    return leg


def leg_of(call: PhoneCall, public_id: str) -> PhoneLeg | None:
    """Return a ring of this call."""
    return call.legs.select_related("staff", "call").filter(public_id=public_id).first()


def ringing_leg(line: PhoneLine, public_id: str) -> PhoneLeg | None:
    """Return a ring of this line that nobody has answered yet."""
    found = PhoneLeg.objects.filter(call__line=line, public_id=public_id, state=RINGING)
    return found.select_related("staff", "call__reason__topic", "call__line").first()


def accept(leg: PhoneLeg) -> bool:
    """Let the ring be answered; False when it is over. The caller holds the call."""
    held = PhoneLeg.objects.filter(pk=leg.pk, state=RINGING)
    taken = held.update(state=ACCEPTED, answered_at=DatabaseNow()) == 1
    if taken:
        record("phone.leg_accepted", leg.call)
        Presence.objects.filter(staff=leg.staff).update(idle_since=DatabaseNow())
    return taken


def end_leg(leg: PhoneLeg, *, is_declined: bool = False) -> None:
    """End a ring, once: declined, missed, or talked to its end. The caller holds the call, or no ring follows."""
    over = {"ended_at": DatabaseNow()}
    rows = PhoneLeg.objects.filter(pk=leg.pk)
    if rows.filter(state=ACCEPTED).update(state=PhoneLeg.State.ENDED, **over):
        record("phone.leg_ended", leg.call)
        return
    to = PhoneLeg.State.DECLINED if is_declined else PhoneLeg.State.MISSED
    if rows.filter(state=RINGING).update(state=to, **over):
        record("phone.leg_ended", leg.call)
        event = "phone_declined" if is_declined else "phone_not_taken"
        phone_tickets.tell(leg.call, event, to=leg.staff)


def reached(leg: PhoneLeg) -> Reached:
    """Return where somebody is rung: on the number that was checked, and in the browser where the line has a key."""
    own = StaffPhone.objects.filter(staff=leg.staff).first()
    return Reached(own.number if own is not None else "", leg.staff.public_id if leg.call.line.sdk_key else "")


def able(call: PhoneCall) -> QuerySet[Presence]:
    """Return who could be rung for a call now."""
    return people.able(_wish(call))


def _wish(call: PhoneCall) -> Wish:
    ticket, team = call.ticket, call.team or call.line.team
    topic = ticket.topic_id if ticket is not None else None
    mine = PhoneLeg.objects.filter(staff=OuterRef("staff"))
    lately = mine.filter(Q(rung_at__gt=from_now(-NOT_AGAIN)) | Q(ended_at__gt=from_now(-NOT_AGAIN)), call=call)
    unfinished = PhoneCall.objects.filter(
        agent=OuterRef("staff"), outcome="answered", disposition="", ended_at__gt=from_now(-NOTES_WITHIN)
    )
    unreachable = Staff.objects.filter(pk=OuterRef("staff"), phone__isnull=True)
    asked = mine.filter(call=call).order_by().values("staff").annotate(last=Max("rung_at")).values("last")
    return Wish(
        work=PHONE,
        team=team.pk,
        language=call.language,
        language_level=team.language_level,
        skills=people.skills_of({topic} if topic else set()).get(topic or 0, {}),
        method=team.method,
        only_on_shift=team.only_on_shift,
        sticky_to=call.wanted_id,
        hindered={
            **({} if call.line.sdk_key and call.direction == "in" else {"no_number": Exists(unreachable)}),
            "after_call": Exists(unfinished),
            "ringing": Exists(mine.filter(state__in=[RINGING, ACCEPTED])),
            "had_it": Exists(lately),
        },
        asked=Subquery(asked),
    )
