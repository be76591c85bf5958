"""Doors of reports: their sections, the cases behind a figure, and both as a file."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from core import clock, rate_limits
from security.access import View, staff_required
from tickets.reports import asked as questions
from tickets.reports.asked import ASKS, CELLS, Asked, Unanswerable
from tickets.reports.csv_text import lines
from tickets.selectors import reports as shown
from tickets.selectors import reports_names
from tickets.services import report_exports
from tickets.views.shared import page, staff_of, takes

FILES_PER_MIN = 10
TOO_MANY = 429


def answers(view: Callable[..., HttpResponseBase]) -> View:
    """Answer 400 to what no report can tell."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Unanswerable:
            return HttpResponseBadRequest("No report answers this.")

    return guarded


@require_safe
@staff_required(Permission.REPORT_READ)
@takes(*ASKS)
@answers
def home(request: HttpRequest, section: str = "levels") -> HttpResponse:
    """One section of the report of a period."""
    person = staff_of(request)
    asked = _asked(request.GET)
    found = shown.section(section, asked, person)
    if found is None:
        raise Http404
    context = {
        "section": found,
        "sections": [(slug, label) for slug, (label, _build) in shown.SECTIONS.items()],
        "asked": asked,
        "period": asked.period,
        "query": asked.query(),
        "parameters": asked.parameters(),
        "filters": reports_names.filters(person),
        "periods": _periods(),
    }
    return page(request, "desk/reports.html", context)


@require_safe
@staff_required(Permission.REPORT_READ)
@takes(*ASKS, *CELLS, "after")
@answers
def cases(request: HttpRequest) -> HttpResponse:
    """The cases behind one figure."""
    asked = _asked(request.GET)
    found = shown.listed(asked, staff_of(request), after=request.GET.get("after", ""))
    context = {
        "listed": found,
        "asked": asked,
        "query": asked.query(),
        "parameters": asked.parameters(),
        "narrowed": shown.narrowed_by(asked),
    }
    return page(request, "desk/report_cases.html", context)


@require_POST
@staff_required(Permission.REPORT_READ)
@answers
def export(request: HttpRequest) -> HttpResponseBase:
    """A table of a section, or the cases behind a figure, as a file."""
    person = staff_of(request)
    spent = rate_limits.spend(scope="report-export", who=person.public_id, limit=FILES_PER_MIN)
    if spent is not None and spent.is_over:
        return render(request, "429.html", status=TOO_MANY)
    asked = _asked(request.POST)
    slug, name = request.POST.get("section", ""), request.POST.get("table", "")
    if slug == "cases":
        name = asked.only.get("figure", "opened")
        count, rows = shown.total(asked, person), shown.case_rows(asked, person)
        if count > shown.MOST_EXPORTED:
            raise Unanswerable
    else:
        section = shown.section(slug, asked, person)
        table = section.table(name) if section else None
        if table is None:
            raise Http404
        count, rows = len(table.rows), shown.table_rows(table, asked)
    report_exports.record(by=person, table=f"{slug}-{name}"[:40], rows=count, asked=asked)
    content = lines(rows, zone=asked.zone, has_bom=request.POST.get("bom") == "1")
    named = f"report-{slug}-{name}-{asked.first_day}-{asked.last_day}.csv"
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{named}"'},
    )


def _asked(given: Mapping[str, str]) -> Asked:
    return questions.read(given, now=clock.now(), zone=timezone.get_current_timezone())


def _periods() -> list[tuple[str, str]]:
    return [("today", _("Today")), ("7d", _("7 days")), ("30d", _("30 days")), ("own", _("Own dates"))]
