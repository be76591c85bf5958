"""What every page knows: colours, socket address, and (computed only when a template asks) the left pane."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Staff
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
        }
    }
    if isinstance(user, Staff):
        context["nav"] = SimpleLazyObject(lambda: navigation.left_pane(user, path=request.path))
    return context
