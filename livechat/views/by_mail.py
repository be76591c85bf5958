"""The chat by mail: the visitor's panel, the page that confirms an address, and the way back by a mail's link."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from pydantic import Field

from accounts.masking import masked_email
from core.problems import plain_problem
from livechat.selectors import by_mail as shown
from livechat.selectors import chats
from livechat.services import chat_addresses, coming_back, transcripts
from livechat.services.chat_addresses import Outcome
from livechat.views import bodies
from livechat.views.refusals import UNPROCESSABLE, as_problems
from livechat.visitor_access import from_our_frame, too_fast, visitor_here, visitor_required
from tickets.services import errors
from tickets.views.shared import takes

GONE, TOO_MANY = 410, 429


class Address(bodies.Body):
    """Where answers are to follow: a claim until it is confirmed."""

    address: str = Field(max_length=254)


class Transcript(bodies.Body):
    """In which time zone the browser is."""

    time_zone: str = Field(default="", max_length=64)


class Link(bodies.Body):
    """The secret of a mailed link."""

    link: str = Field(max_length=200)


@require_safe
@visitor_required
@takes()
def panel(request: HttpRequest) -> HttpResponse:
    """Where answers follow this visitor, and how that is changed."""
    return _panel(request)


@require_POST
@visitor_required
@as_problems
def ask(request: HttpRequest) -> HttpResponse:
    """Give an address: it is sent a link, and nothing else before that is confirmed."""
    visitor = visitor_here(request)
    given = bodies.read(request, Address)
    if refusal := too_fast(request, "start"):
        return refusal
    try:
        chat_addresses.ask(visitor=visitor, address=given.address)
    except errors.Refused as refused:
        return _panel(request, problem=str(refused.message), status=UNPROCESSABLE)
    return _panel(request)


@require_POST
@visitor_required
@as_problems
def stop(request: HttpRequest) -> HttpResponse:
    """Want no more mail."""
    bodies.read(request, bodies.Nothing)
    chat_addresses.stop(visitor=visitor_here(request))
    return _panel(request)


@require_POST
@visitor_required
@as_problems
def transcript(request: HttpRequest) -> HttpResponse:
    """Have the conversation sent by mail: to where answers go."""
    visitor = visitor_here(request)
    given = bodies.read(request, Transcript)
    chat = chats.latest(visitor)
    if chat is None:
        raise Http404
    if refusal := too_fast(request, "beside", visitor.public_id):
        return refusal
    try:
        address = transcripts.send(chat=chat, by=None, zone=given.time_zone)
    except errors.Refused as refused:
        return _panel(request, problem=str(refused.message), status=UNPROCESSABLE)
    return _panel(request, sent_to=masked_email(address))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a mailed link, which changes nothing; the number of the chat, posted, confirms the address."""
    asked = chat_addresses.of_token(token)
    context = {"state": "open" if asked else "over", "inbox": asked.visitor.inbox.name if asked else "", "problem": ""}
    status = 200 if asked else GONE
    with translation.override(asked.visitor.locale if asked and asked.visitor.locale else translation.get_language()):
        if request.method == "POST" and asked is not None:
            if too_fast(request, "start") is not None:
                return render(request, "429.html", status=TOO_MANY)
            outcome = chat_addresses.confirm(token=token, number=request.POST.get("number", "")[:20])
            context["state"] = {Outcome.CONFIRMED: "confirmed", Outcome.OVER: "over"}.get(outcome, "open")
            status = {Outcome.CONFIRMED: 200, Outcome.OVER: GONE}.get(outcome, UNPROCESSABLE)
            if outcome == Outcome.WRONG_NUMBER:
                context["problem"] = _("This is not the number that stands in the chat. Look there again.")
        return render(request, "livechat/confirm_mail.html", context, status=status)


@never_cache
@csp_update({"frame-src": [SELF]})
@require_safe
@takes()
def back(request: HttpRequest) -> HttpResponse:
    """The page that a mail's link leads to. The secret is behind `#`: it comes by POST alone."""
    return render(request, "livechat/back.html")


@require_POST
@from_our_frame
@as_problems
def come_back(request: HttpRequest) -> HttpResponse:
    """Use a mail's link: 201 with the inbox and a token for the frame; 410 when it is over."""
    given = bodies.read(request, Link)
    if refusal := too_fast(request, "start"):
        return refusal
    try:
        opened = coming_back.open_link(link=given.link)
    except coming_back.LinkIsOver:
        words = _("This link no longer works: it is too old, or was used before. Answer the mail instead.")
        return plain_problem(GONE, "link_is_over", words)
    return JsonResponse({"inbox": opened.inbox, "token": opened.token}, status=201)


def _panel(request: HttpRequest, *, problem: str = "", sent_to: str = "", status: int = 200) -> HttpResponse:
    context = {"mail": shown.shown(visitor_here(request)), "problem": problem, "sent_to": sent_to}
    return render(request, "livechat/_by_mail.html", context, status=status)
