"""What the desk's doors share: finding a visible ticket, full page or fragment, the context of a case."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import View, record_denial
from security.models import StaffSession
from security.services import conversation_words
from tickets import content_links
from tickets.models import Ticket
from tickets.selectors import cases, hand_overs, joined, snoozes, timeline
from tickets.services import merging


def takes(*known: str) -> Callable[[View], View]:
    """Answer 400 to a query parameter that this list does not know: nothing may be probed by name."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.GET.keys() <= set(known):
                return view(request, *args, **kwargs)
            return HttpResponseBadRequest("This list does not know such a parameter.")

        return guarded

    return decorate


def staff_of(request: HttpRequest) -> Staff:
    """Return the signed-in person; the door's decorator has made sure that there is one."""
    person = request.user
    if not isinstance(person, Staff):
        raise Http404
    return person


def ticket_or_404(request: HttpRequest, public_id: str) -> Ticket:
    """Return the ticket if this person may see it; hidden and unknown look the same, but the audit log knows."""
    ticket = cases.visible(staff_of(request), public_id)
    if ticket is None:
        if cases.is_hidden(staff_of(request), public_id):
            record_denial(request, Permission.TICKET_VIEW, obj=("ticket", public_id))
        raise Http404
    return ticket


def wants_fragment(request: HttpRequest) -> bool:
    """Whether only a part of the page was asked for."""
    return request.headers.get("HX-Request-Type") == "partial"


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render, varying by the kind of request."""
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request-Type"])
    return response


def with_links(
    request: HttpRequest, ticket: Ticket, messages: tuple[timeline.MessageShown, ...]
) -> list[timeline.MessageShown]:
    """Give every message its frame and its files their links; they lead over our own door, never stale."""
    _name_others(ticket, messages, staff_of(request))
    for message in messages:
        if message.frame_size:
            frame = reverse("desk:frame", args=[ticket.public_id, message.seq])
            message.frame = {"url": frame, "images_url": f"{frame}?images=1", "size": message.frame_size}
        message.attachments = tuple(_with_url(ticket, file) for file in message.attachments)
        message.inline_files = tuple(_with_url(ticket, file) for file in message.inline_files)
    return list(messages)


def _name_others(ticket: Ticket, messages: tuple[timeline.MessageShown, ...], person: Staff) -> None:
    """Let events name the other case that they are about, where this person may see it."""
    about = {message.seq: message.event for message in messages if message.event and message.event.other}
    known = joined.others({event.other for event in about.values()}, ticket=ticket, person=person) if about else {}
    for message in messages if known else ():
        event = about.get(message.seq)
        other = known.get(event.other) if event else None
        if event and other:
            is_quoted = bool(event.seqs) and event.is_begun_here
            is_unfolded = is_quoted or (other.is_unfolded and event.is_merged_in)
            message.other = replace(other, is_unfolded=is_unfolded, seqs=event.seqs if is_quoted else "")


def _with_url(ticket: Ticket, file: timeline.FileShown) -> timeline.FileShown:
    if file.state == "restricted":
        return file
    url = reverse("desk:attachment", args=[ticket.public_id, file.id])
    return replace(file, url=url, preview_url=f"{url}?preview=1" if file.is_previewable else "")


def case_context(request: HttpRequest, ticket: Ticket, *, mode: str = "reply") -> dict[str, Any]:
    """Return everything the right pane shows."""
    person = staff_of(request)
    shown = timeline.latest(ticket)
    return {
        **head_context(request, ticket),
        "messages": with_links(request, ticket, shown.messages),
        "has_earlier": shown.has_earlier,
        "first_seq": shown.first_seq,
        "last_seq": ticket.last_seq,
        "composer": cases.composer(ticket, person, mode),
        **side_context(request, ticket),
    }


def head_context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return the head of a case with its controls."""
    person = staff_of(request)
    return {
        "ticket": cases.head(ticket),
        "choices": cases.choices(ticket, person),
        "can": cases.can(person, ticket),
        "hand_over": hand_overs.of_ticket(ticket, person),
        "snooze": snoozes.of_ticket(ticket),
        "snooze_presets": snoozes.presets(),
        "merged": joined.merged(ticket, person, may_undo=merging.may(person)),
        "conflict": None,
        "errors": [],
    }


def side_context(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    """Return the side panel."""
    side = cases.side(ticket, staff_of(request))
    for row in side["related"]:
        row["url"] = reverse("desk:ticket", args=[row["public_id"]])
    side["earlier"]["tickets"] = [
        {
            "number": row.number,
            "subject": row.subject,
            "status": row.status,
            "updated_at": row.updated_at,
            "url": reverse("desk:ticket", args=[row.public_id]),
        }
        for row in side["earlier"]["tickets"]
    ]
    is_theirs = ticket.is_requester_proven
    side["customer"]["url"] = reverse("desk:contact", args=[ticket.requester.public_id]) if is_theirs else ""
    side["words"] = " ".join(conversation_words.current(case=ticket.public_id))
    return side


def composer_context(request: HttpRequest, ticket: Ticket, *, mode: str) -> dict[str, Any]:
    """Return what the composer alone needs."""
    person = staff_of(request)
    return {
        "ticket": cases.head(ticket),
        "can": cases.can(person, ticket),
        "composer": cases.composer(ticket, person, mode),
        "choices": {"statuses": ()},
    }


def content_link(request: HttpRequest, *, kind: str, target: str) -> str:
    """Return a fresh link on the content origin, bound to this session and good for 60 s."""
    session: StaffSession = request.staff_session  # type: ignore[attr-defined]
    return content_links.link(session_pk=session.pk, kind=kind, target=target, at=session.read_at)
