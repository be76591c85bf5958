"""Manual review as the customer sees it: pictures to send, its state, the appeal; signed in or by a mail's link."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import rate_limits
from security import client, review_links, review_state
from security.customer_access import customer_required, session_here
from security.models import ManualReview
from security.services import manual_reviews, review_documents
from security.services.fund_actions import ActionRefusedError
from security.services.review_documents import DocumentRefusedError
from tickets.portal.forms import ReviewPictureForm
from tickets.selectors import manual_reviews as shown

GONE, UNPROCESSABLE, TOO_MANY = 410, 422, 429
PER_REVIEW_PER_MIN, PER_ADDRESS_PER_MIN = 12, 30


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def own(request: HttpRequest) -> HttpResponse:
    """The newest review of one's own."""
    review = shown.latest_of(session_here(request).customer)
    return _page(request, review, "portal/review.html", "portal:review")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The review behind a mail's link: opening it changes nothing."""
    review = review_links.review_of(token)
    if review is None:
        return render(request, "portal/review_by_link.html", {"is_valid": False}, status=GONE)
    with translation.override(review.customer.language):
        return _page(request, review, "portal/review_by_link.html", "portal:review_by_link", token)


def _page(
    request: HttpRequest, review: ManualReview | None, template: str, route: str, *arguments: str
) -> HttpResponse:
    problem, status = "", 200
    if request.method == "POST" and review is not None:
        if _is_too_often(request, review.public_id):
            return render(request, "429.html", status=TOO_MANY)
        problem, status = _acted(request, review), UNPROCESSABLE
        if not problem:
            return redirect(route, *arguments)
    context: dict[str, Any] = {"is_valid": True, "review": review, "problem": problem, "form": ReviewPictureForm()}
    if review is not None:
        context["state"] = review_state.of(review)
        context["sent"] = shown.pictures_sent(review)
        context["may_appeal"] = shown.may_appeal(review)
        context["has_appealed"] = shown.has_appealed(review)
    return render(request, template, context, status=status)


def _acted(request: HttpRequest, review: ManualReview) -> str:
    """Keep a picture or an appeal; return what was wrong with it."""
    try:
        if request.POST.get("act") == "appeal":
            manual_reviews.appeal(review=review)
            messages.success(request, _("Your appeal is with us: we ask for two others to look."))
            return ""
        form = ReviewPictureForm(request.POST, request.FILES)
        if not form.is_valid():
            return _("Choose a picture first, and say what it shows.")
        picture = form.cleaned_data["picture"]
        if picture.size > review_documents.MAX_BYTES:
            return _("This picture is too large: 15 MB at most.")
        kind = form.cleaned_data["kind"]
        review_documents.add(review=review, kind=kind, content=picture.read(), actor=review.customer.actor)
    except DocumentRefusedError as refused:
        return str(refused.sentence)
    except ActionRefusedError:
        return _("This can no longer be appealed.")
    messages.success(request, _("Your picture is with us. Only the two who look at it can see it."))
    return ""


def _is_too_often(request: HttpRequest, review: str) -> bool:
    limits = ((review, PER_REVIEW_PER_MIN), (client.address(request) or "unknown", PER_ADDRESS_PER_MIN))
    spent = [rate_limits.spend(scope="portal-review", who=who, limit=limit) for who, limit in limits]
    return any(one is not None and one.is_over for one in spent)
