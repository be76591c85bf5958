"""Doors of absences: asking for one, or entering it as a lead; granting and refusing; coming back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Absence
from accounts.permissions import Permission
from security.access import require, staff_required
from tickets.selectors import absences as shown
from tickets.services import absences, errors
from tickets.shift_forms import AbsenceForm
from tickets.views.shared import staff_of


@require_POST
@staff_required(Permission.TICKET_REPLY)
def new(request: HttpRequest) -> HttpResponse:
    """Ask for an absence of one's own; naming `staff`, as a lead, enters it for them."""
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a kind, a first and a last day."))
        return redirect("desk:shifts")
    said = form.cleaned_data
    staff = said.pop("staff")
    try:
        if staff is None:
            absences.request(away=absences.Away(**said), by=staff_of(request))
        else:
            absences.enter(staff=staff, away=absences.Away(**said), by=require(request, Permission.CHAT_LEAD))
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Asked for.") if staff is None else _("Entered."))
    return redirect("desk:shifts")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def decide(request: HttpRequest, absence_id: str) -> HttpResponse:
    """Grant or refuse (`decision`), as a lead."""
    absence = _or_404(absence_id)
    by, decision = require(request, Permission.CHAT_LEAD), request.POST.get("decision", "")
    if decision not in {"grant", "refuse"}:
        return HttpResponseBadRequest("decision is grant or refuse.")
    try:
        absences.decide(absence=absence, is_granted=decision == "grant", by=by)
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:shifts")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def withdraw(request: HttpRequest, absence_id: str) -> HttpResponse:
    """Withdraw what has not begun, or end what goes on: one's own, or as a lead."""
    absence = _or_404(absence_id)
    by = staff_of(request)
    if absence.staff_id != by.pk:
        require(request, Permission.CHAT_LEAD)
    try:
        absences.withdraw(absence=absence, by=by)
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:shifts")


def _or_404(absence_id: str) -> Absence:
    absence = shown.of_id(absence_id)
    if absence is None:
        raise Http404
    return absence
