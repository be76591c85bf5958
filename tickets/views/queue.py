"""Doors of the queue: pages, rows, counts."""

from collections.abc import Sequence
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from accounts.models import Team
from accounts.permissions import Permission
from security.access import staff_required
from tickets.selectors import listings, navigation, queue
from tickets.selectors.listings import Listing, UnknownOrderError, Wanted
from tickets.selectors.orders import BadCursorError
from tickets.views.listed import rows_shown, view_shown, wanted_of
from tickets.views.shared import page, staff_of, takes, wants_fragment

AS_IT_IS: Final = Wanted()


@require_safe
@staff_required(Permission.TICKET_VIEW)
def home(_request: HttpRequest) -> HttpResponse:
    """The desk opens on one's own tickets."""
    return redirect("desk:view", "mine")


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("q", "sort", "group")
def view(request: HttpRequest, slug: str) -> HttpResponse:
    """A view with its first page of rows."""
    try:
        context = {**queue_context(request, slug, wanted=wanted_of(request)), "pane": "queue"}
    except UnknownOrderError:
        return HttpResponseBadRequest("There is no such order.")
    return page(request, "desk/_queue.html" if wants_fragment(request) else "desk/view.html", context)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("view", "after", "only", "open", "q", "sort", "group")
def rows(request: HttpRequest) -> HttpResponse:
    """More rows after a cursor, or some rows read again."""
    person = staff_of(request)
    teams = queue.visible_teams(person)
    after = request.GET.get("after", "")
    open_id = request.GET.get("open", "")
    try:
        found = listing_or_404(request, request.GET.get("view", "open"), teams, wanted_of(request))
        view = view_shown(request, found)
        context: dict[str, object] = {"view": view, "listing": found}
        if only := request.GET.getlist("only"):
            changed = found.some(only[: queue.PAGE_SIZE])
            again = rows_shown(changed, found, view, open_id=open_id, has_headings=False)
            return page(request, "desk/_rows.html", {**context, "rows": again, "next_cursor": "", "is_single": True})
        listed = found.page(person, teams, after)
        group = found.order.group_at(after)
    except UnknownOrderError:
        return HttpResponseBadRequest("There is no such order.")
    except BadCursorError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context |= {
        "rows": rows_shown(listed.rows, found, view, open_id=open_id, group=group),
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


def queue_context(
    request: HttpRequest, slug: str, *, open_id: str = "", wanted: Wanted = AS_IT_IS
) -> dict[str, object]:
    """Return the middle pane's context, and the left pane's; 404 for a view this person does not have.

    Raises UnknownOrderError.
    """
    person = staff_of(request)
    # Read once for the three that ask: rows, the view's name, and the left pane with its counts.
    teams = queue.visible_teams(person)
    found = listing_or_404(request, slug, teams, wanted)
    listed = found.page(person, teams)
    view = view_shown(request, found)
    return {
        "view": view,
        "rows": rows_shown(listed.rows, found, view, open_id=open_id),
        "next_cursor": listed.next_cursor,
        "is_first_page": True,
        "nav": SimpleLazyObject(lambda: navigation.left_pane(person, path=request.path, teams=teams)),
    }


def listing_or_404(request: HttpRequest, slug: str, teams: Sequence[Team], wanted: Wanted) -> Listing:
    """Return a list of cases; 404 for a view this person does not have. Raises UnknownOrderError."""
    found = listings.listing(slug, staff_of(request), teams, wanted)
    if found is None:
        raise Http404
    return found
