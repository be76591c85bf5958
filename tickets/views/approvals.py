"""Doors of the second person: what I was drawn for, yes with a passkey, no with a reason; and the list for auditors."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import record_denial, staff_required
from security.models import FundAction
from security.services import fund_actions
from security.services.fund_actions import ActionRefusedError, ApprovalKeptError, Begun
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError
from tickets.selectors import approvals
from tickets.views.fund_requests import Refusals, answer_of, problem, sentence
from tickets.views.shared import page, staff_of, takes

BEGUN, MOST_REASON = "fund_approvals", 500


@require_safe
@staff_required(Permission.FUND_APPROVE)
@takes()
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for me, and what I was drawn for before."""
    return page(request, "desk/approvals.html", approvals.queue(staff_of(request)))


@require_safe
@staff_required(Permission.FUND_APPROVE)
@takes()
def one(request: HttpRequest, action_id: str) -> HttpResponse:
    """One action in words, with yes and no."""
    action = _drawn(request, action_id)
    return _gone(request) if action is None else _page(request, action)


@require_POST
@staff_required(Permission.FUND_APPROVE)
def begin(request: HttpRequest, action_id: str) -> HttpResponse:
    """Begin my step-up for this very action."""
    action = _drawn(request, action_id)
    if action is None:
        return problem(_("Somebody else was drawn to look at this."))
    try:
        begun = fund_actions.begin_approval(person=staff_of(request), action=action)
    except Refusals as refused:
        return problem(sentence(refused), away=isinstance(refused, VerifierAwayError))
    request.session[BEGUN] = {action.public_id: begun.step_up}
    return JsonResponse({"options": begun.options})


@require_POST
@staff_required(Permission.FUND_APPROVE)
def approve(request: HttpRequest, action_id: str) -> HttpResponse:
    """Say yes, with my passkey's answer."""
    action = _drawn(request, action_id)
    if action is None:
        return _gone(request)
    try:
        step_up = request.session.get(BEGUN, {}).get(action.public_id)
        if step_up is None:
            raise RefusedError(Code.EXPIRED, "No step-up was begun.")
        begun = Begun(action.public_id, step_up, {})
        fund_actions.approve(person=staff_of(request), action=action, begun=begun, answer=answer_of(request))
    except ApprovalKeptError as kept:
        # No error of theirs: the page says where it stands now, and what comes next.
        if not kept.is_late:
            messages.info(request, str(kept))
        return redirect("desk:approval", action.public_id)
    except Refusals as refused:
        return _page(request, action, problem_then=sentence(refused))
    messages.success(request, _("Approved."))
    return redirect("desk:approvals")


@require_POST
@staff_required(Permission.FUND_APPROVE)
def decline(request: HttpRequest, action_id: str) -> HttpResponse:
    """Say no, with a reason that stays."""
    action = _drawn(request, action_id)
    if action is None:
        return _gone(request)
    reason = request.POST.get("reason", "").strip()[:MOST_REASON]
    if not reason:
        return _page(request, action, reason_problem=_("Say why: the reason stays with the action."))
    try:
        fund_actions.decline(person=staff_of(request), action=action, reason=reason)
    except ActionRefusedError as refused:
        return _page(request, action, problem_then=str(refused))
    messages.success(request, _("Declined."))
    return redirect("desk:approvals")


@require_safe
@staff_required(Permission.FUND_VIEW)
@takes("before")
def everything(request: HttpRequest) -> HttpResponse:
    """All actions, newest first, to be looked at."""
    before = request.GET.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 19):
        return HttpResponseBadRequest("before is a whole number.")
    return page(request, "desk/fund_actions.html", approvals.everything(staff_of(request), int(before or 0)))


def _drawn(request: HttpRequest, action_id: str) -> FundAction | None:
    """Return the action if this person was drawn for it; what is there and not theirs is recorded."""
    found = approvals.drawn(staff_of(request), action_id)
    if found is None and FundAction.objects.filter(public_id=action_id).exists():
        record_denial(request, Permission.FUND_APPROVE, obj=("fund_action", action_id))
    return found


def _gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("That is not for you to approve, or not there."))
    return redirect("desk:approvals")


def _page(
    request: HttpRequest, action: FundAction, *, problem_then: str = "", reason_problem: str = ""
) -> HttpResponse:
    context: dict[str, Any] = approvals.detail(staff_of(request), action)
    context |= {"problem": problem_then, "reason_problem": reason_problem}
    context["begin_url"] = reverse("desk:approval_begin", args=[action.public_id])
    return page(request, "desk/approval.html", context, status=422 if problem_then or reason_problem else 200)
