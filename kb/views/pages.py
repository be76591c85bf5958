"""What the help centre's pages share: language by path, no cookie and no session, kept by caches, an ETag."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response

from kb import languages, markdown
from kb.selectors import shown

# A page may be as old as this; what is published is there for everybody after it.
KEPT_S = 60
# The page is asked for in these languages of ours; the words around an article are there in the first two.
SPOKEN = ("en", "zh-hans")
View = Callable[..., HttpResponseBase]


def takes(*known: str) -> Callable[[View], View]:
    """Answer 400 to a query parameter that this list does not know: nothing may be probed by name."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.GET.keys() <= set(known):
                return view(request, *args, **kwargs)
            return HttpResponseBadRequest("This list does not know such a parameter.")

        return guarded

    return decorate


def in_language(view: View) -> View:
    """Answer in the language that the path names; another is not found."""

    @wraps(view)
    def speaking(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if language not in languages.LANGUAGES:
            raise Http404
        with translation.override(language):
            response = view(request, language, *args, **kwargs)
        response.headers["Content-Language"] = language
        return response

    return speaking


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    language: str,
    status: int = 200,
    keeps_s: int = KEPT_S,
) -> HttpResponse:
    """Render for everybody alike: without the request no cookie, session or person can get into it."""
    base = {
        "ui": {"theme": "system", "demo": settings.DEMO},
        "language": language,
        "site_url": settings.SITE_URL,
        "speaking": [(code, languages.name(code)) for code in SPOKEN],
        "here": request.path,
    }
    content = render_to_string(template, {**base, **context}).encode()
    response = HttpResponse(content, status=status)
    return kept(request, response, content, keeps_s=keeps_s) if status == 200 else uncached(response)


def kept(request: HttpRequest, response: HttpResponse, content: bytes, *, keeps_s: int = KEPT_S) -> HttpResponse:
    """Let caches keep it for a minute or as long as it says, and answer 304 to who has it."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    response.headers["Cache-Control"] = f"public, max-age={keeps_s}"
    answer = get_conditional_response(request, etag=etag, response=response) or response
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = response.headers["Cache-Control"]
    # Read by security.middleware: no cookie of whoever asks is in it, and none decides about it.
    answer.is_for_everybody = True  # type: ignore[attr-defined]
    return answer  # type: ignore[no-any-return, unused-ignore]


def uncached(response: HttpResponse) -> HttpResponse:
    """Nobody keeps it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def with_videos(request: HttpRequest, response: HttpResponse, html: str) -> HttpResponse:
    """Let the hosts of videos in, where the page shows one."""
    if markdown.has_video(html):
        return csp_replace({"frame-src": markdown.video_origins()})(lambda _request: response)(request)  # type: ignore[return-value]
    return response


def address(name: str, *arguments: str) -> str:
    """Return the whole address of a page."""
    return settings.SITE_URL + reverse(f"help:{name}", args=arguments)


def alternates(row: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401 -- a Translation
    """Return (language, its name, address) of an article in every language it is in."""
    return [(one.language, one.name, address("article", one.language, one.slug)) for one in shown.others(row)]
