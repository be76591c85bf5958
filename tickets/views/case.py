"""Doors of one case: page, timeline, frames and files."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import Attachment, Message
from tickets.selectors import timeline
from tickets.services import staff_notices, viewing
from tickets.views.queue import queue_context
from tickets.views.shared import (
    case_context,
    content_link,
    head_context,
    page,
    side_context,
    staff_of,
    takes,
    ticket_or_404,
    wants_fragment,
    with_links,
)

PARTS = {"header": ("desk/_case_head.html", head_context), "side": ("desk/_side.html", side_context)}


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("view", "part")
def ticket(request: HttpRequest, public_id: str) -> HttpResponse:
    """The case; with `?part=` only its head or side."""
    found = ticket_or_404(request, public_id)
    if part := PARTS.get(request.GET.get("part", "")):
        template, build = part
        return page(request, template, {**head_context(request, found), **build(request, found)})
    viewing.viewed(found, by=staff_of(request))
    context = case_context(request, found)
    if wants_fragment(request):
        return page(request, "desk/_case.html", context)
    slug = request.GET.get("view", "open")
    try:
        beside = queue_context(request, slug, open_id=found.public_id)
    except Http404:
        beside = queue_context(request, "open", open_id=found.public_id)
    return page(request, "desk/ticket.html", {**beside, **context, "pane": "case"})


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("since", "before", "only")
def messages(request: HttpRequest, public_id: str) -> HttpResponse:
    """Messages after `since` (one answer's worth), before `before`, or `only` one."""
    found = ticket_or_404(request, public_id)
    try:
        asked = {name: int(request.GET[name]) for name in ("since", "before", "only") if name in request.GET}
    except ValueError:
        return HttpResponseBadRequest("since, before and only are whole numbers.")
    if "since" in asked:
        # Who has the ticket on screen has seen what came.
        staff_notices.looked(ticket=found, by=staff_of(request))
    context: dict[str, object] = {**head_context(request, found), "last_seq": found.last_seq, "is_older": False}
    if "before" in asked:
        older = timeline.before(found, asked["before"])
        shown = older.messages
        context |= {"is_older": True, "has_earlier": older.has_earlier, "first_seq": older.first_seq}
    elif "only" in asked:
        shown = timeline.only(found, asked["only"])
    else:
        shown = timeline.since(found, asked.get("since", 0))
    context["messages"] = with_links(request, found, shown)
    return page(request, "desk/_messages.html", context)


@require_safe
@staff_required(Permission.TICKET_VIEW)
def frame(request: HttpRequest, public_id: str, seq: int) -> HttpResponse:
    """Lead to a message's HTML on the content origin."""
    found = ticket_or_404(request, public_id)
    message = Message.objects.filter(ticket=found, seq=seq, withdrawn_at__isnull=True).exclude(html="").first()
    if message is None:
        raise Http404
    kind = "message-images" if request.GET.get("images") == "1" else "message"
    return redirect(content_link(request, kind=kind, target=message.public_id))


@require_safe
@staff_required(Permission.TICKET_VIEW)
def attachment(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Lead to a file, or its preview, on the content origin."""
    found = ticket_or_404(request, public_id)
    row = Attachment.objects.kept().filter(public_id=file_id, message__ticket=found).first()
    if row is None:
        raise Http404
    kind = "preview" if request.GET.get("preview") == "1" else "file"
    return redirect(content_link(request, kind=kind, target=row.public_id))
