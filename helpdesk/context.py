"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Return theme, socket address and whether this is a demo."""
    user = getattr(request, "user", None)
    theme = getattr(user, "theme", None) or request.COOKIES.get(settings.THEME_COOKIE_NAME, "system")
    return {
        "theme": theme if theme in {"system", "light", "dark"} else "system",
        "socket_url": f"{settings.SOCKET_URL}/ws/desk/",
        "is_demo": settings.DEMO,
    }
