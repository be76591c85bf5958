"""Who sits there, by the exchange's word through the page that embeds the chat; and leaving."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.problems import plain_problem
from livechat import origins
from livechat.models import ChatInbox
from livechat.services import visitors
from livechat.services.visitors import Started
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.views.visitor import language, told
from livechat.visitor_access import from_our_frame, too_fast, visitor_behind, visitor_here, visitor_required
from security.services import hand_off
from security.services.hand_off import ExchangeAway, NotHandedOff

FORBIDDEN, AWAY = 403, 503


@require_POST
@from_our_frame
@as_problems
def identify(request: HttpRequest, slug: str) -> HttpResponse:
    """Become, or stay, the visitor of the customer whom the exchange has signed in. 200: the token shown goes on."""
    inbox = ChatInbox.objects.open().filter(slug=slug).first()
    if inbox is None:
        raise Http404
    given = bodies.read(request, bodies.Identify)
    if refusal := too_fast(request, "identify"):
        return refusal
    origin = origins.canonical(given.origin)
    if not inbox.admits(origin):
        return plain_problem(FORBIDDEN, "origin_not_allowed", "This site may not embed the chat.")
    known = visitor_behind(request, slug)
    former = known.session if known else None
    try:
        session = hand_off.identify(request=request, token=given.token, secret=given.secret, former=former)
    except NotHandedOff:
        return plain_problem(FORBIDDEN, "not_identified", _("The exchange's word could not be verified."))
    except ExchangeAway:
        return plain_problem(AWAY, "exchange_away", _("The exchange does not answer right now."))
    if known is not None and former is not None and session.pk == former.pk:
        return JsonResponse(told(Started(known, "")))
    started = visitors.replace(
        former=known, inbox=inbox, origin=origin, locale=language(given.language), session=session
    )
    return JsonResponse(told(started), status=201)


@require_POST
@visitor_required
@as_problems
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out of the chat: nobody who sits here next sees this conversation."""
    bodies.read(request, bodies.Nothing)
    visitors.sign_out(visitor=visitor_here(request))
    return HttpResponse(status=204)
