"""Trust in place: what a proven visitor approves, refuses or freezes without leaving the chat, and that we are we.

Each answers with the panel as it then stands, in words; the services are those of the portal.
"""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from core import rate_limits
from core.problems import plain_problem
from livechat.models import Visitor
from livechat.selectors import trust as shown
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import proven_required, visitor_here, visitor_required
from security import standings
from security.access import record_denial
from security.models import CustomerSession, FreezeOrder, FundAction
from security.services import approvals as service
from security.services import conversation_words, customer_sessions, freezing
from security.services.approvals import NotAnsweredError, Why
from tickets.portal.refusals import not_answered, too_fast
from tickets.views.shared import takes

UNPROCESSABLE, TOO_MANY = 422, 429
ANSWERS_PER_MIN, FREEZES_PER_MIN = 20, 5


@require_safe
@visitor_required
@takes()
def panel(request: HttpRequest) -> HttpResponse:
    """Who we take them for, the words that prove us, and what waits for theirs. Who reads it is there."""
    session = visitor_here(request).session
    if session is not None:
        customer_sessions.touch(session=session)
    return _panel(request)


@require_POST
@visitor_required
@proven_required
@as_problems
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze the visitor's account, at once."""
    bodies.read(request, bodies.Nothing)
    if _is_too_fast(request, "portal-freeze", FREEZES_PER_MIN):
        return _panel(request, problem=too_fast(), status=TOO_MANY)
    here = _session(request)
    freezing.freeze(customer=here.customer, source=FreezeOrder.Source.PORTAL, actor=here.customer.actor, keep=here)
    return _panel(request)


@require_POST
@visitor_required
@proven_required
@as_problems
def options(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with, the check; return its challenge for the browser."""
    action = _action_or_404(request, bodies.read(request, bodies.OnAction))
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return plain_problem(TOO_MANY, "too_many_requests", too_fast())
    try:
        challenged = service.challenge(action=action)
    except NotAnsweredError as stopped:
        words = not_answered(stopped.why, standings.of_action(action))
        return plain_problem(UNPROCESSABLE, stopped.why.value, words)
    return JsonResponse({"options": challenged.options, "check": challenged.check})


@require_POST
@visitor_required
@proven_required
@as_problems
def approve(request: HttpRequest) -> HttpResponse:
    """Take a passkey's answer."""
    given = bodies.read(request, bodies.ByPasskey)
    action = _action_or_404(request, given)
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return _panel(request, problem=too_fast(), status=TOO_MANY)
    try:
        service.answer_by_passkey(action=action, check=given.check, response=given.response)
    except NotAnsweredError as stopped:
        return _stopped(request, action, stopped.why)
    return _panel(request, approved=action.public_id)


@require_POST
@visitor_required
@proven_required
@as_problems
def code(request: HttpRequest) -> HttpResponse:
    """Take a code of the authenticator: typed here by the customer, never told to an agent."""
    given = bodies.read(request, bodies.ByCode)
    action = _action_or_404(request, given)
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return _panel(request, problem=too_fast(), status=TOO_MANY)
    try:
        service.answer_by_code(action=action, code=given.code)
    except NotAnsweredError as stopped:
        return _stopped(request, action, stopped.why)
    return _panel(request, approved=action.public_id)


@require_POST
@visitor_required
@proven_required
@as_problems
def deny(request: HttpRequest) -> HttpResponse:
    """Take "this wasn't me": freezes, and alarms support."""
    action = _action_or_404(request, bodies.read(request, bodies.OnAction))
    if _is_too_fast(request, "portal-denial", FREEZES_PER_MIN):
        return _panel(request, problem=too_fast(), status=TOO_MANY)
    service.deny(action=action, session=_session(request))
    return _panel(request)


def _stopped(request: HttpRequest, action: FundAction, why: Why) -> HttpResponse:
    problem = "" if why is Why.NOT_NOW else not_answered(why, standings.of_action(action))
    return _panel(request, problem=problem, status=UNPROCESSABLE)


def _panel(request: HttpRequest, *, problem: str = "", approved: str = "", status: int = 200) -> HttpResponse:
    found = shown.trust_of(visitor_here(request))
    words = conversation_words.current(case=found.ticket) if found.ticket else ()
    context = {"trust": found, "words": words, "problem": problem, "approved": approved}
    return render(request, "livechat/_trust.html", context, status=status)


def _session(request: HttpRequest) -> CustomerSession:
    session = visitor_here(request).session
    if session is None:
        raise Http404
    return session


def _action_or_404(request: HttpRequest, given: bodies.OnAction) -> FundAction:
    """Return an action of this customer; another's and an unknown one look the same, but the audit log knows."""
    customer = _session(request).customer
    found = standings.find(customer, given.action)
    if found is None:
        if FundAction.objects.filter(public_id=given.action).exists():
            record_denial(request, None, obj=("fund_action", given.action), actor=customer.actor)
        raise Http404
    return found


def _is_too_fast(request: HttpRequest, scope: str, limit: int) -> bool:
    visitor: Visitor = visitor_here(request)
    who = visitor.customer.public_id if visitor.customer else visitor.public_id
    spent = rate_limits.spend(scope=scope, who=who, limit=limit)
    return spent is not None and spent.is_over
