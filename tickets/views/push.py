"""Doors of notifications on devices: the script that shows them, and a trial."""

from csp.constants import NONE
from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import built, rate_limits
from security.access import staff_required
from tickets.services import push_messages
from tickets.views.shared import staff_of, takes

SCRIPT = "src/push/worker.ts"
POLICY = {name: [NONE] for name in ("default-src", "script-src", "connect-src", "img-src", "frame-src")}
TRIALS_PER_MIN = 6
ICONS = (192, 512)
# Of the icon.
GROUND = "#17336e"


@require_safe
@takes()
@csp_replace(POLICY)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the desk: the same for everybody, it holds nothing of anybody and fetches nothing.

    Its address is what it may look after: `/desk/`. Browsers look for a new one by themselves.
    """
    response = HttpResponse(built.script(SCRIPT), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
@takes()
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a browser needs to put the desk beside other apps (W3C Web Application Manifest), the same for everybody.

    iOS shows notifications only of pages that were put on the home screen.
    """
    icons = [
        {"src": static(f"brand/desk-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in ICONS
    ]
    home = reverse("desk:home")
    said = {
        "id": home,
        "name": "Pharos",
        "short_name": "Pharos",
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": icons,
    }
    response = JsonResponse(said, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@require_POST
@staff_required(None)
def try_out(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send a trial to one of one's own devices."""
    person = staff_of(request)
    spent = rate_limits.spend(scope="push-trial", who=person.public_id, limit=TRIALS_PER_MIN)
    if spent is not None and spent.is_over:
        messages.error(request, _("That was often enough for now: wait a minute."))
    elif not push_messages.try_out(by=person, public_id=public_id):
        raise Http404
    else:
        messages.success(request, _("A trial is on its way."))
    return redirect(reverse("security:account") + "#devices")
