"""The visitors' door for pages of the embedding site: paths only."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from pydantic import Field

from livechat.services import page_visits
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required


class Page(bodies.Body):
    """One page: its path, and how long ago the visitor came to it."""

    path: str = Field(max_length=2_000)
    ago_s: int = Field(ge=0, le=2**31 - 1)


class Pages(bodies.Body):
    """Pages that the widget has not told of yet, oldest first."""

    pages: list[Page] = Field(max_length=20)


@require_POST
@visitor_required
@as_problems
def pages(request: HttpRequest) -> HttpResponse:
    """Note where the visitor has been."""
    visitor = visitor_here(request)
    given = bodies.read(request, Pages)
    if refusal := too_fast(request, "beside", visitor.public_id) or too_fast(request, "address"):
        return refusal
    page_visits.note(visitor=visitor, pages=[page_visits.Seen(page.path, page.ago_s) for page in given.pages])
    return HttpResponse(status=204)
