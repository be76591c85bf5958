"""One's own account: settings, password, sessions, recovery codes, and the page that shows them with one's passkeys."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Staff
from accounts.services import preferences
from core import web_push
from security import access, selectors
from security.access import staff_required
from security.forms import ChangePasswordForm, CodeForm, PreferencesForm, time_zones
from security.models import StaffSession
from security.services import own_passkeys, passwords, recovery_codes, sessions, totp
from security.services.totp import Verdict
from security.views.signing import UNPROCESSABLE, locked, problem_of

COOKIE_LIFE_S = 365 * 24 * 60 * 60


@require_http_methods(["GET", "POST"])
@staff_required(None)
def account(request: HttpRequest) -> HttpResponse:
    """Show the account, or change settings or password, as the field `form` says."""
    if request.method == "POST" and request.POST.get("form") == "preferences":
        return _change_preferences(request)
    if request.method == "POST" and request.POST.get("form") == "password":
        return _change_password(request)
    return _page(request)


@require_POST
@staff_required(None)
def session_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    """End one of one's own sessions."""
    here = session_of(request)
    found = StaffSession.objects.filter(public_id=public_id, staff=here.staff).first()
    if found is None:
        raise Http404
    sessions.end(session=found, reason="revoked", actor=here.staff.actor)
    messages.success(request, _("The session is ended."))
    return redirect("security:account")


@require_POST
@staff_required(None)
def recovery_renew(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, for the holder of the authenticator only."""
    here = session_of(request)
    form = CodeForm(request.POST)
    verdict = Verdict.REFUSED
    if form.is_valid():
        verdict = totp.verify(person=here.staff, code=form.cleaned_data["code"])
    if verdict is Verdict.LOCKED:
        return locked(request, selectors.factor_state(here.staff).locked_until)
    if verdict is Verdict.AWAY:
        messages.error(request, problem_of(verdict))
        return redirect("security:account")
    if verdict is Verdict.REFUSED:
        messages.error(request, _("This code is not right, or it was used already. Wait for the next one."))
        return redirect("security:account")
    sessions.renew_key(request=request, session=here)
    codes = recovery_codes.renew_own(person=here.staff)
    return render(request, "security/recovery_codes.html", {"codes": codes, "next": reverse("security:account")})


def _change_preferences(request: HttpRequest) -> HttpResponse:
    person = session_of(request).staff
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return _page(request, preferences_form=form)
    preferences.update(person=person, **form.given)
    response = redirect(access.safe_next(request.POST.get("next", ""), default=reverse("security:account")))
    response.status_code = 303
    _set_cookies(response, person)
    return response


def _change_password(request: HttpRequest) -> HttpResponse:
    here = session_of(request)
    form = ChangePasswordForm(request.POST, person=here.staff)
    if not form.is_valid():
        return _page(request, password_form=form)
    verdict = passwords.prove(person=here.staff, current=form.cleaned_data["current"])
    if verdict is Verdict.LOCKED:
        return locked(request, selectors.factor_state(here.staff).locked_until)
    if verdict is Verdict.REFUSED:
        form.add_error("current", _("This is not your password."))
        return _page(request, password_form=form)
    passwords.change(request=request, session=here, password=form.cleaned_data["password"])
    messages.success(request, _("Your password is changed. Every other session was ended."))
    return redirect("security:account")


def _page(
    request: HttpRequest,
    *,
    preferences_form: PreferencesForm | None = None,
    password_form: ChangePasswordForm | None = None,
) -> HttpResponse:
    here = session_of(request)
    person = here.staff
    shown = {name: getattr(person, name) for name in preferences.OWN}
    context: dict[str, Any] = {
        "preferences": preferences_form or PreferencesForm(initial=shown),
        "password": password_form or ChangePasswordForm(person=person),
        "time_zones": time_zones(),
        "sessions": selectors.own_sessions(person, here),
        "recovery_left": selectors.recovery_codes_left(person),
        "totp_since": selectors.factor_state(person).since,
        "push_key": web_push.public_key(),
        "devices": selectors.own_devices(person),
        "passkeys": selectors.own_passkeys(person),
        "training": selectors.training_ending(person),
        "is_proven": own_passkeys.is_proven(request),
    }
    status = UNPROCESSABLE if preferences_form or password_form else 200
    return render(request, "security/account.html", context, status=status)


def session_of(request: HttpRequest) -> StaffSession:
    """Return the session of who asks."""
    session = getattr(request, "staff_session", None)
    if not isinstance(session, StaffSession):
        raise PermissionDenied
    return session


def _set_cookies(response: HttpResponse, person: Staff) -> None:
    """Keep language and theme for the pages before sign-in."""
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, person.locale), (settings.THEME_COOKIE_NAME, person.theme)):
        response.set_cookie(
            name,
            value,
            max_age=COOKIE_LIFE_S,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
            httponly=True,
        )
