"""Doors of the policy: what holds, proposing a change, and the second person's yes; each with a passkey."""

import secrets
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from security import fund_words
from security.access import staff_required
from security.models import FundPolicyChange
from security.services import fund_policies
from security.services.fund_actions import Begun
from security.services.fund_policies import Proposed
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError
from tickets.policy_forms import PolicyForm
from tickets.selectors import policies
from tickets.views.fund_requests import REFUSED, Refusals, answer_of, problem, sentence
from tickets.views.shared import page, staff_of, takes

# What was filled in and not proposed yet, and the step-up that was begun for a change.
DRAFT, BEGUN = "policy_draft", "policy_begun"


@require_safe
@staff_required(Permission.POLICY_VIEW)
@takes()
def overview(request: HttpRequest) -> HttpResponse:
    """What holds for each kind, and what is on its way."""
    return page(request, "desk/policy.html", policies.overview(staff_of(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.POLICY_CHANGE)
@takes("draft")
def new(request: HttpRequest) -> HttpResponseBase:
    """Fill in one row of the policy; what is right in itself is kept and leads to the step-up."""
    draft = _draft(request, request.GET.get("draft", ""))
    form = PolicyForm(request.POST or None, initial=draft["typed"] if draft else None)
    if request.method == "POST" and form.is_valid():
        return redirect(_here(_keep(request, form)))
    context: dict[str, Any] = {"fields": form.shown(), "step_up": None}
    if draft is not None and request.method != "POST":
        proposed = _proposed(draft)
        context["step_up"] = {
            "draft": draft["key"], "title": fund_words.kind_name(proposed.kind), "problem": draft["problem"],
            "row": policies.row_of(FundPolicyChange(**asdict(proposed))),
        }  # fmt: skip
    return page(request, "desk/policy_new.html", context, status=REFUSED if request.method == "POST" else 200)


@require_POST
@staff_required(Permission.POLICY_CHANGE)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin the proposer's step-up for what is kept."""
    draft = _draft(request, request.POST.get("draft", ""))
    if draft is None:
        return problem(_("This change is not here any more. Fill in the form again."))
    try:
        begun = fund_policies.begin_proposal(person=staff_of(request), proposed=_proposed(draft))
    except Refusals as refused:
        return problem(sentence(refused), away=isinstance(refused, VerifierAwayError))
    request.session[DRAFT] = {**draft, "begun": [begun.public_id, begun.step_up]}
    return JsonResponse({"options": begun.options})


@require_POST
@staff_required(Permission.POLICY_CHANGE)
def propose(request: HttpRequest) -> HttpResponse:
    """Propose what is kept, with the passkey's answer; a failure leads back with everything still there."""
    draft = _draft(request, request.POST.get("draft", ""))
    if draft is None:
        messages.warning(request, _("This change is not here any more. Fill in the form again."))
        return redirect("desk:policy_new")
    try:
        if not draft["begun"]:
            raise RefusedError(Code.EXPIRED, "No step-up was begun.")
        public_id, step_up = draft["begun"]
        begun = Begun(public_id, step_up, {})
        fund_policies.propose(
            person=staff_of(request), proposed=_proposed(draft), begun=begun, answer=answer_of(request)
        )
    except Refusals as refused:
        request.session[DRAFT] = {**draft, "problem": sentence(refused), "begun": []}
        return redirect(_here(draft["key"]))
    del request.session[DRAFT]
    messages.success(request, _("Proposed. A lead or somebody in compliance of another team confirms it."))
    return redirect("desk:policy")


@require_POST
@staff_required(Permission.POLICY_CHANGE)
def confirm_begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin the second person's step-up for this very change."""
    change = policies.waiting(public_id)
    if change is None:
        return problem(_("This change is not there, or not waiting any more."))
    try:
        begun = fund_policies.begin_confirmation(person=staff_of(request), change=change)
    except Refusals as refused:
        return problem(sentence(refused), away=isinstance(refused, VerifierAwayError))
    request.session[BEGUN] = {change.public_id: begun.step_up}
    return JsonResponse({"options": begun.options})


@require_POST
@staff_required(Permission.POLICY_CHANGE)
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm the change, with the passkey's answer."""
    change = policies.waiting(public_id)
    if change is None:
        messages.warning(request, _("This change is not there, or not waiting any more."))
        return redirect("desk:policy")
    try:
        step_up = request.session.get(BEGUN, {}).get(change.public_id)
        if step_up is None:
            raise RefusedError(Code.EXPIRED, "No step-up was begun.")
        begun = Begun(change.public_id, step_up, {})
        fund_policies.confirm(person=staff_of(request), change=change, begun=begun, answer=answer_of(request))
    except Refusals as refused:
        context = policies.overview(staff_of(request)) | {"problem": sentence(refused)}
        return page(request, "desk/policy.html", context, status=REFUSED)
    messages.success(request, _("Confirmed. It holds in 24 hours."))
    return redirect("desk:policy")


def _keep(request: HttpRequest, form: PolicyForm) -> str:
    """Keep what was filled in, in place of what was kept before; return its key."""
    proposed, key = form.proposed(), secrets.token_urlsafe(12)
    values = {**asdict(proposed), "above": f"{proposed.above:f}"}
    typed = {name: request.POST.get(name, "") for name in form.fields}
    request.session[DRAFT] = {"key": key, "values": values, "typed": typed, "problem": "", "begun": []}
    return key


def _draft(request: HttpRequest, key: str) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = request.session.get(DRAFT)
    return kept if kept is not None and kept["key"] == key else None


def _proposed(draft: dict[str, Any]) -> Proposed:
    return Proposed(**{**draft["values"], "above": Decimal(draft["values"]["above"])})


def _here(key: str) -> str:
    return f"{reverse('desk:policy_new')}?{urlencode({'draft': key})}"
