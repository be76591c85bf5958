"""The form for hours in which nobody is there."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from livechat.services import leaving
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required


@require_POST
@visitor_required
@as_problems
def leave(request: HttpRequest) -> HttpResponse:
    """Leave a question that is answered by mail: 201 with its number. Nothing is sent to the address now."""
    visitor = visitor_here(request)
    given = bodies.read(request, bodies.Left)
    if refusal := too_fast(request, "say", visitor.public_id) or too_fast(request, "start"):
        return refusal
    left = leaving.Left(client_id=given.client_id, text=given.text, address=given.address)
    ticket = leaving.leave(visitor=visitor, left=left)
    return JsonResponse({"number": ticket.number}, status=201)
