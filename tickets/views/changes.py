"""Doors that change a case's properties; each calls one service and answers with the case's head."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Staff, Team
from accounts.permissions import Permission
from security.access import require, staff_required
from tickets.models import Message, Ticket, Topic
from tickets.models.ticket import Priority, Status
from tickets.selectors import snoozes as asleep
from tickets.selectors import timeline
from tickets.selectors.languages import LANGUAGES, language_name
from tickets.services import errors, identity_documents, properties, snoozes
from tickets.services import status as statuses
from tickets.views.shared import head_context, page, staff_of, ticket_or_404, wants_fragment, with_links

MAX_CHOSEN = 200
T = TypeVar("T")
Act = Callable[[HttpRequest, Ticket, Staff, int | None], Any]


def _door(act: Act, *, tells: str = "") -> Callable[..., Any]:
    """Return a door of this act; `tells` is an event for other parts of the page."""

    @require_POST
    @staff_required(Permission.TICKET_UPDATE)
    def door(request: HttpRequest, public_id: str) -> HttpResponse:
        ticket = ticket_or_404(request, public_id)
        given = request.POST.get("version", "")
        code, problems, conflict = 200, [], None
        try:
            act(request, ticket, staff_of(request), int(given) if given.isdecimal() else None)
        except errors.StaleChange as stale:
            code, conflict = 409, _conflict(ticket, stale)
        except errors.Refused as refused:
            code, problems = 422, [str(refused.message)]
        if not wants_fragment(request) and code == 200:
            return redirect("desk:ticket", public_id)
        context = head_context(request, ticket_or_404(request, public_id))
        told = {**context, "errors": problems, "conflict": conflict}
        response = page(request, "desk/_case_head.html", told, status=code)
        if tells:
            response.headers["HX-Trigger"] = tells
        return response

    return door


def _conflict(ticket: Ticket, stale: errors.StaleChange) -> dict[str, Any]:
    """Return who changed the ticket last, and when."""
    last = ticket.messages.filter(kind="event").select_related("staff").order_by("-seq").first()
    by = last.staff.name if last and last.staff else ""
    return {"by": by, "at": last.created_at if last else None, "changes": [str(stale.message)]}


def _chosen(found: T | None, given: str) -> T | None:
    """Return what was chosen, None for an empty choice; an unknown one is refused with a sentence."""
    if given and found is None:
        raise errors.Refused(_("That choice does not exist any more."))
    return found


def _named(given: str, known: Sequence[str]) -> str:
    """Return `given` if it is one of the known values; anything else is refused with a sentence."""
    if given not in known:
        raise errors.Refused(_("That choice does not exist any more."))
    return given


def _assign(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("assignee", "")
    to = Staff.objects.filter(public_id=given, is_active=True).first() if given else None
    properties.assign(ticket=ticket, to=_chosen(to, given), by=by, version=version)


def _status(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("status", "")
    statuses.move(ticket=ticket, to=_named(given, Status.values), by=by, version=version)


def _priority(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("priority", "")
    properties.set_priority(ticket=ticket, to=_named(given, Priority.values), by=by, version=version)


def _tags(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    properties.set_tags(ticket=ticket, names=request.POST.getlist("tags"), by=by, version=version)


def _topic(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("topic", "")
    to = Topic.objects.filter(slug=given, is_active=True).first() if given else None
    properties.set_topic(ticket=ticket, to=_chosen(to, given), by=by, version=version)


def _team(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("team", "")
    to = Team.objects.visible_to(by).filter(slug=given).first() if given else None
    properties.move_to_team(ticket=ticket, to=_chosen(to, given), by=by, version=version)


def _snooze(request: HttpRequest, ticket: Ticket, by: Staff, _version: int | None) -> None:
    until = asleep.moment(request.POST.get("preset", ""), request.POST.get("until", ""))
    if until is None:
        raise snoozes.NoSuchTime
    snoozes.put_to_sleep(ticket=ticket, until=until, by=by, reason=request.POST.get("reason", ""))


def _wake(_request: HttpRequest, ticket: Ticket, by: Staff, _version: int | None) -> None:
    snoozes.wake(ticket=ticket, by=by)


def _language(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    given = request.POST.get("language", "")
    properties.set_language(ticket=ticket, to=_named(given, LANGUAGES), by=by, version=version)


def _spam(request: HttpRequest, ticket: Ticket, by: Staff, version: int | None) -> None:
    """The wanted value is said, never toggled; letting spam back into the queues takes a right of its own."""
    is_spam = _named(request.POST.get("is_spam", ""), ("0", "1")) == "1"
    if not is_spam:
        require(request, Permission.SPAM_RELEASE)
    properties.set_spam(ticket=ticket, is_spam=is_spam, by=by, version=version)


@require_POST
@staff_required(Permission.SPAM_RELEASE)
def spam_release(request: HttpRequest) -> HttpResponse:
    """Release the chosen cases from spam."""
    person = staff_of(request)
    chosen = Ticket.objects.visible_to(person).filter(public_id__in=request.POST.getlist("ticket")[:MAX_CHOSEN])
    count = properties.release_spam(tickets=list(chosen), by=person)
    messages.success(
        request, ngettext("%(count)s ticket released.", "%(count)s tickets released.", count) % {"count": count}
    )
    return redirect("desk:view", "spam")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
def message_language(request: HttpRequest, public_id: str, seq: int) -> HttpResponse:
    """The languages to choose from; by POST correct one message's language and answer with the message."""
    ticket = ticket_or_404(request, public_id)
    message = Message.objects.filter(ticket=ticket, seq=seq).exclude(kind="event").select_related("ticket").first()
    if message is None:
        raise Http404
    if request.method != "POST":
        languages = [(code, language_name(code)) for code in LANGUAGES]
        context = {"languages": languages, "current": message.language}
        return page(request, "desk/_message_language_choices.html", context)
    given = request.POST.get("language", "")
    if given not in LANGUAGES:
        return HttpResponse(status=422)
    properties.set_message_language(message=message, to=given, by=staff_of(request))
    if not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    shown = with_links(request, ticket, timeline.only(ticket, seq))
    return page(request, "desk/_message.html", {**head_context(request, ticket), "message": shown[0]})


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def documents(request: HttpRequest, public_id: str, seq: int) -> HttpResponse:
    """Take files of a message for identity documents, and answer with the message, where they are no longer."""
    ticket = ticket_or_404(request, public_id)
    message = Message.objects.filter(ticket=ticket, seq=seq).exclude(kind="event").select_related("ticket").first()
    if message is None:
        raise Http404
    problem = ""
    try:
        identity_documents.mark(message=message, files=request.POST.getlist("file")[:MAX_CHOSEN], by=staff_of(request))
    except errors.Refused as refused:
        problem = str(refused.message)
    if not wants_fragment(request) and not problem:
        return redirect("desk:ticket", public_id)
    shown = with_links(request, ticket, timeline.only(ticket, seq))
    shown[0].problem = problem
    context = {**head_context(request, ticket), "message": shown[0]}
    return page(request, "desk/_message.html", context, status=422 if problem else 200)


snooze = _door(_snooze)
wake = _door(_wake)
assign = _door(_assign)
status = _door(_status)
priority = _door(_priority)
tags = _door(_tags)
# Other topics ask for other fields.
topic = _door(_topic, tells="topic-chosen")
team = _door(_team)
language = _door(_language)
spam = _door(_spam)
