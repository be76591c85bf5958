"""Doors of the composer: reply, note, draft, files, undo, retry."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import Draft, Message, SocialTemplate, Ticket, Upload
from tickets.selectors import cases, timeline
from tickets.services import actions, deliveries, drafts, errors, replies, social_deliveries, social_templates
from tickets.services.senders import Sender
from tickets.views import macros
from tickets.views.shared import (
    composer_context,
    head_context,
    page,
    staff_of,
    ticket_or_404,
    wants_fragment,
    with_links,
)

COMPOSER = "desk/_composer.html"


@require_POST
@staff_required(Permission.TICKET_REPLY)
def reply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a reply with the files of the composer."""
    ticket = ticket_or_404(request, public_id)
    person = staff_of(request)
    seen = request.POST.get("seen_seq", "")
    anyway = request.POST.get("intent") == "send_anyway"

    def write() -> Message:
        return replies.add(
            ticket=ticket,
            sender=Sender.of_staff(person),
            channel="email" if "@" in ticket.requester_address else ticket.channel,
            words=replies.Words(text=request.POST.get("body", ""), client_key=request.POST.get("client_key", "")[:80]),
            attached=cases.uploads(ticket, person, Upload.Kind.REPLY),
            seen_public_seq=int(seen) if seen.isdecimal() and not anyway else None,
            then_status=request.POST.get("then_status") or None,
        )

    try:
        message = actions.with_message(
            ticket=ticket,
            wish=macros.wished(request),
            client_key=request.POST.get("client_key", "")[:80],
            write=write,
        )
    except errors.StaleReply as stale:
        return _stale(request, ticket, stale)
    except errors.Refused as refused:
        return _refused(request, ticket, refused, mode="reply")
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    context = composer_context(request, ticket_or_404(request, public_id), mode="reply")
    owed = hasattr(message, "outbound") or hasattr(message, "social_post")
    undo = {"seq": message.seq, "seconds": replies.undo_seconds()} if owed else None
    return page(request, "desk/_sent.html", {**context, "undo": undo})


