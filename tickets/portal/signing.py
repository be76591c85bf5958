"""Coming in by the exchange's hand-off, and going."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from security.access import safe_next
from security.customer_access import session_of
from security.services import hand_off
from security.services.hand_off import ExchangeAway, NotHandedOff

BAD_REQUEST, BAD_GATEWAY = 400, 502
COOKIE_LIFE_S = 10 * 60
# For what needs somebody whom the exchange has just signed in: they sign in again if that was longer ago.
FRESH_S = 60
# How a browser says that our own page, or the person at it, asked (Fetch Metadata); old ones say nothing.
OWN_ACTS = {"same-origin", "none"}


@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Say how one comes in, with one button."""
    next_path = safe_next(request.GET.get("next", ""), default=reverse("portal:home"))
    if session_of(request) is not None:
        return redirect(next_path)
    return _page(request, next_path)


@never_cache
@require_safe
def to_exchange(request: HttpRequest) -> HttpResponse:
    """Send the browser to the exchange; it keeps, sealed, what it must show when it comes back.

    Whom a foreign page leads here is asked to press the button first: no session without somebody's act (ASVS 7.6.2).
    """
    next_path = safe_next(request.GET.get("next", ""), default=reverse("portal:home"))
    if request.headers.get("Sec-Fetch-Site", "none") not in OWN_ACTS:
        return redirect(f"{reverse('portal:sign_in')}?{urlencode({'next': next_path})}")
    max_age_s = FRESH_S if request.GET.get("fresh") == "1" else None
    begun = hand_off.begin(next_path=next_path, redirect_uri=_redirect_uri(), max_age_s=max_age_s)
    response = HttpResponseRedirect(begun.url)
    response.set_cookie(
        settings.HAND_OFF_COOKIE_NAME,
        begun.kept,
        max_age=COOKIE_LIFE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@never_cache
@require_safe
def hand_off_page(request: HttpRequest) -> HttpResponse:
    """Take whom the exchange has handed over: the code is of one use, and only the browser that began may bring it."""
    home = reverse("portal:home")
    response: HttpResponse
    if request.method == "HEAD":
        return HttpResponse()
    try:
        accepted = hand_off.accept(
            request=request,
            code=request.GET.get("code", "")[:2000],
            state=request.GET.get("state", "")[:200],
            kept=request.COOKIES.get(settings.HAND_OFF_COOKIE_NAME, ""),
            redirect_uri=_redirect_uri(),
        )
    except NotHandedOff as refused:
        response = _page(request, home, problem=_refusal(str(refused)), status=BAD_REQUEST)
    except ExchangeAway:
        words = _("The exchange does not answer right now. Nothing is wrong with your account: try again in a minute.")
        response = _page(request, home, problem=words, status=BAD_GATEWAY)
    else:
        rotate_token(request)
        response = redirect(safe_next(accepted.next_path, default=home))
        _keep(response, accepted.opened.token)
    response.delete_cookie(settings.HAND_OFF_COOKIE_NAME, samesite="Lax")
    return response


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session at the portal; the exchange's own goes on."""
    session = session_of(request)
    if session is not None:
        hand_off.end(session=session)
    response = redirect("portal:sign_in")
    response.delete_cookie(settings.PORTAL_COOKIE_NAME, samesite="Lax")
    return response


def _keep(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        settings.PORTAL_COOKIE_NAME,
        token,
        max_age=settings.PORTAL_ABSOLUTE_MIN * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _redirect_uri() -> str:
    return settings.SITE_URL + reverse("portal:hand_off")


def _refusal(why: str) -> str:
    """Say it in a sentence a customer can act on; which check failed stands in the audit log."""
    if why == "state":
        return _("This sign-in was begun in another browser, or more than ten minutes ago. Begin it again.")
    if why in {"code", "used", "expired"}:
        return _("This sign-in was used already or took too long. Begin it again.")
    return _("The exchange's answer could not be verified, so nobody was signed in. Begin again; if it stays, tell us.")


def _page(request: HttpRequest, next_path: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    return render(request, "portal/sign_in.html", {"next": next_path, "problem": problem}, status=status)
