"""Doors of how cases belong together: links, merging, splitting."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import record_denial, require, staff_required
from tickets.models import Ticket
from tickets.search.language import LONGEST
from tickets.selectors import cases, timeline
from tickets.selectors import links as linked
from tickets.services import errors, merging, splitting, viewing
from tickets.services import links as linking
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment, with_links

# A number of a message has fewer.
DIGITS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes("q")
def links(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panel, which the side of a case loads by itself; `q` asks for cases to link with. By POST link with one."""
    if request.method == "POST":
        require(request, Permission.TICKET_UPDATE)
        return _link(request, ticket_or_404(request, public_id))
    ticket = ticket_or_404(request, public_id)
    if "q" in request.GET:
        text = request.GET["q"][:LONGEST].strip()
        found = linked.found(text, ticket=ticket, person=staff_of(request)) if text else []
        return page(request, "desk/_links_found.html", {"found": found, "q": text})
    return _panel(request, ticket)


def _link(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """Link with what was chosen (`other`, a public id), else with the number in `q`."""
    given = (request.POST.get("other") or request.POST.get("q", ""))[:LONGEST]
    relation = request.POST.get("relation", "related")
    try:
        other = chosen(request, given)
        linking.add(ticket=ticket, other=other, relation=relation, by=staff_of(request))
    except errors.Refused as refused:
        return _panel(request, ticket, q=given, relation=relation, problem=str(refused.message))
    if not wants_fragment(request):
        return redirect("desk:ticket", ticket.public_id)
    return _panel(request, ticket, is_done=True)


def chosen(request: HttpRequest, given: str) -> Ticket:
    """Return the case named by number or id. Raises NoSuchTicket; that somebody asked for a hidden one is recorded."""
    given = given.strip()
    other = linked.numbered(given, staff_of(request)) if given else None
    if other is None:
        if given and cases.is_hidden(staff_of(request), given):
            record_denial(request, Permission.TICKET_VIEW, obj=("ticket", given))
        raise linking.NoSuchTicket
    return other


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def unlink(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a link (`link`, a public id) away, and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    try:
        linking.remove(ticket=ticket, link_id=request.POST.get("link", ""), by=staff_of(request))
    except errors.Refused as refused:
        return _panel(request, ticket, problem=str(refused.message))
    if not wants_fragment(request):
        return redirect("desk:ticket", ticket.public_id)
    return _panel(request, ticket, is_done=True)


def _panel(request: HttpRequest, ticket: Ticket, *, problem: str = "", **asked: str | bool) -> HttpResponse:
    person = staff_of(request)
    context = {
        "ticket": ticket,
        "links": linked.of_ticket(ticket, person),
        "can_link": person.has(Permission.TICKET_UPDATE),
        "problem": problem,
        **asked,
    }
    return page(request, "desk/_links.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
@takes("q", "into")
def merge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose a case (`q`, then `into`), read what merging does, and merge by POST (`into`, `confirmed`)."""
    require(request, Permission.TICKET_REPLY)
    ticket = ticket_or_404(request, public_id)
    try:
        if request.method != "POST":
            into = chosen(request, request.GET["into"]) if "into" in request.GET else None
            return _merge_page(request, ticket, into=into)
        into = chosen(request, request.POST.get("into", ""))
    except errors.Refused as refused:
        return _merge_page(request, ticket, problem=str(refused.message))
    try:
        merging.merge(source=ticket, into=into, by=staff_of(request), is_confirmed=request.POST.get("confirmed") == "1")
    except errors.Refused as refused:
        return _merge_page(request, ticket, into=into, problem=str(refused.message))
    return redirect("desk:ticket", into.public_id)


def _merge_page(request: HttpRequest, ticket: Ticket, *, into: Ticket | None = None, problem: str = "") -> HttpResponse:
    person, q = staff_of(request), request.GET.get("q", "")[:LONGEST].strip()
    context = {
        "ticket": cases.head(ticket),
        "q": q,
        "into": into,
        "is_other_person": into is not None and into.requester_id != ticket.requester_id,
        "problem": problem,
        "found": linked.found(q, ticket=ticket, person=person) if q else [],
        "near": linked.near(ticket, person) if not q and into is None else [],
    }
    return page(request, "desk/merge.html", context, status=422 if problem else 200)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def unmerge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Undo a merge; of one that is undone already the page says how it stands."""
    require(request, Permission.TICKET_REPLY)
    ticket = ticket_or_404(request, public_id)
    try:
        merging.undo(source=ticket, by=staff_of(request))
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:ticket", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
@takes("seq")
def split(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose what the new case is about; `seq` names the first. By POST open it (`subject`, several `seq`)."""
    require(request, Permission.TICKET_REPLY)
    ticket = ticket_or_404(request, public_id)
    if request.method != "POST":
        first = request.GET.get("seq", "")
        return _split_page(request, ticket, first=int(first) if first.isdecimal() and len(first) < DIGITS else None)
    seqs = {int(one) for one in request.POST.getlist("seq") if one.isdecimal() and len(one) < DIGITS}
    subject = request.POST.get("subject", "")
    try:
        new = splitting.split(ticket=ticket, seqs=seqs, subject=subject, by=staff_of(request))
    except errors.Refused as refused:
        return _split_page(request, ticket, subject=subject, seqs=seqs, problem=str(refused.message))
    return redirect("desk:ticket", new.public_id)


def _split_page(
    request: HttpRequest,
    ticket: Ticket,
    *,
    first: int | None = None,
    subject: str = "",
    seqs: set[int] | None = None,
    problem: str = "",
) -> HttpResponse:
    viewing.viewed(ticket, by=staff_of(request))
    shown = timeline.latest(ticket).messages if first is None else timeline.since(ticket, max(first - 1, 0))
    said = [one for one in shown if one.kind != "event" and not one.withdrawn]
    context = {
        "ticket": cases.head(ticket),
        "messages": said,
        "chosen": {one.seq for one in said} if first is not None else seqs or set(),
        "subject": subject,
        "problem": problem,
    }
    return page(request, "desk/split.html", context, status=422 if problem else 200)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("before", "seqs")
def read(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was said in a case, to be read inside another: its newest page, those `before` a seq, or chosen `seqs`."""
    ticket = ticket_or_404(request, public_id)
    before, chosen_seqs = request.GET.get("before", ""), request.GET.get("seqs", "").split(",")
    seqs = {int(one) for one in chosen_seqs if one.isdecimal() and len(one) < DIGITS}
    if seqs:
        shown, has_earlier, first = timeline.chosen(ticket, seqs), False, 1
    else:
        whole = timeline.before(ticket, int(before)) if before.isdecimal() and len(before) < DIGITS else None
        whole = whole or timeline.latest(ticket)
        shown, has_earlier, first = whole.messages, whole.has_earlier, whole.first_seq
    viewing.viewed(ticket, by=staff_of(request))
    said = tuple(one for one in shown if one.kind != "event")
    context = {
        "ticket": ticket,
        "messages": with_links(request, ticket, said),
        "has_earlier": has_earlier,
        "first_seq": first,
        "can": {},
    }
    return page(request, "desk/_read.html", context)
