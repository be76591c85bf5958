"""A survey behind a mail's signed link: opening it changes nothing, one POST answers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import rate_limits
from security import client
from tickets import survey_links
from tickets.models.survey import BEST, MAX_COMMENT, WORST
from tickets.selectors import surveys as shown
from tickets.services import errors, surveys
from tickets.views.shared import takes

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
PER_SURVEY_PER_MIN, PER_ADDRESS_PER_MIN = 10, 30


@never_cache
@takes("rating")
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what somebody thinks of how they were helped; `?rating=` of a mail's link is a choice and no answer yet."""
    survey = survey_links.survey_of(token)
    if survey is None:
        return render(request, "portal/survey_by_link.html", {"is_valid": False}, status=GONE)
    with translation.override(survey.customer.language):
        problem, is_kept = "", False
        if request.method == "POST":
            if _is_too_often(request, survey.public_id):
                return render(request, "429.html", status=TOO_MANY)
            try:
                surveys.answer(survey=survey, given=_given(request), is_by_link=True)
                is_kept = True
            except errors.Refused as refused:
                problem = str(refused.message)
        asked = shown.standing(survey)
        # Whoever holds the link reads no words: those may have been written elsewhere.
        context = {
            "is_valid": True,
            "asked": asked,
            "number": survey.ticket.number,
            "chosen": _chosen(request) or (asked.answer.rating if asked.answer else 0),
            "problem": problem,
            "is_kept": is_kept,
            "most": MAX_COMMENT,
        }
        status = GONE if not asked.is_open and not is_kept else UNPROCESSABLE if problem else 200
        return render(request, "portal/survey_by_link.html", context, status=status)


def _given(request: HttpRequest) -> surveys.Given:
    comment = request.POST.get("comment", "").strip()
    return surveys.Given(rating=_chosen(request), comment=comment or None)


def _chosen(request: HttpRequest) -> int:
    """Return the rating that was chosen, 0 for none."""
    text = (request.POST if request.method == "POST" else request.GET).get("rating", "")
    return int(text) if text in {str(rating) for rating in range(WORST, BEST + 1)} else 0


def _is_too_often(request: HttpRequest, survey: str) -> bool:
    limits = ((survey, PER_SURVEY_PER_MIN), (client.address(request) or "unknown", PER_ADDRESS_PER_MIN))
    spent = [rate_limits.spend(scope="portal-survey", who=who, limit=limit) for who, limit in limits]
    return any(one is not None and one.is_over for one in spent)
