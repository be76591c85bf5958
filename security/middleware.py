"""Puts the living staff session on every request, or takes a dead one's authority away."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import Staff
from security.models import StaffSession
from security.services import sessions

# What the page asks for by itself (live updates, counts) does not keep an idle person signed in.
BACKGROUND_HEADER = "X-Background"


class SessionCookieMiddleware(SessionMiddleware):
    """Django's, but what the page asks for by itself never touches the cookie, and what is everybody's knows none.

    Such a request may have left with the former key just before a proof gave the browser a new one: its answer, which
    knows nobody any more, must not take the new cookie away.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Answer with the cookie, if a person asked; a page that is the same for everybody is kept as one by caches."""
        if getattr(response, "is_for_everybody", False):
            response.headers.pop("Vary", None)
            return response
        answer = super().process_response(request, response)
        if BACKGROUND_HEADER in request.headers:
            answer.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return answer


class StaffSessionMiddleware:
    """Reads the session row, the person and their role anew at each request; sets `request.staff_session`.

    A cookie whose row has ended, is too old, too long idle or under another epoch is worth nothing:
    the Django session is flushed and the request goes on as nobody's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Admit, then answer in the person's language and time zone."""
        session = self._admit(request)
        request.staff_session = session  # type: ignore[attr-defined]
        if session is None:
            return self.get_response(request)
        person = session.staff
        with timezone.override(_zone(person)):
            translation.activate(person.locale)
            request.LANGUAGE_CODE = translation.get_language()
            return self.get_response(request)

    def _admit(self, request: HttpRequest) -> StaffSession | None:
        if SESSION_KEY not in request.session:
            return None
        # Row and person in one query. Django's own `request.user`, not asked for here, would read the person once more.
        session = sessions.behind(request.session)
        if session is None:
            logout(request)
            return None
        if BACKGROUND_HEADER not in request.headers:
            sessions.touch(session)
        request.user = session.staff
        return session


def _zone(person: Staff) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(person.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
