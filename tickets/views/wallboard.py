"""The door of the wallboard: how it stands now, for a screen that everybody sees."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.selectors import wallboard
from tickets.views.shared import page, staff_of, takes, wants_fragment


@require_safe
@staff_required(Permission.WALLBOARD_VIEW)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """The whole page, or what the page asks for again by itself."""
    template = "desk/_wallboard.html" if wants_fragment(request) else "desk/wallboard.html"
    return page(request, template, {"board": wallboard.reading(staff_of(request))})
