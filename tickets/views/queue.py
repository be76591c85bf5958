"""Doors of the queue: pages, rows, counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.models import Team
from accounts.permissions import Permission
from security.access import staff_required
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import navigation, queue
from tickets.views.row_markup import RowMarkup
from tickets.views.shared import page, staff_of, takes, wants_fragment


@dataclass(frozen=True, slots=True)
class ViewShown:
    """The view that stands in the middle pane."""

    slug: str
    name: str
    can_release: bool


@require_safe
@staff_required(Permission.TICKET_VIEW)
def home(_request: HttpRequest) -> HttpResponse:
    """The desk opens on one's own tickets."""
    return redirect("desk:view", "mine")


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def view(request: HttpRequest, slug: str) -> HttpResponse:
    """A view with its first page of rows."""
    context = {**queue_context(request, slug), "pane": "queue"}
    return page(request, "desk/_queue.html" if wants_fragment(request) else "desk/view.html", context)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("view", "after", "only", "open")
def rows(request: HttpRequest) -> HttpResponse:
    """More rows after a cursor, or some rows read again."""
    slug = request.GET.get("view", "open")
    teams = queue.visible_teams(staff_of(request))
    tickets = tickets_or_404(request, slug, teams)
    view = view_shown(request, slug, teams)
    context: dict[str, object] = {"view": view}
    open_id = request.GET.get("open", "")
    if only := request.GET.getlist("only"):
        changed = queue.some(tickets=tickets, public_ids=only[: queue.PAGE_SIZE], view=slug)
        found = rows_shown(changed, view, open_id)
        return page(request, "desk/_rows.html", {**context, "rows": found, "next_cursor": "", "is_single": True})
    after = request.GET.get("after", "")
    try:
        listed = queue.page(tickets=tickets, after=after, view=slug)
    except queue.BadCursorError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context |= {
        "rows": rows_shown(listed.rows, view, open_id),
        "next_cursor": listed.next_cursor,
        "is_first_page": not after,
    }
    return page(request, "desk/_rows.html", context)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def counts(request: HttpRequest) -> HttpResponse:
    """Counts of all views, as shown."""
    return JsonResponse({"counts": navigation.shown_counts(staff_of(request))})


def queue_context(request: HttpRequest, slug: str, *, open_id: str = "") -> dict[str, object]:
    """Return the middle pane's context, and the left pane's; 404 for a view this person does not have."""
    person = staff_of(request)
    # Read once for the three that ask: rows, the view's name, and the left pane with its counts.
    teams = queue.visible_teams(person)
    listed = queue.first_page(slug, person, teams)
    if listed is None:
        raise Http404
    view = view_shown(request, slug, teams)
    return {
        "view": view,
        "rows": rows_shown(listed.rows, view, open_id),
        "next_cursor": listed.next_cursor,
        "is_first_page": True,
        "nav": SimpleLazyObject(lambda: navigation.left_pane(person, path=request.path, teams=teams)),
    }


def tickets_or_404(request: HttpRequest, slug: str, teams: Sequence[Team]) -> TicketQuerySet:
    """Return a view's tickets; 404 for a view this person does not have."""
    tickets = queue.tickets_of(slug, staff_of(request), teams)
    if tickets is None:
        raise Http404
    return tickets


def view_shown(request: HttpRequest, slug: str, teams: Sequence[Team]) -> ViewShown:
    """Return a view's name and what can be done in it."""
    known = queue.team_views(teams) if slug.startswith(queue.TEAM_PREFIX) else queue.views()
    found = next((one for one in known if one.slug == slug), None)
    if found is None:
        raise Http404
    return ViewShown(slug, found.name, can_release=slug == "spam" and staff_of(request).has(Permission.SPAM_RELEASE))


def rows_shown(rows: Iterable[queue.Row], view: ViewShown, open_id: str) -> list[SafeString]:
    """Return queue rows as HTML, with the link that opens them in this view."""
    markup = RowMarkup(view=view.slug, open_id=open_id, can_choose=view.can_release)
    return [markup(row) for row in rows]
