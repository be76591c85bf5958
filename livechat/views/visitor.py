"""The visitors' API: start, read, say, mark as read, end. PostgreSQL is the truth; sockets only hint at it."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_supported_language_variant
from django.views.decorators.http import require_POST, require_safe

from core.problems import plain_problem
from livechat import origins
from livechat.models import Chat, ChatInbox, Mark
from livechat.selectors import chats as shown
from livechat.services import chats, reading, visitors
from livechat.services.visitors import Started
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import from_our_frame, too_fast, visitor_here, visitor_required
from security.customer_access import session_of
from tickets.views.shared import takes

BAD_REQUEST, FORBIDDEN = 400, 403


@require_POST
@from_our_frame
@as_problems
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a visitor. A portal session of this very browser, where the site may see it, says who it is."""
    inbox = ChatInbox.objects.open().filter(slug=slug).first()
    if inbox is None:
        raise Http404
    given = bodies.read(request, bodies.Start)
    if refusal := too_fast(request, "start"):
        return refusal
    try:
        started = visitors.start(
            inbox=inbox,
            origin=origins.canonical(given.origin),
            locale=language(given.language),
            session=session_of(request),
        )
    except visitors.OriginNotAllowed:
        return plain_problem(FORBIDDEN, "origin_not_allowed", "This site may not embed the chat.")
    return JsonResponse(told(started), status=201)


@require_safe
@visitor_required
@takes("chat", "since")
def messages(request: HttpRequest) -> HttpResponse:
    """What came after the public number `since` of the conversation `chat`; under any other name, all of theirs."""
    since = request.GET.get("since", "0")
    if not since.isdecimal() or len(since) > 9:
        return plain_problem(BAD_REQUEST, "invalid", "since is a whole number.")
    latest = shown.latest(visitor_here(request))
    answer = shown.shown_to_visitor(latest, known=request.GET.get("chat", ""), since=int(since))
    # Of no consequence while a conversation goes on.
    may_begin = latest is None or answer["is_over"]
    return JsonResponse({**answer, "blocked_until": shown.blocked_until(visitor_here(request)) if may_begin else ""})


@require_POST
@visitor_required
@as_problems
def say(request: HttpRequest) -> HttpResponse:
    """Say something. 201 means that it is stored; sent again under the same id, it is the same message."""
    visitor = visitor_here(request)
    given = bodies.read(request, bodies.Say)
    if refusal := too_fast(request, "say", visitor.public_id) or too_fast(request, "address"):
        return refusal
    said = chats.say(
        visitor=visitor,
        text=given.text,
        client_id=given.client_id,
        files=given.files,
        answers=bodies.answers_of(given.form),
    )
    is_bare = said.is_new and not given.files
    return JsonResponse(shown.said_shown(said.chat, said.message, visitor.pk, is_bare=is_bare), status=201)


@require_POST
@visitor_required
@as_problems
def saw(request: HttpRequest) -> HttpResponse:
    """Move the visitor's marks on."""
    given = bodies.read(request, bodies.Saw)
    chat = _own(request, given.chat)
    reading.move(chat=chat, side=Mark.Side.VISITOR, delivered=given.delivered, read=given.read)
    return HttpResponse(status=204)


@require_POST
@visitor_required
@as_problems
def end(request: HttpRequest) -> HttpResponse:
    """End the conversation; what is said afterwards begins another."""
    chats.end(chat=_own(request, bodies.read(request, bodies.Over).chat))
    return HttpResponse(status=204)


def _own(request: HttpRequest, public_id: str) -> Chat:
    chat = shown.of_visitor(visitor_here(request), public_id)
    if chat is None:
        raise Http404
    return chat


def language(wanted: str) -> str:
    """Return the language of ours that comes nearest, '' for none."""
    try:
        return get_supported_language_variant(wanted.lower())
    except LookupError:
        return ""


def told(started: Started) -> dict[str, object]:
    """Return what the frame keeps of a visitor: the token, and who it is when somebody has proven it."""
    visitor = started.visitor
    return {
        "token": started.token,
        "visitor": visitor.public_id,
        "is_proven": visitor.is_proven,
        "person": visitors.person_of(visitor),
    }
