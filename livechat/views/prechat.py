"""Checking a form before the chat that it opens: what is wrong with it, or what may answer it already."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from livechat.services import chats
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required


@require_POST
@visitor_required
@as_problems
def check(request: HttpRequest) -> HttpResponse:
    """Say whether the answers can be taken (422 names each that cannot), and suggest articles. Nothing is kept."""
    visitor = visitor_here(request)
    given = bodies.read(request, bodies.Asked)
    if refusal := too_fast(request, "beside", visitor.public_id):
        return refusal
    found = chats.consider(visitor=visitor, answers=bodies.answers_of(given), text=given.text)
    return JsonResponse({"suggestions": [asdict(one) for one in found]})
