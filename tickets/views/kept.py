"""Doors of what is kept to begin with: checklists."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.kept_forms import ChecklistForm, KeptForm
from tickets.models import ChecklistTemplate
from tickets.selectors import kept as shown
from tickets.services import errors, shelf
from tickets.views.shared import page, staff_of, takes

REFUSED = 422


@require_safe
@staff_required(Permission.TICKET_UPDATE)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """One's own, and those that are shared."""
    return page(request, "desk/kept.html", shown.kept_by(staff_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
@takes()
def checklist_new(request: HttpRequest) -> HttpResponseBase:
    """Keep a checklist."""
    person = staff_of(request)
    form = ChecklistForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            fields = form.wording().fields()
            shelf.add(ChecklistTemplate, by=person, fields=fields, is_shared=form.is_shared, team=form.team)
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("desk:kept")
    return _shown(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
@takes()
def checklist_one(request: HttpRequest, kept_id: str) -> HttpResponseBase:
    """Change one's own, or a shared one as whoever keeps them."""
    person, row = staff_of(request), _checklist(request, kept_id)
    form = ChecklistForm(request.POST or None, person=person, is_new=False, initial=ChecklistForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            shelf.change(row, by=person, fields=form.wording().fields())
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("desk:kept")
    return _shown(request, form, row)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def checklist_archive(request: HttpRequest, kept_id: str) -> HttpResponse:
    """Put one away; what it has put on tickets stays."""
    shelf.archive(_checklist(request, kept_id), by=staff_of(request))
    return redirect("desk:kept")


def _checklist(request: HttpRequest, kept_id: str) -> ChecklistTemplate:
    row = ChecklistTemplate.objects.editable_by(staff_of(request)).filter(public_id=kept_id).first()
    if row is None:
        raise Http404
    return row


def _shown(request: HttpRequest, form: KeptForm, row: ChecklistTemplate | None = None) -> HttpResponse:
    context = {"form": form, "kept": row}
    return page(request, "desk/kept_form.html", context, status=REFUSED if request.method == "POST" else 200)
