"""Proactive messages: a frame asks for one, and says what became of it."""

from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from pydantic import Field

from livechat.selectors import proactive as shown
from livechat.services import page_visits, proactive
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required


class Here(bodies.Body):
    """Which page the visitor is on, and for how long."""

    path: str = Field(max_length=2_000)
    stayed_s: int = Field(ge=0, le=86_400)


class Answered(bodies.Body):
    """What the visitor did with what was shown."""

    show: str = Field(max_length=20)
    answer: Literal["opened", "dismissed"]


@require_POST
@visitor_required
@as_problems
def offer(request: HttpRequest) -> HttpResponse:
    """Show what fits, or nothing: the server decides, and counts it."""
    visitor = visitor_here(request)
    given = bodies.read(request, Here)
    if refusal := too_fast(request, "beside", visitor.public_id) or too_fast(request, "address"):
        return refusal
    show = proactive.offer(visitor=visitor, path=page_visits.cleaned(given.path), stayed_s=given.stayed_s)
    return JsonResponse({"show": show.public_id if show else "", "text": show.text if show else ""})


@require_POST
@visitor_required
@as_problems
def answer(request: HttpRequest) -> HttpResponse:
    """Note that it was opened, or is not wanted."""
    given = bodies.read(request, Answered)
    show = shown.of_visitor(visitor_here(request), given.show)
    if show is None:
        raise Http404
    if given.answer == "opened":
        proactive.open_shown(show=show)
    else:
        proactive.dismiss(show=show)
    return HttpResponse(status=204)
