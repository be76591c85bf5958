"""Passkeys of staff: the second step of signing in, and changing one's own."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.problems import plain_problem
from security import access, selectors
from security.access import staff_required
from security.forms import PasskeyForm, ProofForm
from security.services import own_passkeys, sign_in
from security.services.own_passkeys import NotProvenError
from security.services.passkeys import LastPasskeyError
from security.services.totp import Verdict
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError
from security.views.account import session_of
from security.views.signing import UNAVAILABLE, UNPROCESSABLE, problem_of, too_many

CONFLICT = 409


@never_cache
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Second step for those who have a passkey: it opens the session."""
    person = sign_in.person_half_way(request)
    if person is None:
        return redirect("security:sign_in")
    if not selectors.has_passkey(person):
        return redirect("security:second_factor")
    if request.method != "POST":
        return render(request, "security/passkey.html")
    form = ProofForm(request.POST)
    next_path = sign_in.next_path(request)
    verdict = Verdict.REFUSED
    if form.is_valid():
        verdict = sign_in.finish_passkey(request, person=person, response=form.cleaned_data["response"])
    if verdict is Verdict.ACCEPTED:
        return redirect(access.safe_next(next_path))
    if verdict is Verdict.LOCKED:
        return too_many(request)
    status = UNAVAILABLE if verdict is Verdict.AWAY else UNPROCESSABLE
    return render(request, "security/passkey.html", {"problem": problem_of(verdict)}, status=status)


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """Begin the second step: what the browser gives to the passkey."""
    person = sign_in.person_half_way(request)
    if person is None:
        return redirect("security:sign_in")
    return _options(lambda: sign_in.begin_passkey(request, person=person))


@require_POST
@staff_required(None)
def prove_options(request: HttpRequest) -> HttpResponse:
    """Begin proving oneself, before one's passkeys are changed."""
    return _options(lambda: own_passkeys.begin_proof(request, person=session_of(request).staff))


@require_POST
@staff_required(None)
def prove(request: HttpRequest) -> HttpResponse:
    """Prove oneself with a passkey, or with a code by those who have none."""
    form = ProofForm(request.POST)
    verdict = Verdict.REFUSED
    if form.is_valid():
        verdict = own_passkeys.prove(request, session=session_of(request), **form.cleaned_data)
    if verdict is Verdict.LOCKED:
        return too_many(request)
    if verdict is not Verdict.ACCEPTED:
        messages.error(request, problem_of(verdict))
    return redirect(reverse("security:account") + "#passkeys")


@require_POST
@staff_required(None)
def add_options(request: HttpRequest) -> HttpResponse:
    """Begin a new passkey."""
    return _options(lambda: own_passkeys.begin_adding(request, person=session_of(request).staff))


@require_POST
@staff_required(None)
def add(request: HttpRequest) -> HttpResponse:
    """Keep the new passkey."""
    form = PasskeyForm(request.POST)
    verdict = Verdict.REFUSED
    if form.is_valid():
        try:
            verdict = own_passkeys.add(request, person=session_of(request).staff, **form.cleaned_data)
        except NotProvenError:
            messages.error(request, _not_proven())
            return redirect(reverse("security:account") + "#passkeys")
    if verdict is Verdict.LOCKED:
        return too_many(request)
    if verdict is Verdict.ACCEPTED:
        messages.success(request, _("The passkey is yours from now on. A mail about it is on its way to you."))
    else:
        messages.error(request, problem_of(verdict))
    return redirect(reverse("security:account") + "#passkeys")


@require_POST
@staff_required(None)
def end(request: HttpRequest, public_id: str) -> HttpResponse:
    """End one of one's own passkeys."""
    try:
        if not own_passkeys.end(request, session=session_of(request), public_id=public_id):
            raise Http404
    except NotProvenError:
        messages.error(request, _not_proven())
    except LastPasskeyError:
        messages.error(request, _("This is your only passkey: add another one before you end it."))
    except VerifierAwayError:
        messages.error(request, problem_of(Verdict.AWAY))
    else:
        messages.success(request, _("The passkey is ended, and every other session with it."))
    return redirect(reverse("security:account") + "#passkeys")


def _options(begin: Callable[[], Mapping[str, Any]]) -> HttpResponse:
    """Answer with the options of what `begin` begins, or with a problem document in the reader's language."""
    try:
        return JsonResponse({"options": begin()})
    except NotProvenError:
        return plain_problem(CONFLICT, "not_proven", _not_proven())
    except RefusedError:
        return plain_problem(CONFLICT, "no_passkey", _("You have no passkey: use another way."))
    except VerifierAwayError:
        return plain_problem(UNAVAILABLE, "verifier_away", problem_of(Verdict.AWAY))


def _not_proven() -> str:
    return _("Prove first that it is you: that holds for five minutes.")
