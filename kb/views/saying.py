"""What readers send: votes, words to the editors, and that an article has answered them. No session, no token.

Their pages are kept by caches; what lets a form in is the origin that browsers name (kb.readers.is_from_here).
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kb import languages, readers
from kb.models import Reason, Translation
from kb.search.words import LONGEST_QUERY
from kb.selectors import searching
from kb.services import errors, reading
from kb.views.pages import address, in_language, page, uncached

MOST_SUGGESTED = 3
View = Callable[..., HttpResponseBase]


def said(kind: str) -> Callable[[View], View]:
    """Let in what a page of ours sends, so many times a minute; nobody keeps the answer."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not readers.is_from_here(request):
                raise PermissionDenied
            if readers.is_over(request, kind):
                return HttpResponse(_("That was a lot at once. Wait a minute."), status=429, content_type="text/plain")
            response = view(request, *args, **kwargs)
            return uncached(response) if isinstance(response, HttpResponse) else response

        return guarded

    return decorate


@said("say")
@in_language
def vote(request: HttpRequest, language: str, public_id: str) -> HttpResponse:
    """Whether the article helped; back to it, with thanks."""
    row = _translation(public_id)
    if row.published is None or request.POST.get("helpful") not in {"yes", "no"}:
        raise Http404
    key = readers.key_of(request)
    opinion = reading.Opinion(request.POST["helpful"] == "yes", request.POST.get("reason", ""))
    reading.vote(revision=row.published, reader=readers.hashed(key), opinion=opinion)
    response = _thanks(request, language, row, asks_why=not opinion.is_helpful)
    readers.remember(response, key)
    return response


@said("say")
@in_language
def feedback(request: HttpRequest, language: str, public_id: str) -> HttpResponse:
    """Words to the editors."""
    row = _translation(public_id)
    if row.published is None:
        raise Http404
    try:
        reading.tell(revision=row.published, text=request.POST.get("text", ""))
    except errors.Refused:
        return redirect(reverse("help:article", args=[language, row.slug]))
    return _thanks(request, language, row)


@said("say")
@in_language
def chosen(request: HttpRequest, language: str, public_id: str) -> HttpResponse:
    """An article was opened from the results (the `ping` of a link): which query led to it is counted."""
    row = _translation(public_id)
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    reading.opened(query=query, language=language, article=row.article)
    return HttpResponse(status=204)


@said("suggest")
def suggest(request: HttpRequest) -> HttpResponse:
    """Articles that may answer what somebody is about to ask; nothing of it is kept."""
    given = _json(request)
    language = languages.nearest(str(given.get("language", "")))
    text = str(given.get("text", ""))[:LONGEST_QUERY]
    found = searching.find(text, language=language, narrowed=searching.Narrowed(most=MOST_SUGGESTED))
    told = [
        {"id": hit.public_id, "title": hit.title, "url": address("article", hit.language, hit.slug)}
        for hit in found.hits
    ]
    return JsonResponse({"suggestions": told})


@said("say")
def solved(request: HttpRequest) -> HttpResponse:
    """An article has answered somebody who was about to ask."""
    given = _json(request)
    row = _translation(str(given.get("id", "")))
    key = readers.key_of(request)
    try:
        reading.solved(
            article=row.article, language=row.language, door=str(given.get("door", "")), reader=readers.hashed(key)
        )
    except errors.Refused as refused:
        raise Http404 from refused
    response = HttpResponse(status=204)
    readers.remember(response, key)
    return response


def _translation(public_id: str) -> Translation:
    rows = Translation.objects.public().select_related("published", "article")
    row = rows.filter(public_id=public_id[:40].replace("\x00", "")).first()
    if row is None:
        raise Http404
    return row


def _thanks(request: HttpRequest, language: str, row: Translation, *, asks_why: bool = False) -> HttpResponse:
    context = {
        "row": row,
        "asks_why": asks_why,
        "reasons": [(value, label) for value, label in Reason.choices if value],
        "back": address("article", language, row.slug),
        "canonical": address("article", language, row.slug),
        "alternates": [],
    }
    return page(request, "kb/thanks.html", context, language=language)


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body[: settings.MAX_EVENT_BYTES])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
