"""What every page knows: colours, socket address, and (computed only when a template asks) the left pane."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.models import Staff
from accounts.permissions import Permission
from tickets.selectors import navigation

THEMES = frozenset({"system", "light", "dark"})


def page(request: HttpRequest) -> dict[str, Any]:
    """Return `ui` {theme, socket_url, demo} and `nav`."""
    user = getattr(request, "user", None)
    theme = user.theme if isinstance(user, Staff) else request.COOKIES.get(settings.THEME_COOKIE_NAME, "system")
    context: dict[str, Any] = {
        "ui": {
            "theme": theme if theme in THEMES else "system",
            "socket_url": f"{settings.SOCKET_URL}/ws/desk/",
            "demo": settings.DEMO,
            # The slot that live chat fills: who may answer has a presence, rings and chats of their own.
            "console_url": reverse("chat:console") if _answers(user) else "",
        }
    }
    if isinstance(user, Staff):
        context["nav"] = SimpleLazyObject(lambda: navigation.left_pane(user, path=request.path))
    return context


def _answers(user: object) -> bool:
    return isinstance(user, Staff) and user.has(Permission.TICKET_REPLY)
