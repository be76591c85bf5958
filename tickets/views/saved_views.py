"""Doors of saved views: making and changing one, its count while it is made, its place, putting it away."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets import view_forms
from tickets.models import SavedView
from tickets.models.saved_view import Grouping, Sort
from tickets.search.conditions import written
from tickets.search.language import LONGEST, MOST_TERMS, QueryError
from tickets.selectors import queue
from tickets.selectors import saved_views as shown
from tickets.services import errors, saved_views
from tickets.view_forms import Row, ViewForm
from tickets.views.shared import page, staff_of, takes

REFUSED = 422


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases fit now, or why nobody can tell."""

    number: int | None = None
    problem: str = ""
    piece: str = ""

    @property
    def is_capped(self) -> bool:
        """Whether there are more than are counted."""
        return self.number is not None and self.number > queue.COUNT_CAP


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes("q", "sort", "group")
def new(request: HttpRequest) -> HttpResponseBase:
    """Make a view, with what a list was narrowed to if one was."""
    person = staff_of(request)
    asked = request.GET.get
    initial = {"sort": asked("sort", "") or Sort.ACTIVE_LAST, "grouping": asked("group", "")}
    if initial["sort"] not in Sort.values or initial["grouping"] not in Grouping.values:
        return HttpResponseBadRequest("There is no such order.")
    form = ViewForm(request.POST or None, person=person, initial=initial)
    if request.method != "POST":
        return _shown(request, form, view_forms.rows_in(asked("q", "is:open")[:LONGEST]))
    rows = view_forms.rows_of(request.POST)
    if form.is_valid() and "count" not in request.POST:
        try:
            wording = form.wording(view_forms.query_of(rows))
            made = saved_views.add(by=person, wording=wording, is_shared=form.is_shared, team=form.team)
        except errors.Refused as refused:
            _refused(form, refused)
        else:
            return redirect("desk:view", shown.slug_of(made))
    return _shown(request, form, rows)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes()
def edit(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Change a view of one's own, or a shared one as whoever keeps them."""
    person = staff_of(request)
    view = _editable(request, slug)
    initial = {"name": view.name, "sort": view.sort, "grouping": view.grouping, "columns": view.columns}
    form = ViewForm(request.POST or None, person=person, view=view, initial=initial)
    if request.method != "POST":
        return _shown(request, form, view_forms.rows_in(view.query), view)
    rows = view_forms.rows_of(request.POST)
    if form.is_valid() and "count" not in request.POST:
        try:
            saved_views.change(view=view, by=person, wording=form.wording(view_forms.query_of(rows)))
        except errors.Refused as refused:
            _refused(form, refused)
        else:
            return redirect("desk:view", slug)
    return _shown(request, form, rows, view)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("field", "is", "value")
def count(request: HttpRequest) -> HttpResponse:
    """How many cases fit what stands in the form."""
    counted = _count(request, view_forms.rows_of(request.GET))
    return page(request, "desk/_view_count.html", {"count": counted})


@require_POST
@staff_required(Permission.TICKET_VIEW)
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a view away."""
    view = _editable(request, slug)
    saved_views.archive(view=view, by=staff_of(request))
    messages.success(request, _("The view “%(name)s” is put away.") % {"name": view.name})
    return redirect("desk:view", "open")


@require_POST
@staff_required(Permission.TICKET_VIEW)
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a view change places with the one above or below it."""
    saved_views.move(view=_editable(request, slug), by=staff_of(request), is_up=request.POST.get("to") == "up")
    return redirect("desk:view_edit", slug)


def _editable(request: HttpRequest, slug: str) -> SavedView:
    view = shown.editable(staff_of(request), slug)
    if view is None:
        raise Http404
    return view


def _refused(form: ViewForm, refused: errors.Refused) -> None:
    # What is wrong with the conditions stands beside their count.
    if not isinstance(refused, saved_views.BadConditions):
        form.add_error(None, str(refused))


def _count(request: HttpRequest, rows: Sequence[Row]) -> Count:
    try:
        return Count(shown.how_many(view_forms.query_of(rows), staff_of(request)))
    except QueryError as error:
        return Count(problem=error.sentence, piece=error.piece)


def _shown(request: HttpRequest, form: ViewForm, rows: Sequence[Row], view: SavedView | None = None) -> HttpResponse:
    counted = _count(request, rows)
    marked = [replace(row, is_wrong=_typed(row) == counted.piece) for row in rows]
    spare = min(view_forms.SPARE_ROWS, MOST_TERMS - len(marked))
    context = {
        "form": form,
        "view": view,
        "slug": shown.slug_of(view) if view else "",
        "rows": [*marked, *[Row()] * spare],
        "fields": view_forms.fields(),
        "choices": view_forms.choices(),
        "count": counted,
    }
    is_refused = request.method == "POST" and "count" not in request.POST
    return page(request, "desk/view_form.html", context, status=REFUSED if is_refused else 200)


def _typed(row: Row) -> str:
    return written(row.field, row.value, is_negated=row.is_negated) if row.field else row.value
