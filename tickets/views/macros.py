"""Doors of macros on a case: what one would do, and doing it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import CannedReply
from tickets.selectors import action_words
from tickets.selectors import canned as shown
from tickets.services import actions, canned, errors
from tickets.views.shared import page, staff_of, takes, ticket_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes()
def one(request: HttpRequest, public_id: str, canned_id: str) -> HttpResponse:
    """What a macro would do to this ticket; by POST do it."""
    ticket, person = ticket_or_404(request, public_id), staff_of(request)
    macro = shown.usable(person, canned_id)
    if macro is None or not macro.actions:
        raise Http404
    problem = ""
    try:
        wish = planned(macro, person)
        if request.method == "POST":
            actions.apply(ticket=ticket, wish=wish)
            canned.used(reply=canned_id, by=person)
            return redirect("desk:ticket", public_id)
        refused = actions.refusal(ticket, wish)
        problem = str(refused) if refused else ""
    except errors.Refused as refused:
        problem = str(refused)
    context = {
        "ticket": ticket,
        "macro": macro,
        "sentences": action_words.described(macro.actions, staff_of(request)),
        "changes": action_words.changes(macro.actions, ticket, staff_of(request)),
        "problem": problem,
    }
    return page(request, "desk/macro.html", context, status=422 if request.method == "POST" else 200)


def planned(macro: CannedReply, person: Staff) -> actions.Plan:
    """Return what a macro does, for `person`. Raises Refused."""
    return actions.plan(actions.read(macro.actions), by=person)


def wished(request: HttpRequest) -> actions.Plan | None:
    """Return what a macro is to do together with a message. Raises Refused for one that is not theirs."""
    given = request.POST.get("macro", "")
    if not given:
        return None
    macro = shown.usable(staff_of(request), given)
    if macro is None:
        raise actions.NoSuchAction
    return planned(macro, staff_of(request))


def chip(request: HttpRequest) -> dict[str, object] | None:
    """Return what the composer goes on to show of the macro that came with a refused message."""
    given = request.POST.get("macro", "")
    macro = shown.usable(staff_of(request), given) if given else None
    if macro is None:
        return None
    sentences = action_words.described(macro.actions, staff_of(request))
    return {"id": macro.public_id, "title": macro.title, "sentences": sentences}
