"""Doors of the rota: the week, planning, cancelling, and the hand-over note."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Shift
from accounts.permissions import Permission
from security.access import require, staff_required
from tickets.selectors import shifts as shown
from tickets.services import errors, shifts
from tickets.shift_forms import FIRST_DAY, LAST_DAY, NoteForm, ShiftForm
from tickets.views.shared import page, staff_of, takes


@require_safe
@staff_required(Permission.TICKET_REPLY)
@takes("week")
def home(request: HttpRequest) -> HttpResponse:
    """The rota of a week: `week` is a day in it."""
    given = request.GET.get("week", "")
    try:
        week = date.fromisoformat(given) if given else None
    except ValueError:
        return HttpResponseBadRequest("week is a date.")
    if week is not None and not FIRST_DAY <= week <= LAST_DAY:
        return HttpResponseBadRequest("week is a date of this century.")
    return page(request, "desk/shifts.html", shown.page(staff_of(request), week))


@require_POST
@staff_required(Permission.CHAT_LEAD)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a shift."""
    form = ShiftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a person, a day and two times."))
        return redirect("desk:shifts")
    said = form.cleaned_data
    try:
        shifts.plan(
            staff=said["staff"], day=said["day"], starts=said["starts"], ends=said["ends"], by=staff_of(request)
        )
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Planned."))
    return redirect(f"{reverse('desk:shifts')}?week={said['day'].isoformat()}")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def cancel(request: HttpRequest, shift_id: str) -> HttpResponse:
    """Cancel a shift, as a lead."""
    shift = _or_404(shift_id)
    shifts.cancel(shift=shift, by=require(request, Permission.CHAT_LEAD))
    return redirect("desk:shifts")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def note(request: HttpRequest, shift_id: str) -> HttpResponse:
    """Write the note of one's own shift."""
    shift = _or_404(shift_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A note has 2,000 characters at most."))
        return redirect("desk:shifts")
    try:
        shifts.note(shift=shift, text=form.cleaned_data["note"], by=staff_of(request))
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:shifts")


def _or_404(shift_id: str) -> Shift:
    shift = shown.of_id(shift_id)
    if shift is None:
        raise Http404
    return shift
