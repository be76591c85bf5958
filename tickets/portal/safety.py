"""What customers set for their own safety, and who is signed in as them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from security import selectors
from security.customer_access import customer_required, session_here
from security.models import CustomerSession
from security.services import customer_sessions, safety
from security.services.safety import NotShorter
from tickets.portal.forms import LockForm, PhraseForm
from tickets.selectors import safety as shown

UNPROCESSABLE = 422


@require_safe
@customer_required
def security(request: HttpRequest) -> HttpResponse:
    """Show all of it."""
    return _page(request)


@require_POST
@customer_required
def phrase(request: HttpRequest) -> HttpResponse:
    """Keep the customer's own words."""
    form = PhraseForm(request.POST)
    if not form.is_valid():
        return _page(request, phrase_form=form)
    safety.set_phrase(customer=session_here(request).customer, phrase=form.cleaned_data["phrase"])
    messages.success(request, _("From now on your phrase stands in every mail of ours."))
    return redirect("portal:security")


@require_POST
@customer_required
def lock(request: HttpRequest) -> HttpResponse:
    """Set the support lock, or make it longer."""
    form = LockForm(request.POST)
    if form.is_valid():
        try:
            safety.lock_support(customer=session_here(request).customer, days=form.cleaned_data["days"])
        except NotShorter:
            form.add_error("days", _("The lock holds longer already. Nobody can shorten it, you included."))
        else:
            messages.success(request, _("Support can change nothing on your account until the lock ends."))
            return redirect("portal:security")
    return _page(request, lock_form=form)


@require_POST
@customer_required
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End every session but this one."""
    safety.sign_out_elsewhere(session=session_here(request))
    messages.success(request, _("Every other session is ended."))
    return redirect("portal:security")


@require_POST
@customer_required
def end_session(request: HttpRequest, public_id: str) -> HttpResponse:
    """End one of one's own sessions."""
    here = session_here(request)
    found = CustomerSession.objects.filter(public_id=public_id, customer=here.customer).first()
    if found is None:
        raise Http404
    customer_sessions.end(session=found, reason="revoked", actor=here.customer.actor)
    messages.success(request, _("The session is ended."))
    return redirect("portal:security")


def _page(
    request: HttpRequest, *, phrase_form: PhraseForm | None = None, lock_form: LockForm | None = None
) -> HttpResponse:
    here = session_here(request)
    customer = here.customer
    context: dict[str, Any] = {
        "factors": shown.factors_of(customer),
        "on_the_way": shown.passkeys_on_the_way(customer),
        "sessions": selectors.portal_sessions(here),
        "phrase": selectors.anti_phishing_phrase(customer),
        "phrase_form": phrase_form or PhraseForm(),
        "locked_until": selectors.support_locked_until(customer),
        "lock_form": lock_form or LockForm(initial={"days": 30}),
        "frozen": selectors.freeze_of(customer),
    }
    return render(request, "portal/security.html", context, status=UNPROCESSABLE if phrase_form or lock_form else 200)
