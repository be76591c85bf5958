"""Swapping shifts: offered by one, accepted by the other, approved by a lead; then they change hands at once."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Shift, ShiftSwap, Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from tickets.services import errors, push_messages
from tickets.services.shifts import AwayThen, ShiftOverlaps

State = ShiftSwap.State


class NotToBeSwapped(errors.Refused):
    """Only one's own shift that has not begun, for one of theirs that has not, and to somebody else who answers."""

    code = "not_to_be_swapped"
    message = _("A shift is swapped before it begins, with a colleague who answers.")


class SwapStands(errors.Refused):
    """A shift is offered once at a time."""

    code = "swap_stands"
    message = _("One of these shifts is offered already.")


class SwapIsOver(errors.Refused):
    """It was answered, decided or withdrawn; or a shift of it has begun or was cancelled."""

    code = "swap_is_over"
    message = _("This swap is over: decided, withdrawn, or a shift of it has begun or was cancelled.")


class OwnSwap(errors.Refused):
    """Nobody approves a swap of their own shift."""

    code = "own_swap"
    message = _("Another lead decides about a swap of your own shift.")


def offer(*, shift: Shift, to: Staff, by: Staff, wanted: Shift | None = None) -> ShiftSwap:
    """Offer one's own shift to `to`, in exchange for theirs (`wanted`) or for nothing.

    Raises NotToBeSwapped, SwapStands.
    """
    is_theirs = wanted is None or wanted.staff_id == to.pk
    if shift.staff_id != by.pk or to.pk == by.pk or not is_theirs:
        raise NotToBeSwapped
    if not (to.is_active and to.has(Permission.TICKET_REPLY)):
        raise NotToBeSwapped
    shifts = {shift.pk} | ({wanted.pk} if wanted else set())
    with transaction.atomic():
        _lock([by.pk, to.pk])
        if Shift.objects.standing().filter(pk__in=shifts, starts_at__gt=DatabaseNow()).count() != len(shifts):
            raise NotToBeSwapped
        undecided = ShiftSwap.objects.filter(state__in=[State.OFFERED, State.ACCEPTED])
        if undecided.filter(offered__in=shifts).exists() or undecided.filter(wanted__in=shifts).exists():
            raise SwapStands
        swap = ShiftSwap.objects.create(offered=shift, wanted=wanted, by=by, to=to)
        _record("shiftswap.offered", swap, by)
        push_messages.owe_swap(swap)
    return swap


def answer(*, swap: ShiftSwap, is_accepted: bool, by: Staff) -> None:
    """Accept what was offered to oneself, or refuse it. Raises Refused, SwapIsOver."""
    if swap.to_id != by.pk:
        raise errors.Refused
    with transaction.atomic():
        refused = {"state": State.REFUSED, "decided_by": by}
        _step(swap, (State.OFFERED,), {"state": State.ACCEPTED} if is_accepted else refused, by)


def withdraw(*, swap: ShiftSwap, by: Staff) -> None:
    """Take one's offer back before it is decided. Raises Refused, SwapIsOver."""
    if swap.by_id != by.pk:
        raise errors.Refused
    with transaction.atomic():
        _step(swap, (State.OFFERED, State.ACCEPTED), {"state": State.WITHDRAWN}, by)


def decide(*, swap: ShiftSwap, is_approved: bool, by: Staff) -> None:
    """Approve or refuse, as a lead who is neither of the two, what was accepted.

    Approved, shifts change hands in one transaction, if each person may have the other's by the rules for planning.
    Raises Refused, OwnSwap, SwapIsOver, ShiftOverlaps, AwayThen; what is refused for the last two waits on.
    """
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    if by.pk in {swap.by_id, swap.to_id}:
        raise OwnSwap
    with transaction.atomic():
        _lock([swap.by_id, swap.to_id])
        state = State.APPROVED if is_approved else State.REFUSED
        _step(swap, (State.ACCEPTED,), {"state": state, "decided_by": by}, by)
        if not is_approved:
            return
        hands = [(swap.offered, swap.to)] + ([(swap.wanted, swap.by)] if swap.wanted else [])
        Shift.objects.filter(pk__in=[shift.pk for shift, _to in hands]).update(cancelled_at=DatabaseNow())
        for shift, to in hands:
            _hand(shift, to, by)


def _hand(shift: Shift, to: Staff, by: Staff) -> None:
    """Plan a shift, which is cancelled by now, anew for `to`, whose row is locked."""
    if not (to.is_active and to.has(Permission.TICKET_REPLY)):
        raise NotToBeSwapped
    then = {"staff": to, "starts_at__lt": shift.ends_at, "ends_at__gt": shift.starts_at}
    if Shift.objects.standing().filter(**then).exists():
        raise ShiftOverlaps
    if Absence.objects.granted().filter(**then).exists():
        raise AwayThen
    fresh = Shift.objects.create(staff=to, starts_at=shift.starts_at, ends_at=shift.ends_at, time_zone=shift.time_zone)
    audit.record("shift.cancelled", actor=by.actor, obj=("shift", shift.public_id), fields=["cancelled_at"])
    detail: dict[str, audit.Detail] = {"staff": to.public_id, "instead_of": shift.public_id}
    audit.record("shift.planned", actor=by.actor, obj=("shift", fresh.public_id), detail=detail)


def _step(swap: ShiftSwap, before: tuple[str, ...], step: Mapping[str, object], by: Staff) -> None:
    """Take one step, once; of a swap whose shifts have begun or are cancelled there is none any more."""
    rows = ShiftSwap.objects.standing().filter(pk=swap.pk, state__in=before)
    # Locked first, with its shifts: an UPDATE that joins looks at them only before it waits.
    shifts = [pk for pk in (swap.offered_id, swap.wanted_id) if pk is not None]
    list(Shift.objects.filter(pk__in=shifts).order_by("pk").select_for_update(of=("self",), no_key=True))
    if not ShiftSwap.objects.filter(pk=swap.pk).select_for_update(of=("self",), no_key=True).exists():
        raise SwapIsOver
    if not rows.exists():
        raise SwapIsOver
    ShiftSwap.objects.filter(pk=swap.pk).update(**step, changed_at=DatabaseNow())
    _record(f"shiftswap.{step['state']}", swap, by)


def _lock(people: Iterable[int]) -> None:
    """Lock people in one order, as planning does: nobody gets another shift meanwhile."""
    list(Staff.objects.filter(pk__in=set(people)).order_by("pk").select_for_update(of=("self",), no_key=True))


def _record(action: str, swap: ShiftSwap, by: Staff) -> None:
    detail: dict[str, audit.Detail] = {
        "by": swap.by.public_id,
        "to": swap.to.public_id,
        "offered": swap.offered.public_id,
        "wanted": swap.wanted.public_id if swap.wanted else None,
    }
    audit.record(action, actor=by.actor, obj=("shiftswap", swap.public_id), fields=["state"], detail=detail)
