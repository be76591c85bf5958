"""What waits for a customer's word: read it, approve it with a passkey or a code, or say "this wasn't me"."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core import rate_limits
from core.problems import plain_problem
from security import standings
from security.access import record_denial
from security.customer_access import customer_required, session_here
from security.models import FundAction
from security.services import approvals as service
from security.services.approvals import NotAnsweredError
from tickets.portal.forms import AnswerByCodeForm, AnswerByPasskeyForm
from tickets.portal.refusals import not_answered, refused, too_fast
from tickets.selectors import portal_approvals as shown

UNPROCESSABLE, TOO_MANY = 422, 429
ANSWERS_PER_MIN, DENIALS_PER_MIN = 20, 5


@require_safe
@customer_required
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for the customer's word before it is carried out, and what became of the rest."""
    found = shown.approvals_of(session_here(request).customer)
    return render(request, "portal/approvals.html", {"approvals": found})


@require_safe
@customer_required
def approval(request: HttpRequest, public_id: str) -> HttpResponse:
    """One of them. Opening it does nothing: links in mails lead here."""
    return _page(request, _action_or_404(request, public_id))


@require_POST
@customer_required
def approval_options(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin, or go on with, the check; return its challenge for the browser."""
    action = _action_or_404(request, public_id)
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return plain_problem(TOO_MANY, "too_many_requests", too_fast())
    try:
        challenged = service.challenge(action=action)
    except NotAnsweredError as stopped:
        words = not_answered(stopped.why, standings.of_action(action))
        return plain_problem(UNPROCESSABLE, stopped.why.value, words)
    return JsonResponse({"options": challenged.options, "fields": {"check": challenged.check}})


@require_POST
@customer_required
def approval_answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a passkey's answer."""
    action = _action_or_404(request, public_id)
    form = AnswerByPasskeyForm(request.POST)
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return _page(request, action, problem=too_fast(), status=TOO_MANY)
    if not form.is_valid():
        return _stopped(request, action, service.Why.CLOSED)
    try:
        service.answer_by_passkey(action=action, **form.cleaned_data)
    except NotAnsweredError as stopped:
        return _stopped(request, action, stopped.why)
    return redirect("portal:approval", public_id)


@require_POST
@customer_required
def approval_code(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a code of the authenticator; works without script."""
    action = _action_or_404(request, public_id)
    form = AnswerByCodeForm(request.POST)
    if _is_too_fast(request, "portal-approval", ANSWERS_PER_MIN):
        return _page(request, action, problem=too_fast(), status=TOO_MANY)
    if not form.is_valid():
        return _page(request, action, code_form=form, status=UNPROCESSABLE)
    try:
        service.answer_by_code(action=action, **form.cleaned_data)
    except NotAnsweredError as stopped:
        return _stopped(request, action, stopped.why)
    return redirect("portal:approval", public_id)


@require_POST
@customer_required
def approval_deny(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take "this wasn't me": freezes, and alarms support."""
    action = _action_or_404(request, public_id)
    if _is_too_fast(request, "portal-denial", DENIALS_PER_MIN):
        return _page(request, action, problem=too_fast(), status=TOO_MANY)
    service.deny(action=action, session=session_here(request))
    return redirect("portal:approval", public_id)


def _stopped(request: HttpRequest, action: FundAction, why: service.Why) -> HttpResponse:
    # What else is the matter stands on the page itself.
    problem = "" if why is service.Why.NOT_NOW else not_answered(why, standings.of_action(action))
    return _page(request, action, problem=problem, status=UNPROCESSABLE)


def _page(
    request: HttpRequest,
    action: FundAction,
    *,
    problem: str = "",
    code_form: AnswerByCodeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    found = shown.shown(standings.of_action(action))
    order = found.standing.order
    context = {
        "approval": found,
        "standing": found.standing,
        "reference": order.reference if order else "",
        "refused_because": refused(order.code) if order and order.code else "",
        "problem": problem,
        "code_form": code_form or AnswerByCodeForm(),
    }
    return render(request, "portal/approval.html", context, status=status)


def _action_or_404(request: HttpRequest, public_id: str) -> FundAction:
    """Return an action of this customer; another's and an unknown one look the same, but the audit log knows."""
    customer = session_here(request).customer
    found = standings.find(customer, public_id)
    if found is None:
        if FundAction.objects.filter(public_id=public_id).exists():
            record_denial(request, None, obj=("fund_action", public_id), actor=customer.actor)
        raise Http404
    return found


def _is_too_fast(request: HttpRequest, scope: str, limit: int) -> bool:
    spent = rate_limits.spend(scope=scope, who=session_here(request).customer.public_id, limit=limit)
    return spent is not None and spent.is_over
