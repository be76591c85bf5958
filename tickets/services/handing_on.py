"""Handing on: what its assignee passes on, has done nothing about or has left behind, and what another team gets."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Presence, Shift, Staff, Team
from core import audit
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from tickets import effects
from tickets.models import Decision, Message, Ticket
from tickets.models.channel import Channel
from tickets.selectors import assignment as people
from tickets.selectors.assignment import WAITING
from tickets.services import errors, properties, timeline

BATCH = 50
# Whoever goes offline by mistake, or for a moment, keeps what they have.
LEFT_FOR = timedelta(minutes=2)
# Of one person's tickets so many are given back in one transaction.
AT_ONCE = 100
# Of shifts that ended before, what is left has been given back long ago.
ENDED_LATELY = timedelta(days=1)
# What makes a ticket wait for somebody anew.
WAITS_AGAIN = ("assignee_changed", "team_changed", "status_changed")
Kind = Decision.Kind


class NotYours(errors.Refused):
    """Only one's own ticket can be passed on; a chat is handed over."""

    message = _("Only who has the ticket can pass it on. A chat is handed over in its panel.")


def pass_on(*, ticket: Ticket, by: Staff) -> Ticket:
    """Let the next have one's own ticket: it is nobody's, and goes to whose turn it is. Raises NotYours, CaseClosed."""
    with transaction.atomic():
        locked = timeline.lock(ticket)
        if locked.assignee_id != by.pk or locked.channel == Channel.CHAT:
            raise NotYours
        return _set_free(locked, Kind.PASSED_ON, by=by)


def sweep() -> int:
    """Set free what has been left lying, and move on what nobody takes; returns how many tickets."""
    return take_back() + give_back() + overflow()


def take_back() -> int:
    """Take tickets from those who have done nothing about them in their team's time."""
    due = Decision.objects.filter(look_again_at__lte=DatabaseNow()).order_by("look_again_at")
    return sum(_look_again(decision) for decision in due.select_related("ticket")[:BATCH])


def give_back() -> int:
    """Give back what those who are gone had in hand and nobody has answered."""
    gone = Presence.objects.filter(
        Q(given_back_at__isnull=True) | Q(given_back_at__lt=F("changed_at")),
        state=Presence.State.OFFLINE,
        changed_at__lt=from_now(-LEFT_FOR),
    )
    left = _empty(gone.order_by("changed_at"), Q()) + _empty(_over(), Q(team__only_on_shift=True))
    return left + _empty(_begun(), Q())


def _over() -> QuerySet[Shift]:
    """Return shifts that are over, of people who have no other now."""
    on_now = Shift.objects.now().filter(staff=OuterRef("staff"))
    over = Shift.objects.standing().filter(given_back_at__isnull=True, ends_at__lt=from_now(-LEFT_FOR))
    return over.filter(ends_at__gt=from_now(-ENDED_LATELY)).exclude(Exists(on_now)).order_by("ends_at")


def _begun() -> QuerySet[Absence]:
    """Return absences that go on: whoever is absent is given nothing, whatever their shift and presence say."""
    begun = Absence.objects.now().filter(given_back_at__isnull=True, starts_at__lt=from_now(-LEFT_FOR))
    return begun.order_by("starts_at")


def _empty(rows: QuerySet[Any], which: Q) -> int:
    """Give back what people of these rows (presences, shifts, absences) left behind; each notes that it was done."""
    count = 0
    for pk in rows.values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            row = rows.filter(pk=pk).select_for_update(of=("self",), no_key=True, skip_locked=True).first()
            if row is None:
                continue
            tickets = list(_unanswered_of(row.staff_id).filter(which)[:AT_ONCE])
            for ticket in tickets:
                count += _give_back(ticket, row.staff_id)
            if len(tickets) < AT_ONCE:
                rows.model._default_manager.filter(pk=pk).update(given_back_at=DatabaseNow())
    return count


def overflow() -> int:
    """Move what nobody has taken in its team's time to the other team, each ticket once. Chats: live chat's rounds."""
    count = 0
    for team in Team.objects.filter(overflow_team__isnull=False).select_related("overflow_team").order_by("pk"):
        rows = _waits_too_long(team)
        for pk in rows.values_list("pk", flat=True)[:BATCH]:
            with transaction.atomic():
                locked = rows.filter(pk=pk).select_for_update(of=("self",), no_key=True, skip_locked=True).first()
                if locked is not None:
                    move_on(ticket=locked, team=team)
                    count += 1
    return count


