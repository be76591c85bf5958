"""Doors of being on call: who is, standing in, swapping, and one's quiet hours."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.escalation_forms import QuietForm, StandInForm, SwapForm
from tickets.models import OnCallOverride, OnCallSchedule
from tickets.selectors import on_call as shown
from tickets.services import errors, on_call
from tickets.views.shared import page, staff_of, takes


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """Who is on call now, and in the next two weeks."""
    return page(request, "desk/on_call.html", shown.page(staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def stand_in(request: HttpRequest, schedule_id: str) -> HttpResponse:
    """Have somebody take over for a time."""
    schedule, form = _schedule_or_404(schedule_id), StandInForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        span = (said["starts"], said["ends"])
        on_call.stand_in(schedule=schedule, staff=said["staff"], span=span, by=staff_of(request))

    return _done(request, form, act)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def swap(request: HttpRequest, schedule_id: str) -> HttpResponse:
    """Ask another to swap."""
    schedule, form = _schedule_or_404(schedule_id), SwapForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        mine, theirs = (said["starts"], said["ends"]), (said["their_starts"], said["their_ends"])
        on_call.swap(schedule=schedule, other=said["staff"], mine=mine, theirs=theirs, by=staff_of(request))

    return _done(request, form, act)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def answer(request: HttpRequest, override_id: str) -> HttpResponse:
    """Agree, or decline."""
    override = _override_or_404(override_id)
    agrees = request.POST.get("answer") == "agree"
    return _done(request, None, lambda: on_call.answer(override=override, agrees=agrees, by=staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def cancel(request: HttpRequest, override_id: str) -> HttpResponse:
    """Take it back."""
    override = _override_or_404(override_id)
    return _done(request, None, lambda: on_call.cancel(override=override, by=staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def quiet_hours(request: HttpRequest) -> HttpResponse:
    """Set one's own quiet hours."""
    form = QuietForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        on_call.set_quiet_hours(person=staff_of(request), starts=said["quiet_from"], ends=said["quiet_until"])

    return _done(request, form, act)


def _done(request: HttpRequest, form: Form | None, act: Callable[[], object]) -> HttpResponse:
    """Do it and say so, or say why not."""
    if form is not None and not form.is_valid():
        problems = [str(one) for found in form.errors.get("__all__", []) for one in [found]]
        messages.error(request, " ".join(problems) or _("Choose a person and times."))
        return redirect("desk:on_call")
    try:
        act()
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Done."))
    return redirect("desk:on_call")


def _schedule_or_404(public_id: str) -> OnCallSchedule:
    schedule = shown.of_id(public_id)
    if schedule is None:
        raise Http404
    return schedule


def _override_or_404(public_id: str) -> OnCallOverride:
    override = shown.override_of_id(public_id)
    if override is None:
        raise Http404
    return override