@require_POST
@staff_required(Permission.TICKET_REPLY)
def template(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a text that the vendor of a social channel has approved, filled in."""
    ticket = ticket_or_404(request, public_id)
    chosen = request.POST.get("template", "")
    row = SocialTemplate.objects.filter(pk=chosen).first() if chosen.isascii() and chosen.isdecimal() else None
    try:
        if row is None:
            raise errors.Refused
        social_templates.send(
            ticket=ticket,
            template=row,
            values=request.POST.getlist("value"),
            by=staff_of(request),
            client_key=request.POST.get("client_key", "")[:80],
        )
    except errors.Refused as refused:
        return _refused(request, ticket, refused, mode="reply")
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    return page(request, COMPOSER, composer_context(request, ticket_or_404(request, public_id), mode="reply"))


@require_POST
@staff_required(Permission.TICKET_NOTE)
def note(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add an internal note."""
    ticket = ticket_or_404(request, public_id)
    person = staff_of(request)

    def write() -> Message:
        return replies.add_note(
            ticket=ticket,
            author=person,
            text=request.POST.get("body", ""),
            attached=cases.uploads(ticket, person, Upload.Kind.NOTE),
            client_key=request.POST.get("client_key", "")[:80],
        )

    try:
        actions.with_message(
            ticket=ticket,
            wish=macros.wished(request),
            client_key=request.POST.get("client_key", "")[:80],
            write=write,
        )
    except errors.Refused as refused:
        return _refused(request, ticket, refused, mode="note")
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    return page(request, COMPOSER, composer_context(request, ticket_or_404(request, public_id), mode="note"))


@require_POST
@staff_required(Permission.TICKET_NOTE)
def draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep unsent text."""
    ticket = ticket_or_404(request, public_id)
    mode = request.POST.get("mode", "reply")
    given = request.POST.get("draft_version", "0")
    if mode not in Draft.Kind.values or not given.isdecimal():
        return JsonResponse({"detail": _("mode is reply or note, draft_version a whole number.")}, status=400)
    person = staff_of(request)
    try:
        version = drafts.save(
            ticket=ticket, author=person, kind=mode, text=request.POST.get("body", ""), version=int(given)
        )
    except errors.StaleChange:
        return JsonResponse({"draft_version": drafts.version_of(ticket=ticket, author=person, kind=mode)}, status=409)
    return JsonResponse({"draft_version": version})


@require_POST
@staff_required(Permission.TICKET_NOTE)
def upload(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep one file for the message being written, a reply unless `mode` says note."""
    ticket = ticket_or_404(request, public_id)
    given = request.FILES.get("file")
    mode = request.POST.get("mode", Upload.Kind.REPLY)
    if given is None or isinstance(given, list):
        return JsonResponse({"detail": _("Choose a file first.")}, status=400)
    if mode not in Upload.Kind.values:
        return JsonResponse({"detail": _("mode is reply or note.")}, status=400)
    author, name = staff_of(request), given.name or "file"
    try:
        drafts.check_size(given.size or 0)
        row = drafts.upload(ticket=ticket, author=author, name=name, content=given.read(), kind=mode)
    except errors.Refused as refused:
        return JsonResponse({"detail": str(refused)}, status=413)
    context = {"ticket": cases.head(ticket), "file": cases.upload_shown(row)}
    return page(request, "desk/_upload.html", context, status=201)


@require_POST
@staff_required(Permission.TICKET_NOTE)
def upload_remove(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Take one's own waiting file away."""
    ticket = ticket_or_404(request, public_id)
    row = Upload.objects.filter(ticket=ticket, staff=staff_of(request), public_id=file_id).first()
    if row is None:
        raise Http404
    drafts.remove_upload(upload=row)
    return HttpResponse()


@require_POST
@staff_required(Permission.TICKET_REPLY)
def undo(request: HttpRequest, public_id: str, seq: int) -> HttpResponse:
    """Take one's own reply back within the undo window."""
    ticket = ticket_or_404(request, public_id)
    try:
        replies.withdraw(message=_message(ticket, seq), by=staff_of(request))
    except errors.TooLate:
        return HttpResponse(status=409)
    except errors.Refused as refused:
        return _refused(request, ticket, refused, mode="reply")
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    return page(request, COMPOSER, composer_context(request, ticket_or_404(request, public_id), mode="reply"))


@require_POST
@staff_required(Permission.TICKET_REPLY)
def retry(request: HttpRequest, public_id: str, seq: int) -> HttpResponse:
    """Send a failed mail again; one that already waits or has left is shown as it is, with 409."""
    ticket = ticket_or_404(request, public_id)
    message = _message(ticket, seq)
    code = 200
    try:
        if hasattr(message, "social_post"):
            social_deliveries.retry(post=message.social_post, by=staff_of(request))
        elif hasattr(message, "outbound"):
            deliveries.retry(outbound=message.outbound, by=staff_of(request))
        else:
            raise Http404
    except errors.Refused:
        code = 409
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    shown = with_links(request, ticket, timeline.only(ticket, seq))
    return page(request, "desk/_message.html", {**head_context(request, ticket), "message": shown[0]}, status=code)


def _message(ticket: Ticket, seq: int) -> Message:
    message = Message.objects.filter(ticket=ticket, seq=seq).select_related("outbound", "social_post", "ticket").first()
    if message is None:
        raise Http404
    return message


def _stale(request: HttpRequest, ticket: Ticket, stale: errors.StaleReply) -> HttpResponse:
    context = composer_context(request, ticket, mode="reply")
    first = stale.missed[0].seq - 1
    missed = [one for one in timeline.since(ticket, first) if one.public_seq is not None]
    context["composer"] |= {
        "body": request.POST.get("body", ""),
        "macro": macros.chip(request),
        "stale": {"count": len(missed), "messages": with_links(request, ticket, tuple(missed))},
        "seen_seq": max(one.public_seq or 0 for one in missed),
    }
    return page(request, COMPOSER, context, status=409)


def _refused(request: HttpRequest, ticket: Ticket, refused: errors.Refused, *, mode: str) -> HttpResponse:
    context = composer_context(request, ticket, mode=mode)
    body, macro = request.POST.get("body", ""), macros.chip(request)
    context["composer"] |= {"body": body, "macro": macro, "errors": [str(refused.message)]}
    return page(request, COMPOSER, context, status=422)
