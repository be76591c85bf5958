"""Subscribing by mail: asking, the page that says yes, and the one that ends it. No session, no token of a form."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kb import languages, readers, subscription_links
from kb.models import Subscription, Translation
from kb.services import errors, subscriptions
from kb.views.pages import address, in_language, page, takes, uncached
from kb.views.saying import said

REFUSED = 422


@said("subscribe")
@in_language
def ask(request: HttpRequest, language: str) -> HttpResponse:
    """Ask an address by mail whether it wants bulletins, or an article's changes; the same answer for every address."""
    row = _article(request.POST.get("article", ""))
    given = request.POST.get("address", "")[:320]
    problem = ""
    try:
        subscriptions.ask(address=given, language=language, article=row.article if row else None)
    except errors.AddressRefused as refused:
        problem = str(refused.message)
    canonical = address("article", language, row.slug) if row else address("bulletins", language)
    context: dict[str, Any] = {
        "row": row,
        "problem": problem,
        "address": given,
        "back": canonical,
        "canonical": canonical,
        "alternates": [],
    }
    return page(request, "kb/subscribe.html", context, language=language, status=REFUSED if problem else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@takes()
def confirm(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page of a mailed link: its button says yes. Opening it, as scanners of mail do, says nothing."""
    row = _of(token, salt=subscription_links.CONFIRMS)
    is_sent = request.method == "POST"
    if is_sent and not readers.is_from_here(request):
        raise PermissionDenied
    with translation.override(row.language):
        is_confirmed = is_sent and subscriptions.confirm(subscription=row)
        state = "open" if not is_sent else "confirmed" if is_confirmed else "late"
        return _shown(request, row, state=state)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@takes()
def unsubscribe(request: HttpRequest, token: str) -> HttpResponseBase:
    """The page of the link that ends it. Mail programs press it from elsewhere (RFC 8058): the link is enough."""
    row = _of(token, salt=subscription_links.ENDS)
    is_sent = request.method == "POST"
    if is_sent:
        subscriptions.end(subscription=row)
    with translation.override(row.language):
        return _shown(request, row, state="ended" if is_sent else "ending")


def _shown(request: HttpRequest, row: Subscription, *, state: str) -> HttpResponse:
    canonical = address("bulletins", row.language)
    context = {"article": _title(row), "state": state, "canonical": canonical, "alternates": []}
    return uncached(page(request, "kb/subscription.html", context, language=row.language))


def _of(token: str, *, salt: str) -> Subscription:
    row = subscription_links.subscription(token[:200].replace("\x00", ""), salt=salt)
    if row is None:
        raise Http404
    return row


def _title(row: Subscription) -> str:
    if row.article is None:
        return ""
    public = Translation.objects.public().filter(article=row.article).select_related("published")
    by_language = {one.language: one for one in public}
    found = next((by_language[code] for code in languages.chain(row.language) if code in by_language), None)
    return found.published.title if found and found.published else row.article.slug


def _article(public_id: str) -> Translation | None:
    if not public_id:
        return None
    rows = Translation.objects.public().select_related("article")
    row = rows.filter(public_id=public_id[:40].replace("\x00", "")).first()
    if row is None:
        raise Http404
    return row
