"""Deny by default: who may open a page, and where people without a session are sent."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.audit import ANONYMOUS, Actor
from security.models import ApiToken

View = Callable[..., HttpResponseBase]
DENIED = "access.denied"


def staff_required(permission: Permission | None) -> Callable[[View], View]:
    """Admit signed-in staff whose role grants `permission` (None: any staff); the answer is never cached.

    Nobody signed in: a redirect to sign-in, or 401 with HX-Redirect for htmx. Signed in without
    the right: PermissionDenied (the 403 page), recorded in the audit log.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response: HttpResponseBase
            if request.user.is_authenticated:
                require(request, permission)
                response = view(request, *args, **kwargs)
            else:
                response = to_sign_in(request)
            add_never_cache_headers(response)
            return response

        # Read by the permission matrix.
        guarded.required_permission = permission  # type: ignore[attr-defined]
        guarded.is_staff_only = True  # type: ignore[attr-defined]
        return guarded

    return decorate


class StaffRequiredMixin:
    """`staff_required` for class-based views: set `required_permission`; unset, nobody is admitted."""

    required_permission: Permission | None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> View:
        """Wrap the whole view."""
        view: View = super().as_view(**initkwargs)  # type: ignore[misc]
        return staff_required(cls.required_permission)(view)


def require(request: HttpRequest, permission: Permission | None) -> Staff:
    """Return the signed-in person; raise PermissionDenied, recorded, when their role does not grant `permission`."""
    person = request.user
    if isinstance(person, Staff) and (permission is None or person.has(permission)) and person.is_active:
        return person
    record_denial(request, permission)
    raise PermissionDenied


def record_denial(
    request: HttpRequest,
    permission: Permission | None,
    *,
    obj: tuple[str, str] | None = None,
    actor: Actor | None = None,
) -> None:
    """Write the refusal to the audit log, whatever becomes of the request's transaction.

    `obj` (kind, public id) is what was asked for, where it is there but not for this person; `actor`
    is who asked, where the request itself does not carry them (signed links).
    """
    route = request.resolver_match.view_name if request.resolver_match else ""
    audit.record_now(
        DENIED,
        actor=actor or actor_of(request),
        obj=obj,
        detail={"permission": str(permission or ""), "route": route[:80], "method": str(request.method)},
    )


def actor_of(request: HttpRequest) -> Actor:
    """Return who acts through this request: a token, a person, or nobody."""
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return Actor("token", token.public_id)
    return request.user.actor if isinstance(request.user, Staff) else ANONYMOUS


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send to the sign-in page, coming back to this page (for htmx: to the page it was asked from)."""
    if request.headers.get("HX-Request"):
        asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
        target = sign_in_url(f"{asked_from.path}?{asked_from.query}" if asked_from.query else asked_from.path)
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return redirect(sign_in_url(request.get_full_path() if request.method in {"GET", "HEAD"} else ""))


def sign_in_url(next_path: str) -> str:
    """Return the address of the sign-in page that leads on to `next_path` if that is ours."""
    path = safe_next(next_path, default="")
    query = f"?{urlencode({'next': path})}" if path else ""
    return f"{reverse('security:sign_in')}{query}"


def safe_next(path: str, *, default: str | None = None) -> str:
    """Return `path` if it is a path on this very site, else `default` (the desk): no open redirects (CWE-601)."""
    is_ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    if is_ours and not any(mark in path for mark in ("\\", "\r", "\n", "\t")):
        return path
    return reverse(settings.LOGIN_REDIRECT_URL) if default is None else default
