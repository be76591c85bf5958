"""Adding a passkey or an authenticator app; nothing here removes one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core import rate_limits
from core.problems import plain_problem
from security.customer_access import customer_required, session_here
from security.services import customer_factors
from security.services.customer_factors import CodeBegun, NotEnrolledError
from security.views.enrolment import qr_svg
from tickets.portal.forms import CodeForm, PasskeyForm
from tickets.portal.refusals import not_enrolled, too_fast

UNPROCESSABLE, TOO_MANY = 422, 429
PER_MIN = 10
GROUP = 4


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def passkey(request: HttpRequest) -> HttpResponse:
    """Say what a passkey is for; with the browser's answer, add it."""
    if request.method != "POST":
        return _passkey_page(request)
    form = PasskeyForm(request.POST)
    if not form.is_valid():
        return _passkey_page(request, form=form, problem=_("The passkey did not answer. Press the button again."))
    if _is_too_fast(request):
        return _passkey_page(request, form=form, problem=too_fast(), status=TOO_MANY)
    given = form.cleaned_data
    try:
        is_kept = customer_factors.finish_passkey(
            session=session_here(request),
            registration=given["registration"],
            response=given["response"],
            label=given["label"],
        )
    except NotEnrolledError as refused:
        return _passkey_page(request, form=form, problem=not_enrolled(refused.why))
    words = _("Your passkey is added. It counts for approvals in 72 hours.")
    if not is_kept:
        words = _("The exchange has accepted your passkey; we are still storing it. You need do nothing more.")
    messages.success(request, words)
    return redirect("portal:security")


@require_POST
@customer_required
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Return the challenge that the exchange issues, for the browser."""
    if _is_too_fast(request):
        return plain_problem(TOO_MANY, "too_many_requests", too_fast())
    try:
        begun = customer_factors.begin_passkey(session=session_here(request))
    except NotEnrolledError as refused:
        return plain_problem(UNPROCESSABLE, refused.why.value, not_enrolled(refused.why))
    return JsonResponse({"options": begun.options, "fields": {"registration": begun.registration}})


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def authenticator(request: HttpRequest) -> HttpResponse:
    """Say what an authenticator is for; asked to, show a secret once."""
    if request.method != "POST":
        return _code_page(request)
    if _is_too_fast(request):
        return _code_page(request, problem=too_fast(), status=TOO_MANY)
    return _code_begun(request)


@require_POST
@customer_required
def authenticator_code(request: HttpRequest) -> HttpResponse:
    """Add the authenticator whose first code is right; after a wrong one begin anew."""
    form = CodeForm(request.POST)
    if _is_too_fast(request):
        return _code_page(request, problem=too_fast(), status=TOO_MANY)
    if not form.is_valid():
        return _code_begun(request, problem=_("Type the six digits. Here is a new picture to scan first."))
    try:
        customer_factors.finish_code(session=session_here(request), **form.cleaned_data)
    except NotEnrolledError as refused:
        if refused.why in (customer_factors.Why.WRONG_CODE, customer_factors.Why.EXPIRED):
            return _code_begun(request, problem=not_enrolled(refused.why))
        return _code_page(request, problem=not_enrolled(refused.why), status=UNPROCESSABLE)
    messages.success(request, _("Your authenticator app is added. Its codes count for approvals in 72 hours."))
    return redirect("portal:security")


def _passkey_page(
    request: HttpRequest, *, form: PasskeyForm | None = None, problem: str = "", status: int | None = None
) -> HttpResponse:
    context = _context(request, "webauthn", "portal:passkey", problem) | {"form": form or PasskeyForm()}
    return render(request, "portal/passkey.html", context, status=status or (UNPROCESSABLE if problem else 200))


def _code_begun(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    try:
        begun = customer_factors.begin_code(session=session_here(request))
    except NotEnrolledError as refused:
        return _code_page(request, problem=not_enrolled(refused.why), status=UNPROCESSABLE)
    return _code_page(request, begun=begun, problem=problem, status=UNPROCESSABLE if problem else 200)


def _code_page(
    request: HttpRequest, *, begun: CodeBegun | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    context = _context(request, "totp", "portal:authenticator", problem)
    if begun is not None:
        secret = begun.secret
        context |= {
            "form": CodeForm(initial={"ceremony": begun.ceremony}),
            "qr_svg": qr_svg(begun.uri),
            "secret_groups": [secret[at : at + GROUP] for at in range(0, len(secret), GROUP)],
        }
    return render(request, "portal/authenticator.html", context, status=status)


def _context(request: HttpRequest, method: str, route: str, problem: str) -> dict[str, Any]:
    why = customer_factors.obstacle(session=session_here(request), method=method)
    query = urlencode({"next": reverse(route), "fresh": "1"})
    return {
        "problem": problem,
        "obstacle": not_enrolled(why) if why else "",
        "obstacle_code": why or "",
        "again": f"{reverse('portal:to_exchange')}?{query}",
    }


def _is_too_fast(request: HttpRequest) -> bool:
    who = session_here(request).customer.public_id
    spent = rate_limits.spend(scope="portal-factors", who=who, limit=PER_MIN)
    return spent is not None and spent.is_over
