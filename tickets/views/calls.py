"""Doors of the phone at the desk: who waits, one's own number, and the calls of a ticket."""

from collections.abc import Callable
from typing import cast

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.security_headers import PERMISSIONS
from security.access import staff_required
from security.services import conversation_words
from tickets.channels.phone import softphone
from tickets.models import PhoneCall, Ticket
from tickets.selectors import phone_desk as shown
from tickets.services import errors, phone_callbacks, phone_desk, phone_numbers, phone_recordings
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

MICROPHONE = "microphone=()"


@require_safe
@staff_required(Permission.TICKET_REPLY)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """Who calls and waits, one's own calls, and one's own number; in part what the page asks for again by itself."""
    person = staff_of(request)
    if wants_fragment(request):
        return page(request, "desk/_calls.html", {"live": shown.live(person), "callbacks": shown.callbacks(person)})
    line = shown.line_with_key()
    has_phone = line is not None and settings.PHONE_SDK_PATH.startswith("/")
    check = shown.check_of(person)
    context = {
        "live": shown.live(person),
        "callbacks": shown.callbacks(person),
        "number": shown.number_of(person),
        "code": phone_numbers.code_of(check) if check is not None else "",
        "sdk": settings.PHONE_SDK_PATH if has_phone else "",
    }
    answer = page(request, "desk/calls.html", context)
    if has_phone:
        answer.headers["Permissions-Policy"] = PERMISSIONS.replace(MICROPHONE, "microphone=(self)")
        return _with_hosts(request, answer)
    return answer


def _with_hosts(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Let the page's script talk to the provider's hosts, and to no other."""
    hosts = list(settings.PHONE_SDK_HOSTS)
    allow = csp_update({"connect-src": hosts, "media-src": [SELF, *hosts]})
    return cast("HttpResponse", allow(lambda _request: answer)(request))


@require_POST
@staff_required(Permission.TICKET_REPLY)
def number(request: HttpRequest) -> HttpResponse:
    """Have one's own number called and checked; without a number, take calls on none."""
    given = request.POST.get("number", "").strip()
    try:
        if given:
            phone_numbers.begin(person=staff_of(request), number=given)
        else:
            phone_numbers.remove(person=staff_of(request))
    except errors.Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("desk:calls")


@require_POST
@staff_required(Permission.TICKET_REPLY)
def token(request: HttpRequest) -> HttpResponse:
    """What the provider's script signs in with; without a line that has a key there is none."""
    line = shown.line_with_key()
    if line is None:
        return JsonResponse({"token": ""})
    return JsonResponse({"token": softphone.token(line, staff_of(request).public_id)})


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def panel(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panel, which the side of a case loads by itself."""
    return _panel(request, ticket_or_404(request, public_id))


@require_POST
@staff_required(Permission.TICKET_REPLY)
def call_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """Call the ticket's customer; the server alone knows the number."""
    ticket = ticket_or_404(request, public_id)
    return _done(request, ticket, lambda: phone_desk.call_out(ticket=ticket, by=staff_of(request)))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def transfer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead the caller to another team, or to somebody: `to` is `team:…` or `staff:…`."""
    ticket, person = ticket_or_404(request, public_id), staff_of(request)
    kind, _colon, whom = request.POST.get("to", "").partition(":")
    team = Team.objects.visible_to(person).filter(public_id=whom).first() if kind == "team" else None
    to = Staff.objects.filter(public_id=whom, is_active=True).first() if kind == "staff" else None
    call = _call_or_404(request, ticket)
    return _done(request, ticket, lambda: phone_desk.transfer(call=call, by=person, team=team, to=to))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def ask_lead(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask a lead to join."""
    ticket = ticket_or_404(request, public_id)
    call = _call_or_404(request, ticket)
    lead = Staff.objects.filter(public_id=request.POST.get("lead", ""), is_active=True).first()

    def act() -> None:
        if lead is None:
            raise errors.Refused(_("Choose a person."))
        phone_desk.ask_lead(call=call, by=staff_of(request), lead=lead)

    return _done(request, ticket, act)


@require_safe
@staff_required(Permission.TICKET_VIEW)
def recording(request: HttpRequest, public_id: str, recording_id: str) -> HttpResponse:
    """A recorded talk as a file; whoever listens is recorded."""
    ticket, person = ticket_or_404(request, public_id), staff_of(request)
    found = phone_recordings.heard(ticket=ticket, public_id=recording_id, by=person)
    if found is None:
        raise Http404
    answer = HttpResponse(found, content_type="audio/mpeg")
    answer.headers["Content-Disposition"] = 'attachment; filename="call.mp3"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@staff_required(Permission.TICKET_VIEW)
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Call a customer of this ticket not back."""
    ticket, person = ticket_or_404(request, public_id), staff_of(request)
    found = ticket.callbacks.filter(public_id=request.POST.get("callback", "")).select_related("asked_in").first()
    if found is None or not person.has(Permission.TICKET_REPLY):
        raise Http404
    return _done(request, ticket, lambda: phone_callbacks.cancel(callback=found, by=person))


@require_POST
@staff_required(Permission.TICKET_VIEW)
def done(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say what is left to do after a call."""
    ticket = ticket_or_404(request, public_id)
    call, said = _call_or_404(request, ticket), request.POST

    def act() -> None:
        phone_desk.wrap_up(
            call=call, by=staff_of(request), disposition=said.get("disposition", ""), note=said.get("note", "")
        )

    return _done(request, ticket, act)


def _call_or_404(request: HttpRequest, ticket: Ticket) -> PhoneCall:
    """Return a call of the ticket; who may not answer the ticket finds none."""
    call = ticket.phone_calls.filter(public_id=request.POST.get("call", "")).first()
    if call is None or not staff_of(request).has(Permission.TICKET_REPLY):
        raise Http404
    return call


def _done(request: HttpRequest, ticket: Ticket, act: Callable[[], object]) -> HttpResponse:
    problem = ""
    try:
        act()
    except errors.Refused as refused:
        problem = str(refused.message)
    if not problem and not wants_fragment(request):
        return redirect("desk:ticket", ticket.public_id)
    return _panel(request, ticket, problem)


def _panel(request: HttpRequest, ticket: Ticket, problem: str = "") -> HttpResponse:
    context = {
        "ticket": ticket,
        "phone": shown.panel(ticket, staff_of(request)),
        "words": " ".join(conversation_words.current(case=ticket.public_id)),
        "problem": problem,
        "note": request.POST.get("note", "") if problem else "",
    }
    return page(request, "desk/_call_panel.html", context, status=422 if problem else 200)
