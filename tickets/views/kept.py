"""Doors of what is kept to begin with: checklists and ticket templates."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.kept_forms import ChecklistForm, KeptForm, TemplateForm
from tickets.models import ChecklistTemplate, TicketTemplate
from tickets.selectors import custom_fields
from tickets.selectors import kept as shown
from tickets.selectors.custom_fields import FieldShown
from tickets.services import errors, shelf, ticket_templates
from tickets.services.custom_fields import BadValues
from tickets.views.shared import page, staff_of, takes
from tickets.views.work import given_fields

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
@staff_required(Permission.TICKET_VIEW)
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
@staff_required(Permission.TICKET_VIEW)
def checklist_archive(request: HttpRequest, kept_id: str) -> HttpResponse:
    """Put one away; what it has put on tickets stays."""
    shelf.archive(_checklist(request, kept_id), by=staff_of(request))
    return redirect("desk:kept")


def _checklist(request: HttpRequest, kept_id: str) -> ChecklistTemplate:
    row = ChecklistTemplate.objects.editable_by(staff_of(request)).filter(public_id=kept_id).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_CREATE)
@takes()
def template_new(request: HttpRequest) -> HttpResponseBase:
    """Keep a ticket template (`f-KEY` for custom fields)."""
    person = staff_of(request)
    form = TemplateForm(request.POST or None, person=person)
    given, problems = given_fields(request), {}
    if request.method == "POST" and form.is_valid():
        try:
            wording = form.wording(given)
            ticket_templates.add(by=person, wording=wording, is_shared=form.is_shared, team=form.team)
        except errors.Refused as refused:
            problems = _problems(form, refused)
        else:
            return redirect("desk:kept")
    return _shown(request, form, fields=custom_fields.of_all(given, problems))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes()
def template_one(request: HttpRequest, kept_id: str) -> HttpResponseBase:
    """Change one's own, or a shared one as whoever keeps them."""
    person, row = staff_of(request), _template(request, kept_id)
    form = TemplateForm(request.POST or None, person=person, is_new=False, initial=TemplateForm.initial_of(row))
    is_sent = request.method == "POST"
    given, problems = given_fields(request) if is_sent else shown.values_of(row), {}
    if is_sent and form.is_valid():
        try:
            ticket_templates.change(template=row, by=person, wording=form.wording(given))
        except errors.Refused as refused:
            problems = _problems(form, refused)
        else:
            return redirect("desk:kept")
    return _shown(request, form, row, fields=custom_fields.of_all(given, problems))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def template_archive(request: HttpRequest, kept_id: str) -> HttpResponse:
    """Put one away."""
    shelf.archive(_template(request, kept_id), by=staff_of(request))
    return redirect("desk:kept")


def _template(request: HttpRequest, kept_id: str) -> TicketTemplate:
    rows = TicketTemplate.objects.editable_by(staff_of(request)).select_related("topic", "to_team", "checklist")
    row = rows.filter(public_id=kept_id).first()
    if row is None:
        raise Http404
    return row


def _problems(form: KeptForm, refused: errors.Refused) -> dict[str, str]:
    form.add_error(None, str(refused.message))
    return refused.problems if isinstance(refused, BadValues) else {}


def _shown(
    request: HttpRequest,
    form: KeptForm,
    row: ChecklistTemplate | TicketTemplate | None = None,
    fields: Sequence[FieldShown] = (),
) -> HttpResponse:
    is_template = isinstance(form, TemplateForm)
    put_away = "desk:template_archive" if is_template else "desk:checklist_archive"
    context = {
        "form": form,
        "kept": row,
        "fields": fields,
        "title": _("Ticket template") if is_template else _("Checklist"),
        "archive_url": reverse(put_away, args=[row.public_id]) if row else "",
    }
    return page(request, "desk/kept_form.html", context, status=REFUSED if request.method == "POST" else 200)
