"""Sign-in in two steps, and sign-out."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.masking import masked_email
from accounts.models import Staff
from core import clock
from security import access, selectors
from security.forms import CodeForm, SignInForm
from security.models import StaffSession
from security.services import sessions, sign_in
from security.services.sign_in import Begun
from security.services.totp import LOCK_MIN, TRIES, Verdict

UNPROCESSABLE, UNAVAILABLE = 422, 503
METHODS = StaffSession.Method


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """First step: address and password. The same answer for a wrong password and for an unknown address."""
    next_path = access.safe_next(request.POST.get("next") or request.GET.get("next", ""), default="")
    if request.user.is_authenticated:
        return redirect(access.safe_next(next_path))
    form = SignInForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "next": next_path, "demo_accounts": _demo_accounts()}
    if not (request.method == "POST" and form.is_valid()):
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "security/sign_in.html", context, status=status)
    begun = sign_in.begin(request, next_path=next_path, **form.cleaned_data)
    if begun is Begun.PASSKEY:
        return redirect("security:passkey")
    if begun is Begun.SECOND_FACTOR:
        return redirect("security:second_factor")
    if begun is Begun.ENROL:
        return redirect("security:enrol")
    if begun is Begun.LOCKED:
        return locked(request, clock.now() + timedelta(hours=settings.AXES_COOLOFF_TIME))
    form.add_error(None, _("The address or the password is not right."))
    return render(request, "security/sign_in.html", context, status=UNPROCESSABLE)


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Second step: a code of the authenticator."""
    return _second_step(request, METHODS.TOTP, "security/second_factor.html")


@never_cache
@require_http_methods(["GET", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    """Second step for those without their authenticator: a recovery code."""
    return _second_step(request, METHODS.RECOVERY, "security/recovery.html")


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    session: StaffSession | None = getattr(request, "staff_session", None)
    if session is not None:
        sessions.end(session=session, reason="signed_out", actor=session.staff.actor)
    logout(request)
    return redirect("security:sign_in")


def locked(request: HttpRequest, until: datetime | None) -> HttpResponse:
    """Answer that there were too many wrong tries."""
    return render(request, "security/locked.html", {"until": until}, status=429)


def problem_of(verdict: Verdict) -> str:
    """Return the sentence for an answer that was not accepted."""
    if verdict is Verdict.AWAY:
        return _("Passkeys and codes cannot be checked right now. Nothing was counted as wrong: try again in a minute.")
    return _("This was not accepted: it was not right, too old, or used already. Begin again.")


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer that there were too many wrong answers; the verifier tells nobody until when, but it is never later."""
    return locked(request, clock.now() + timedelta(minutes=LOCK_MIN))


def _second_step(request: HttpRequest, method: str, template: str) -> HttpResponse:
    person = sign_in.person_half_way(request)
    if person is None:
        return redirect("security:sign_in")
    if selectors.factor_state(person).since is None:
        return redirect("security:passkey" if selectors.has_passkey(person) else "security:enrol")
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, template, _step_context(form, person), status=status)
    next_path = sign_in.next_path(request)
    verdict = sign_in.finish(request, person=person, code=form.cleaned_data["code"], method=method)
    if verdict is Verdict.ACCEPTED:
        return redirect(access.safe_next(next_path))
    state = selectors.factor_state(person)
    if verdict is Verdict.LOCKED or state.failures >= TRIES:
        return locked(request, state.locked_until)
    if verdict is Verdict.AWAY:
        form.add_error(None, problem_of(verdict))
        return render(request, template, _step_context(form, person), status=UNAVAILABLE)
    form.add_error("code", _("This code is not right, or it was used already. Wait for the next one."))
    return render(request, template, _step_context(form, person, TRIES - state.failures), status=UNPROCESSABLE)


def _step_context(form: CodeForm, person: Staff, attempts_left: int | None = None) -> dict[str, Any]:
    return {
        "form": form,
        "email_masked": masked_email(person.email),
        "attempts_left": attempts_left,
        "has_passkey": selectors.has_passkey(person),
    }


def _demo_accounts() -> list[str]:
    return [f"{role}@pharos.test" for role in ("agent", "lead", "auditor", "admin")] if settings.DEMO else []