def move_on(*, ticket: Ticket, team: Team) -> None:
    """Move a locked ticket from `team` to the one that it overflows to, within the caller's transaction."""
    to = team.overflow_team
    if to is None:
        return
    record(ticket=ticket, kind=Kind.OVERFLOWED, staff=None)
    timeline.append_event(ticket, "assignment_overflowed", {"to": to.public_id})
    properties.move_to_team(ticket=ticket, to=to, by=None)
    effects.assignment_due()


def record(*, ticket: Ticket, kind: str, staff: int | None, by: Staff | None = None) -> None:
    """Write down that a ticket has left somebody, or a team, and why."""
    Decision.objects.create(ticket=ticket, kind=kind, staff_id=staff, team_id=ticket.team_id)
    detail: dict[str, audit.Detail] = {"kind": kind}
    actor = by.actor if by else SYSTEM
    audit.record("ticket.assignment_decided", actor=actor, obj=("ticket", ticket.public_id), detail=detail)


def _set_free(ticket: Ticket, kind: str, *, by: Staff | None = None) -> Ticket:
    """Make a locked ticket nobody's."""
    had, name = ticket.assignee_id, ticket.assignee.public_id if ticket.assignee else None
    record(ticket=ticket, kind=kind, staff=had, by=by)
    timeline.append_event(ticket, f"assignment_{kind}", {"to": name}, by=by)
    freed = properties.assign(ticket=ticket, to=None, by=by)
    effects.assignment_due()
    return freed


def _look_again(decision: Decision) -> bool:
    """Take one ticket back if nothing was done; whoever is first looks, and nobody twice."""
    with transaction.atomic():
        locked = timeline.lock(decision.ticket)
        due = Decision.objects.filter(pk=decision.pk, look_again_at__lte=DatabaseNow())
        if not due.update(look_again_at=None):
            return False
        done = Message.objects.filter(ticket=locked, staff=decision.staff_id, created_at__gt=decision.decided_at)
        is_theirs = decision.staff_id is not None and locked.assignee_id == decision.staff_id
        if not is_theirs or locked.status not in WAITING or locked.is_spam or done.exists():
            return False
        _set_free(locked, Kind.TAKEN_BACK)
    return True


def _give_back(ticket: Ticket, had: int) -> bool:
    locked = timeline.lock(ticket)
    # Answered or given to another while its lock was waited for: nothing was left behind.
    if not _unanswered_of(had).filter(pk=locked.pk).exists():
        return False
    _set_free(locked, Kind.GIVEN_BACK)
    return True


def _unanswered_of(person: int) -> QuerySet[Ticket]:
    """Return a person's tickets of teams that have them given back, which nobody has answered yet."""
    answers = Message.objects.filter(
        ticket=OuterRef("pk"), kind=Message.Kind.REPLY, direction=Message.Direction.OUT, staff__isnull=False
    )
    mine = Ticket.objects.filter(assignee=person, status__in=WAITING, is_spam=False, team__gives_back=True)
    return mine.exclude(channel=Channel.CHAT).exclude(Exists(answers)).order_by("pk")


def _waits_too_long(team: Team) -> QuerySet[Ticket]:
    """Return what has been nobody's in `team` for its time, since whatever made it so, and never moved on."""
    before = from_now(-timedelta(minutes=team.overflow_after_min))
    moved = Decision.objects.filter(ticket=OuterRef("pk"), kind=Kind.OVERFLOWED)
    again = Message.objects.filter(ticket=OuterRef("pk"), kind=Message.Kind.EVENT, event__in=WAITS_AGAIN).order_by()
    last = Subquery(again.values("ticket").annotate(last=Max("created_at")).values("last"), DateTimeField())
    rows = people.waiting(team.pk).filter(created_at__lte=before).exclude(Exists(moved))
    # PostgreSQL's greatest() passes over what is null.
    return rows.annotate(waits_since=Greatest("created_at", last)).filter(Q(waits_since__lte=before))
