"""Doors of escalation: what waits for somebody, acknowledging it, and the dry run."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import record_denial, staff_required
from tickets.escalation_forms import DryRunForm
from tickets.selectors import escalation_plan
from tickets.selectors import escalations as shown
from tickets.services import errors, escalations
from tickets.views.shared import page, staff_of, takes


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """What was told to whoever looks and waits; for leads all of it."""
    return page(request, "desk/escalations.html", shown.page(staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def acknowledge(request: HttpRequest, run_id: str) -> HttpResponse:
    """Take care of one: as somebody who was told, or as a lead."""
    run = shown.run_of_id(run_id)
    if run is None:
        raise Http404
    try:
        taken = escalations.acknowledge(run=run, by=staff_of(request))
    except errors.Refused as refused:
        record_denial(request, Permission.CHAT_LEAD, obj=("ticket", run.ticket.public_id))
        raise Http404 from refused
    messages.success(request, _("You take care of it: nobody else is told.") if taken else _("It was over before."))
    if request.POST.get("next") == "ticket":
        return redirect("desk:ticket", run.ticket.public_id)
    return redirect("desk:escalations")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def acknowledge_storm(request: HttpRequest, storm_id: str) -> HttpResponse:
    """Take care of all that is left of a storm."""
    count = escalations.acknowledge_storm(public_id=storm_id, by=staff_of(request))
    if not count:
        raise Http404
    told = ngettext("You take care of %(count)d ticket.", "You take care of %(count)d tickets.", count)
    messages.success(request, told % {"count": count})
    return redirect("desk:escalations")


@require_safe
@staff_required(Permission.CHAT_LEAD)
@takes("ticket", "priority", "team", "metric", "warned", "breached", "go")
def dry_run(request: HttpRequest) -> HttpResponse:
    """What would happen when and to whom, for a ticket or for one that is only thought of; nothing is written."""
    form = DryRunForm(request.GET if "go" in request.GET else None)
    plan = None
    if form.is_bound and form.is_valid():
        plan = escalation_plan.of(form.wish(), staff_of(request))
    return page(request, "desk/escalation_try.html", {"form": form, "plan": plan})
