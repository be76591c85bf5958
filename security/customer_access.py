"""Who may open a page of the portal: customers with a session of their own, and nobody else, staff included."""

import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from accounts.models import Customer
from security.access import safe_next
from security.models import CustomerSession
from security.services import customer_sessions

View = Callable[..., HttpResponseBase]


def customer_required(view: View) -> View:
    """Admit customers by the portal's own cookie; others are sent to its sign-in page. The answer is never cached."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        session = session_of(request)
        response: HttpResponseBase
        if session is None:
            response = to_sign_in(request)
        else:
            customer_sessions.touch(session=session)
            request.customer_session = session  # type: ignore[attr-defined]
            with spoken_to(request, session.customer):
                response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    # Read by the permission matrix.
    guarded.is_customer_only = True  # type: ignore[attr-defined]
    return guarded


def session_of(request: HttpRequest) -> CustomerSession | None:
    """Return the living session behind this browser's portal cookie; no other cookie is looked at."""
    return customer_sessions.of_token(token=request.COOKIES.get(settings.PORTAL_COOKIE_NAME, ""))


def session_here(request: HttpRequest) -> CustomerSession:
    """Return the session that `customer_required` has found."""
    session: CustomerSession = request.customer_session  # type: ignore[attr-defined]
    return session


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the portal's sign-in page, coming back to this page."""
    return redirect(sign_in_url(request.get_full_path() if request.method in {"GET", "HEAD"} else ""))


def sign_in_url(next_path: str) -> str:
    """Return the address of the portal's sign-in page that leads on to `next_path` if that is ours."""
    path = safe_next(next_path, default="")
    query = f"?{urlencode({'next': path})}" if path else ""
    return f"{reverse(settings.CUSTOMER_LOGIN_URL)}{query}"


@contextmanager
def spoken_to(request: HttpRequest, customer: Customer) -> Iterator[None]:
    """Answer in the language that this browser has chosen, else in the customer's, and in their time zone."""
    has_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    language = request.LANGUAGE_CODE if has_chosen or not customer.locale else customer.language
    with timezone.override(_zone(customer)), translation.override(language):
        request.LANGUAGE_CODE = language
        yield


def _zone(customer: Customer) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(customer.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
