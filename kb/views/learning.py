"""Learning to be safe: the quiz, which is played by addresses alone, and recorded talks."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from kb import quiz as played
from kb.selectors import talks as recorded
from kb.views.pages import SPOKEN, address, in_language, page, takes, with_videos


@require_safe
@takes("said", "next")
@in_language
def quiz(request: HttpRequest, language: str) -> HttpResponse:
    """The next question, or what was right about the last one; answers stand in the address, and nowhere else."""
    stand = played.stand(request.GET.get("said", ""), language)
    if stand is None:
        raise Http404
    context = {
        "stand": stand,
        "explains": stand.last is not None and not request.GET.get("next"),
        "is_over": stand.next is None,
        "canonical": address("quiz", language),
        "alternates": [(code, address("quiz", code)) for code in SPOKEN],
    }
    return page(request, "kb/quiz.html", context, language=language)


@require_safe
@takes()
@in_language
def talks(request: HttpRequest, language: str) -> HttpResponse:
    """Recorded talks."""
    context = {
        "talks": recorded.listed(language),
        "canonical": address("talks", language),
        "alternates": [(code, address("talks", code)) for code in SPOKEN],
    }
    return page(request, "kb/talks.html", context, language=language)


@require_safe
@takes()
@in_language
def talk(request: HttpRequest, language: str, slug: str) -> HttpResponseBase:
    """One talk: its video where the host is let in, and its words."""
    found = recorded.one(slug, language)
    if found is None:
        raise Http404
    context = {
        "talk": found,
        "canonical": address("talk", language, slug),
        "alternates": [(code, address("talk", code, slug)) for code in SPOKEN],
    }
    return with_videos(request, page(request, "kb/talk.html", context, language=language), found.video)
