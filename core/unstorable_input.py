"""Characters that no text column holds are refused at the door, before any view or query meets them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import UnreadablePostError
from django.template import loader
from django.utils.translation import gettext as _

from core import request_id
from core.problems import plain_problem
from core.storable_text import storable

API = "/api/"


class UnstorableInputMiddleware:
    """Answers 400 for NUL and lone surrogates in path, query and form; JSON bodies are core.json_bodies' part."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read path and query; the form waits for process_view, so that only an existing door has it parsed."""
        if _is_unstorable([request.path, *_words(request.GET)]):
            return _refused(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Read the form's fields. The API takes no forms, and its bodies are left for its own bounded parser."""
        if request.method != "POST" or request.path.startswith(API):
            return None
        try:
            form = request.POST
        except UnreadablePostError:
            return None
        return _refused(request) if _is_unstorable(_words(form)) else None


def _words(fields: QueryDict) -> Iterator[str]:
    for name, values in fields.lists():
        yield name
        yield from values


def _is_unstorable(words: Iterable[str]) -> bool:
    return any(storable(word) != word for word in words)


def _refused(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        sentence = "The address holds a character that cannot be stored: NUL, or half of a surrogate pair."
        return plain_problem(400, "unstorable_character", sentence)
    sentence = _("What was sent holds a character that cannot be stored. Take it out and try again.")
    context = {"request_id": request_id.current(), "sentence": sentence}
    return HttpResponse(loader.render_to_string("400.html", context, request), status=400)
