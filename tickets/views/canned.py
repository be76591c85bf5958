"""Doors of canned replies: the composer's list, counting, and the page where they are kept."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets import canned_words
from tickets.action_forms import initial_of
from tickets.canned_forms import CannedForm
from tickets.selectors import action_words
from tickets.selectors import canned as shown
from tickets.services import canned, errors
from tickets.views.shared import page, staff_of, takes, ticket_or_404

REFUSED = 422
FORM = "desk/canned_form.html"


@require_safe
@staff_required(Permission.TICKET_REPLY)
@takes()
def for_composer(request: HttpRequest, public_id: str) -> HttpResponse:
    """What may be inserted on this ticket."""
    ticket = ticket_or_404(request, public_id)
    return JsonResponse({"replies": shown.for_composer(ticket, staff_of(request))})


@require_POST
@staff_required(Permission.TICKET_VIEW)
def used(request: HttpRequest, canned_id: str) -> HttpResponse:
    """One was put into a message."""
    if not canned.used(reply=canned_id, by=staff_of(request)):
        raise Http404
    return HttpResponse(status=204)


@require_safe
@staff_required(Permission.TICKET_REPLY)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """One's own, and those that are shared."""
    return page(request, "desk/canned.html", shown.kept_by(staff_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_REPLY)
@takes()
def new(request: HttpRequest) -> HttpResponseBase:
    """Add one."""
    person = staff_of(request)
    form = CannedForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            canned.add(by=person, wording=form.wording, team=form.team, is_own=form.is_own)
        except errors.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk:canned")
    return _shown(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
@takes()
def one(request: HttpRequest, canned_id: str) -> HttpResponseBase:
    """Change one's own, or a shared one as whoever keeps them."""
    person = staff_of(request)
    reply = shown.editable(person, canned_id)
    if reply is None:
        raise Http404
    names = ("shortcut", "title", "text", "text_zh_hans", "is_active")
    initial = {name: getattr(reply, name) for name in names} | initial_of(action_words.read(reply.actions))
    form = CannedForm(request.POST or None, person=person, reply=reply, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            canned.change(reply=reply, by=person, wording=form.wording)
        except errors.Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("desk:canned")
    return _shown(request, form)


def _shown(request: HttpRequest, form: CannedForm) -> HttpResponse:
    context = {"form": form, "placeholders": list(canned_words.PLACEHOLDERS.items())}
    return page(request, FORM, context, status=REFUSED if request.method == "POST" else 200)
