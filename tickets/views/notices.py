"""Doors of what concerns oneself: its page, how one wants to be told, and following tickets."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import Ticket
from tickets.notice_forms import NoticeForm
from tickets.selectors import following as followers
from tickets.selectors import navigation
from tickets.selectors import staff_notices as told
from tickets.services import errors, following, mentions, staff_notices
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

REFUSED = 422
LONGEST_NAME = 320


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def mine(request: HttpRequest) -> HttpResponse:
    """What concerns whoever asks, the newest first."""
    person = staff_of(request)
    rows = told.mine(person)
    context = {"rows": rows, "newest": told.newest(rows), "any_new": any(row.is_new for row in rows)}
    return page(request, "desk/notices.html", {**context, "nav": navigation.left_pane(person, path=request.path)})


@require_POST
@staff_required(Permission.TICKET_VIEW)
def done(request: HttpRequest) -> HttpResponse:
    """Count as looked at what had come by the moment `until` (ISO 8601): what the page showed, and nothing later."""
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        return HttpResponseBadRequest("until is a moment with its zone, as in ISO 8601.")
    staff_notices.put_away(by=staff_of(request), until=until)
    return redirect("desk:notices")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes()
def settings(request: HttpRequest) -> HttpResponse:
    """How whoever asks is told."""
    person = staff_of(request)
    form = NoticeForm(request.POST if request.method == "POST" else None, initial=_initial(person))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        staff_notices.choose(
            by=person, shown=given["shown"], pushed=given["pushed"], mailed=given["mailed"], digest=given["digest"]
        )
        messages.success(request, _("Saved."))
        return redirect("desk:notice_settings")
    context = {"form": form, "nav": navigation.left_pane(person, path=request.path)}
    return page(request, "desk/notice_settings.html", context, status=REFUSED if form.errors else 200)


def _initial(person: Staff) -> dict[str, Any]:
    chosen = told.chosen(person)
    names = ("shown", "pushed", "mailed", "digest")
    return {name: getattr(chosen, name) for name in names}


@require_POST
@staff_required(Permission.TICKET_VIEW)
def follow(request: HttpRequest, public_id: str) -> HttpResponse:
    """Follow a ticket, or no longer (`stop`), oneself or `person` (public id); `name` adds a colleague by name."""
    ticket = ticket_or_404(request, public_id)
    by = staff_of(request)
    problem = ""
    try:
        person = _meant(request, by)
        if "stop" in request.POST:
            following.unfollow(ticket=ticket, person=person, by=by)
        else:
            following.follow(ticket=ticket, person=person, by=by)
    except errors.Refused as refused:
        problem = str(refused.message)
    if not wants_fragment(request) and not problem:
        return redirect("desk:ticket", public_id)
    return _panel(request, ticket_or_404(request, public_id), problem)


def _meant(request: HttpRequest, by: Staff) -> Staff:
    """Return who is meant. Raises Refused for nobody, and for a name that several have."""
    given = request.POST.get("person", "")[:LONGEST_NAME]
    name = request.POST.get("name", "")[:LONGEST_NAME].strip()
    if not given and not name:
        return by
    if given:
        # Whoever left us is taken off as well.
        found = list(Staff.objects.filter(public_id=given))
    else:
        found = mentions.named_in(f"@{name}", Staff.objects.filter(is_active=True))
    if not found:
        raise errors.Refused(_("Nobody here has this name."))
    if len(found) > 1:
        raise errors.Refused(_("Several people have this name: write what stands before the @ of their address."))
    return found[0]


def _panel(request: HttpRequest, ticket: Ticket, problem: str) -> HttpResponse:
    context = {
        "ticket": ticket,
        "followers": followers.shown(ticket, staff_of(request)),
        "problem": problem,
        "name": request.POST.get("name", "")[:LONGEST_NAME] if problem else "",
        "is_done": not problem,
    }
    return page(request, "desk/_followers.html", context, status=REFUSED if problem else 200)
