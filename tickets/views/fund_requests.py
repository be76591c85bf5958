"""Doors of asking for a fund-related action: kind, form, step-up. Each calls one service; nothing skips the rule."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import ExchangeAccount
from accounts.permissions import Permission
from security import fund_words, selectors
from security.access import staff_required
from security.models import FundKind
from security.services import fund_actions, refusals
from security.services.fund_actions import ActionRefusedError, Begun
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError
from tickets.fund_forms import FundRequestForm
from tickets.models import Ticket
from tickets.views import fund_drafts
from tickets.views.fund_drafts import Draft
from tickets.views.shared import page, staff_of, takes, ticket_or_404

REFUSED, AWAY = 422, 503
Refusals = (ActionRefusedError, RefusedError, VerifierAwayError)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.FUND_REQUEST)
@takes("kind", "draft")
def new(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Choose a kind, fill in its form; what is right in itself is kept and leads to the step-up."""
    ticket = ticket_or_404(request, public_id)
    kind = FundKind.objects.filter(name=request.GET.get("kind", "")).first()
    key = request.GET.get("draft", "")
    draft = fund_drafts.find(request, ticket, key)
    context = _context(ticket)
    if kind is None or context["obstacle"]:
        return page(request, "desk/fund_request.html", context)
    form = FundRequestForm(request.POST or None, kind=kind, initial=draft.typed if draft else None)
    # A kind that names nothing has an empty form, which is right as it is.
    if request.method == "POST" and (form.is_valid() or not form.fields):
        key = fund_drafts.keep(request, _draft(ticket, form, request))
        return redirect(_here(ticket, kind.name, key))
    context |= {"kind": kind.name, "kind_name": fund_words.kind_name(kind.name), "fields": form.shown()}
    context["terms"] = selectors.terms_for(kind=kind.name)
    if draft is not None and request.method != "POST":
        context |= _step_up(request, ticket, draft, key)
    return page(request, "desk/fund_request.html", context, status=REFUSED if request.method == "POST" else 200)


@require_POST
@staff_required(Permission.FUND_REQUEST)
def begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin the step-up by passkey for what is kept; answer with the browser's options."""
    ticket = ticket_or_404(request, public_id)
    key = request.POST.get("draft", "")
    draft = fund_drafts.find(request, ticket, key)
    if draft is None:
        return problem(_("This request is not here any more. Fill in the form again."))
    try:
        begun = fund_actions.begin_request(person=staff_of(request), asked=draft.asked(ticket))
    except Refusals as refused:
        return problem(sentence(refused), away=isinstance(refused, VerifierAwayError))
    draft.begun = [begun.public_id, begun.step_up]
    fund_drafts.keep(request, draft, key)
    return JsonResponse({"options": begun.options})


@require_POST
@staff_required(Permission.FUND_REQUEST)
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask for what is kept, with the passkey's answer or a code; failures lead back with everything still there."""
    ticket = ticket_or_404(request, public_id)
    key = request.POST.get("draft", "")
    draft = fund_drafts.find(request, ticket, key)
    if draft is None:
        messages.warning(request, _("This request is not here any more. Fill in the form again."))
        return redirect("desk:fund_request", public_id)
    try:
        _ask(request, ticket, draft)
    except Refusals as refused:
        draft.problem, draft.begun = sentence(refused), []
        fund_drafts.keep(request, draft, key)
        return redirect(_here(ticket, draft.kind, key))
    fund_drafts.drop(request, key)
    return redirect("desk:ticket", public_id)


def sentence(refused: Exception) -> str:
    """Return what to tell a member of staff whose step came to nothing."""
    if isinstance(refused, RefusedError | VerifierAwayError):
        return refusals.of_step_up(refused)
    return str(refused)


def problem(detail: str, *, away: bool = False) -> HttpResponse:
    """Answer a script in a problem document (RFC 9457)."""
    status = AWAY if away else REFUSED
    return JsonResponse({"detail": detail, "status": status}, status=status, content_type="application/problem+json")


def answer_of(request: HttpRequest) -> dict[str, str]:
    """Return the passkey's answer. Raises RefusedError where a browser without scripts sent none."""
    response = request.POST.get("response", "")
    if not response:
        raise RefusedError(Code.BAD_REQUEST, "There is no answer of a passkey.")
    return {"response": response}


def _ask(request: HttpRequest, ticket: Ticket, draft: Draft) -> None:
    person, asked = staff_of(request), draft.asked(ticket)
    code = request.POST.get("code", "").strip()
    begun: Begun | None
    if code:
        begun, answer = fund_actions.begin_request(person=person, asked=asked, method="totp"), {"code": code}
    else:
        begun, answer = draft.step_up(), answer_of(request)
    if begun is None:
        raise RefusedError(Code.EXPIRED, "No step-up was begun.")
    fund_actions.request(person=person, asked=asked, begun=begun, answer=answer, ticket_id=ticket.pk)


def _draft(ticket: Ticket, form: FundRequestForm, request: HttpRequest) -> Draft:
    cleaned = form.cleaned_data if form.fields else {}
    values = {name: f"{value:f}" if name == "amount" else str(value) for name, value in cleaned.items()}
    typed = {name: request.POST.get(name, "") for name in form.fields}
    return Draft(ticket.public_id, form.kind, values, typed, notes=list(form.notes))


def _context(ticket: Ticket) -> dict[str, Any]:
    """Return what the page has in any case: the kinds, and why nothing can be asked for."""
    customer = ticket.requester
    locked = selectors.support_locked_until(customer)
    obstacle = ""
    if ticket.merged_into_id is not None:
        obstacle = _("This ticket is merged into another. Ask from there.")
    elif not ExchangeAccount.objects.filter(customer=customer).exists():
        obstacle = _(
            "This customer has never come from the exchange: nothing can be done to an account that is not known. Ask"
            " them to sign in to our portal from the exchange's own site."
        )
    elif locked:
        obstacle = _("The customer has locked support out: nothing is asked for or carried out until their lock ends.")
    kinds = [{"name": fund_words.kind_name(name), "url": _here(ticket, name)} for name in fund_words.KINDS]
    return {"ticket": ticket, "kinds": kinds, "obstacle": obstacle, "kind": "", "step_up": None}


def _step_up(request: HttpRequest, ticket: Ticket, draft: Draft, key: str) -> dict[str, Any]:
    """Return what the dialog shows: the action in words, its exact terms, and what went wrong the last time."""
    action = draft.action(ticket, staff_of(request))
    terms = selectors.terms_for(kind=draft.kind, asset=action.asset, amount=action.amount)
    said = {"title": fund_words.title(action), "lines": fund_words.lines(action), "notes": draft.notes}
    if draft.problem:
        problem_then, draft.problem = draft.problem, ""
        fund_drafts.keep(request, draft, key)
    else:
        problem_then = ""
    return {"terms": terms, "step_up": {**said, "draft": key, "problem": problem_then}}


def _here(ticket: Ticket, kind: str, draft: str = "") -> str:
    asked = {"kind": kind, "draft": draft} if draft else {"kind": kind}
    return f"{reverse('desk:fund_request', args=[ticket.public_id])}?{urlencode(asked)}"
