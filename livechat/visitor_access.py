"""Who may call the visitors' API: whoever shows a visitor's token, from our own frame. No cookie opens it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from core import rate_limits
from core.problems import plain_problem
from livechat.models import Visitor
from livechat.services import visitors

View = Callable[..., HttpResponseBase]
UNAUTHORIZED, FORBIDDEN, TOO_MANY = 401, 403, 429
ORIGIN_HEADER = "X-Chat-Origin"


def from_our_frame(view: View) -> View:
    """Refuse a POST that no page of this site has sent (403): the frame is one, whoever embeds it.

    It takes the place of the CSRF token: the frame has no cookie that could hold one. Answers are never cached.
    """

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and request.headers.get("Origin", "") != settings.SITE_URL:
            response: HttpResponseBase = plain_problem(
                FORBIDDEN, "foreign_origin", "Only the chat's own frame may send this."
            )
        else:
            response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def visitor_required(view: View) -> View:
    """Admit a visitor by the token in `Authorization: Bearer`, in its own inbox and from its own origin; else 401."""

    @from_our_frame
    @wraps(view)
    def guarded(request: HttpRequest, slug: str, **kwargs: str) -> HttpResponseBase:
        visitor = visitor_behind(request, slug)
        if visitor is None:
            response = plain_problem(UNAUTHORIZED, "not_a_visitor", "Start the conversation anew.")
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        visitors.touch(visitor=visitor)
        request.visitor = visitor  # type: ignore[attr-defined]
        with translation.override(visitor.locale or settings.LANGUAGE_CODE):
            return view(request, **kwargs)

    # Read by the permission matrix.
    guarded.is_visitor_only = True  # type: ignore[attr-defined]
    return guarded


def visitor_here(request: HttpRequest) -> Visitor:
    """Return the visitor that `visitor_required` has found."""
    visitor: Visitor = request.visitor  # type: ignore[attr-defined]
    return visitor


def visitor_behind(request: HttpRequest, slug: str) -> Visitor | None:
    """Return the visitor whose token this request shows, if it counts here."""
    return visitors.of_token(token=_bearer(request), inbox=slug, origin=request.headers.get(ORIGIN_HEADER, "")[:300])


def proven_required(view: View) -> View:
    """Admit visitors whom the exchange has proven; others are told so (403). Inside `visitor_required`."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        if not visitor_here(request).is_proven:
            return plain_problem(FORBIDDEN, "not_proven", _("Sign in at the exchange first."))
        return view(request)

    return guarded


def too_fast(request: HttpRequest, kind: str, who: str = "") -> HttpResponse | None:
    """Count one call of `kind` by `who`, else by the network address; return the refusal when it is one too many."""
    limit = settings.CHAT_CALLS_PER_MIN[kind]
    spent = rate_limits.spend(scope=f"chat:{kind}", who=who or str(request.META.get("REMOTE_ADDR", "")), limit=limit)
    if spent is None or not spent.is_over:
        return None
    response = plain_problem(TOO_MANY, "too_fast", _("That was a lot at once. Wait a minute, then send it again."))
    response.headers["Retry-After"] = str(spent.reset_s)
    return response


def _bearer(request: HttpRequest) -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token[:100] if scheme.lower() == "bearer" else ""
