"""Pages behind links in mails: opening one changes nothing, only the form on it does."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from security.forms import EmailForm, InvitationForm, NewPasswordForm
from security.models import Invitation
from security.services import invitations, password_reset, sign_in
from security.services.totp import Verdict
from security.verifier_client import VerifierAwayError
from security.views.signing import UNAVAILABLE, UNPROCESSABLE, problem_of

GONE = 410


@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a link; the answer is the same for every address."""
    form = EmailForm(request.POST or None)
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked:
        password_reset.request(email=form.cleaned_data["email"], language=translation.get_language() or "en")
    status = UNPROCESSABLE if request.method == "POST" and not is_asked else 200
    return render(request, "security/forgot.html", {"form": form, "is_sent": is_asked}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, public_id: str, token: str) -> HttpResponse:
    """Set a new password by link; then sign in with it, second factor included."""
    person = password_reset.person_of(public_id=public_id, token=token)
    if person is None:
        return render(request, "security/reset.html", {"is_valid": False}, status=GONE)
    form = NewPasswordForm(request.POST or None, person=person)
    if request.method != "POST" or not form.is_valid():
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "security/reset.html", {"is_valid": True, "form": form}, status=status)
    done = password_reset.complete(public_id=public_id, token=token, password=form.cleaned_data["password"])
    if done is None:
        return render(request, "security/reset.html", {"is_valid": False}, status=GONE)
    messages.success(request, _("Your password is changed. Sign in with it now."))
    return redirect("security:sign_in")


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation; the authenticator is next."""
    found = invitations.find(token=token)
    if found is None:
        return render(request, "security/invitation.html", {"is_valid": False}, status=GONE)
    form = InvitationForm(request.POST or None, person=found.staff, initial={"name": found.staff.name})
    if request.method != "POST" or not form.is_valid():
        context = {"is_valid": True, "form": form, "invitation": _shown(found)}
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "security/invitation.html", context, status=status)
    try:
        person = invitations.accept(token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"])
    except VerifierAwayError:
        form.add_error(None, problem_of(Verdict.AWAY))
        context = {"is_valid": True, "form": form, "invitation": _shown(found)}
        return render(request, "security/invitation.html", context, status=UNAVAILABLE)
    if person is None:
        return render(request, "security/invitation.html", {"is_valid": False}, status=GONE)
    # Whoever was signed in here before is not the person who accepted.
    request.session.flush()
    sign_in.start(request, person=person)
    return redirect("security:enrol")


def _shown(found: Invitation) -> dict[str, object]:
    return {
        "email": found.staff.email,
        "role_name": found.staff.get_role_display(),
        "invited_by": found.invited_by.name if found.invited_by else "Pharos",
        "expires_at": found.expires_at,
    }
