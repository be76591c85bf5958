"""Doors of the search: its page, and what its box offers."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.search.language import LONGEST, Query, QueryError, read
from tickets.selectors import navigation, search, search_suggestions
from tickets.selectors.orders import BadCursorError
from tickets.views.row_markup import RowMarkup
from tickets.views.shared import page, staff_of, takes, wants_fragment

# Cases that are found open beside this view when their page is loaded anew.
BESIDE = "open"


@dataclass(frozen=True, slots=True)
class Chip:
    """One piece of the query as it was understood, and the way to the search without it."""

    text: str
    is_operator: bool
    is_negated: bool
    url: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be read of the query, with the text around it."""

    sentence: str
    before: str
    piece: str
    after: str


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("q", "after")
def home(request: HttpRequest) -> HttpResponse:
    """What was found, or the ways to ask."""
    text = request.GET.get("q", "").strip()
    after = request.GET.get("after", "")
    context: dict[str, object] = {"q": text, "pane": "queue", "is_first_page": not after}
    try:
        query = read(text)
        context["chips"] = _chips(query)
        if query.terms:
            context |= _found(request, text, search.find(query, person=staff_of(request), after=after))
    except QueryError as error:
        context["wrong"] = Wrong(error.sentence, *error.around(text))
    except BadCursorError:
        return HttpResponseBadRequest("The cursor is not one of this search.")
    if wants_fragment(request):
        return page(request, "desk/_search_rows.html" if after else "desk/_search.html", context)
    person = staff_of(request)
    context["nav"] = SimpleLazyObject(lambda: navigation.left_pane(person, path=request.path))
    return page(request, "desk/search.html", context)


def _found(request: HttpRequest, text: str, found: search.Found) -> dict[str, object]:
    markup = RowMarkup(view=BESIDE, open_id="", can_choose=False)
    return {
        "rows": [markup(hit.row, below=_snippets(hit)) for hit in found.hits],
        "next_url": _address(text, after=found.next_cursor) if found.next_cursor else "",
        "count": found.count,
        "has_more": found.has_more_than_ranked,
        "most": search.MOST_HITS,
    }


def _snippets(hit: search.Hit) -> SafeString:
    if not hit.snippets:
        return SafeString("")
    return render_to_string("desk/_search_snippets.html", {"snippets": hit.snippets})


def _chips(query: Query) -> list[Chip]:
    return [
        Chip(term.piece, bool(term.operator), term.is_negated, _address(query.without(term))) for term in query.terms
    ]


def _address(text: str, **more: str) -> str:
    return f"{reverse('desk:search')}?{urlencode({'q': text, **more})}"


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("q")
def suggest(request: HttpRequest) -> HttpResponse:
    """Ways to go on with what is in the box."""
    text = request.GET.get("q", "")[:LONGEST]
    found = search_suggestions.suggestions(text, staff_of(request))
    return JsonResponse({"suggestions": [{"query": one.query, "label": one.label, "hint": one.hint} for one in found]})
