"""Doors of one chat at the desk: its panel, handing over, taking over, wrapping up."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Staff, Team
from accounts.permissions import Permission
from livechat.models import Chat
from livechat.refusals import NotALead
from livechat.selectors import chats as shown
from livechat.selectors import panel as panels
from livechat.services import abuse, handling, transcripts
from security.access import staff_required
from tickets.models import Topic
from tickets.services import errors
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

REFUSED = 422
Act = Callable[[HttpRequest, Chat], None]


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def panel(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the side panel shows of a chat beside its timeline."""
    return _panel(request, _chat(request, public_id))


def _door(permission: Permission) -> Callable[[Act], Callable[..., HttpResponseBase]]:
    """Do one thing with a chat; a refusal stands in the panel."""

    def decorate(act: Act) -> Callable[..., HttpResponseBase]:
        @require_POST
        @staff_required(permission)
        @wraps(act)
        def door(request: HttpRequest, public_id: str) -> HttpResponse:
            chat = _chat(request, public_id)
            try:
                act(request, chat)
            except errors.Refused as refused:
                return _panel(request, chat, problem=str(refused.message))
            if not wants_fragment(request):
                return redirect("desk:ticket", public_id)
            return _panel(request, _chat(request, public_id))

        return door

    return decorate


@_door(Permission.TICKET_REPLY)
def transfer(request: HttpRequest, chat: Chat) -> None:
    """Hand it to `person:ID` or `team:NAME`."""
    kind, _colon, name = request.POST.get("to", "").partition(":")
    person = staff_of(request)
    to: Staff | Team | None = None
    if kind == "person":
        to = Staff.objects.filter(public_id=name, is_active=True).first()
    elif kind == "team":
        to = Team.objects.visible_to(person).filter(slug=name).first()
    if to is None:
        raise errors.Refused(_("Choose a colleague or a team."))
    summary = request.POST.get("summary", "")[:5_000]
    if not request.POST.get("abuse"):
        handling.transfer(chat=chat, to=to, by=person, summary=summary)
    elif isinstance(to, Staff):
        abuse.hand_over(chat=chat, to=to, by=person, summary=summary)
    else:
        raise NotALead


@_door(Permission.CHAT_LEAD)
def take_over(request: HttpRequest, chat: Chat) -> None:
    """Take it out of a colleague's hands."""
    handling.take_over(chat=chat, by=staff_of(request))


@_door(Permission.TICKET_REPLY)
def wrap_up(request: HttpRequest, chat: Chat) -> None:
    """End it, with the contact reason."""
    given = request.POST.get("topic", "")
    topic = Topic.objects.filter(slug=given, is_active=True).first() if given else None
    handling.wrap_up(chat=chat, by=staff_of(request), topic=topic, then=request.POST.get("then", ""))


@_door(Permission.TICKET_REPLY)
def transcript(request: HttpRequest, chat: Chat) -> None:
    """Send the customer what was said, to where answers go."""
    transcripts.send(chat=chat, by=staff_of(request))


@_door(Permission.TICKET_REPLY)
def warn(request: HttpRequest, chat: Chat) -> None:
    """Warn the visitor because of abuse, in fixed words."""
    abuse.warn(chat=chat, by=staff_of(request))


@_door(Permission.TICKET_REPLY)
def end_for_abuse(request: HttpRequest, chat: Chat) -> None:
    """End it because of abuse, with the reason for colleagues."""
    abuse.end(chat=chat, by=staff_of(request), reason=request.POST.get("reason", "")[:5_000])


@_door(Permission.CHAT_LEAD)
def lift_block(request: HttpRequest, chat: Chat) -> None:
    """Let the customer begin conversations again."""
    abuse.lift(chat=chat, by=staff_of(request))


def _chat(request: HttpRequest, public_id: str) -> Chat:
    chat = shown.of_ticket(ticket_or_404(request, public_id))
    if chat is None:
        raise Http404
    return chat


def _panel(request: HttpRequest, chat: Chat, *, problem: str = "") -> HttpResponse:
    context = {**panels.shown(chat, staff_of(request)), "problem": problem}
    return page(request, "livechat/_panel.html", context, status=REFUSED if problem else 200)
