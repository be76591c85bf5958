"""Rating how one was helped, in place: the visitor's answer to the survey about their own conversation."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from livechat.selectors import chats as shown
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required
from tickets.models import Survey
from tickets.services import surveys


@require_POST
@visitor_required
@as_problems
def rate(request: HttpRequest) -> HttpResponse:
    """Answer the survey, or change the answer: 200 with how it stands now."""
    given = bodies.read(request, bodies.Rate)
    if refusal := too_fast(request, "say", visitor_here(request).public_id):
        return refusal
    answer = surveys.Given(rating=given.rating, comment=given.comment)
    kept = surveys.answer(survey=_own(request, given), given=answer)
    return JsonResponse({"rating": kept.rating, "comment": kept.comment, "redactions": kept.redactions})


@require_POST
@visitor_required
@as_problems
def skip(request: HttpRequest) -> HttpResponse:
    """Rather not: asked no more about this resolution."""
    surveys.skip(survey=_own(request, bodies.read(request, bodies.OnSurvey)))
    return HttpResponse(status=204)


def _own(request: HttpRequest, given: bodies.OnSurvey) -> Survey:
    chat = shown.of_visitor(visitor_here(request), given.chat)
    mine = Survey.objects.filter(ticket=chat.ticket, public_id=given.survey) if chat else Survey.objects.none()
    survey = mine.select_related("ticket", "customer").first()
    if survey is None:
        raise Http404
    return survey
