"""Doors of swaps: offering one's own shift, answering, withdrawing, and the lead's word."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Shift, ShiftSwap, Staff
from accounts.permissions import Permission
from security.access import require, staff_required
from tickets.selectors import shifts
from tickets.selectors import swaps as shown
from tickets.services import errors, swaps
from tickets.views.shared import staff_of


@require_POST
@staff_required(Permission.TICKET_VIEW)
def offer(request: HttpRequest, shift_id: str) -> HttpResponse:
    """Offer one's own shift: `to` is person:<id>, or shift:<id> for one of theirs in exchange."""
    shift = shifts.of_id(shift_id)
    if shift is None:
        raise Http404
    by = require(request, Permission.TICKET_REPLY)
    to, wanted = _chosen(request.POST.get("to", ""))
    if to is None:
        messages.error(request, _("That choice does not exist any more."))
        return redirect("desk:shifts")
    return _answered(request, lambda: swaps.offer(shift=shift, to=to, by=by, wanted=wanted))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def answer(request: HttpRequest, swap_id: str) -> HttpResponse:
    """Accept or refuse (`answer`) what was offered to oneself."""
    swap, said = _or_404(swap_id), request.POST.get("answer", "")
    if said not in {"accept", "refuse"}:
        return HttpResponseBadRequest("answer is accept or refuse.")
    by = require(request, Permission.TICKET_REPLY)
    return _answered(request, lambda: swaps.answer(swap=swap, is_accepted=said == "accept", by=by))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def withdraw(request: HttpRequest, swap_id: str) -> HttpResponse:
    """Take one's own offer back."""
    swap, by = _or_404(swap_id), staff_of(request)
    return _answered(request, lambda: swaps.withdraw(swap=swap, by=by))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def decide(request: HttpRequest, swap_id: str) -> HttpResponse:
    """Approve or refuse (`decision`), as a lead."""
    swap, said = _or_404(swap_id), request.POST.get("decision", "")
    by = require(request, Permission.CHAT_LEAD)
    if said not in {"approve", "refuse"}:
        return HttpResponseBadRequest("decision is approve or refuse.")
    return _answered(request, lambda: swaps.decide(swap=swap, is_approved=said == "approve", by=by))


def _answered(request: HttpRequest, act: Callable[[], object]) -> HttpResponse:
    """Do it, and go back to the page of shifts, which says what was refused."""
    try:
        act()
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:shifts")


def _chosen(given: str) -> tuple[Staff | None, Shift | None]:
    kind, _colon, public_id = given.partition(":")
    if kind == "person":
        return Staff.objects.filter(public_id=public_id).first(), None
    shift = shifts.of_id(public_id) if kind == "shift" else None
    return (shift.staff, shift) if shift else (None, None)


def _or_404(swap_id: str) -> ShiftSwap:
    swap = shown.of_id(swap_id)
    if swap is None:
        raise Http404
    return swap
