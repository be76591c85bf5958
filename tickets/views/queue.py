"""Doors of the queue: pages, rows, counts."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.selectors import navigation, queue
from tickets.views.shared import page, rows_shown, staff_of, takes, wants_fragment


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
    context = queue_context(request, slug)
    context["pane"] = "queue"
    return page(request, "desk/_queue.html" if wants_fragment(request) else "desk/view.html", context)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("view", "after", "only", "open")
def rows(request: HttpRequest) -> HttpResponse:
    """More rows after a cursor, or one row read again."""
    slug = request.GET.get("view", "open")
    person = staff_of(request)
    tickets = queue.tickets_of(slug, person)
    if tickets is None:
        raise Http404
    context: dict[str, object] = {"view": view_shown(request, slug), "open_id": request.GET.get("open", "")}
    if only := request.GET.get("only"):
        row = queue.one(tickets=tickets, public_id=only[:20])
        found = rows_shown((row,) if row else (), slug)
        return page(request, "desk/_rows.html", {**context, "rows": found, "next_cursor": "", "is_single": True})
    after = request.GET.get("after", "")
    try:
        listed = queue.page(tickets=tickets, after=after)
    except queue.BadCursorError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context |= {
        "rows": rows_shown(listed.rows, slug),
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
    """Return the middle pane's context; 404 for a view this person does not have."""
    tickets = queue.tickets_of(slug, staff_of(request))
    if tickets is None:
        raise Http404
    listed = queue.page(tickets=tickets)
    return {
        "view": view_shown(request, slug),
        "rows": rows_shown(listed.rows, slug),
        "next_cursor": listed.next_cursor,
        "is_first_page": True,
        "open_id": open_id,
    }


def view_shown(request: HttpRequest, slug: str) -> dict[str, object]:
    """Return a view's name and icon."""
    known = queue.views()
    if slug.startswith(queue.TEAM_PREFIX):
        known = queue.team_views(queue.visible_teams(staff_of(request)))
    found = next((one for one in known if one.slug == slug), None)
    if found is None:
        raise Http404
    return {
        "slug": slug,
        "name": found.name,
        "icon": found.icon,
        "count": "",
        "can_release": slug == "spam" and staff_of(request).has(Permission.SPAM_RELEASE),
        "url": f"?{urlencode({'view': slug})}",
    }
