"""Bulletins for readers: the list, one of them, and an Atom feed for each language."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kb.selectors import bulletins
from kb.views.pages import SPOKEN, address, in_language, kept, page, takes


@require_safe
@takes()
@in_language
def home(request: HttpRequest, language: str) -> HttpResponse:
    """Every bulletin that has begun, the newest first."""
    context = {
        "listed": bulletins.listed(language),
        "canonical": address("bulletins", language),
        "alternates": [(code, address("bulletins", code)) for code in SPOKEN],
    }
    return page(request, "kb/bulletins.html", context, language=language)


@require_safe
@takes()
@in_language
def one(request: HttpRequest, language: str, public_id: str) -> HttpResponse:
    """One bulletin, or that it was withdrawn."""
    found = bulletins.one(public_id, language)
    if found is None:
        raise Http404
    context = {
        "one": found,
        "canonical": address("bulletin", language, public_id),
        "alternates": [(code, address("bulletin", code, public_id)) for code in SPOKEN],
    }
    return page(request, "kb/bulletin.html", context, language=language)


@require_safe
@takes()
@in_language
def feed(request: HttpRequest, language: str) -> HttpResponse:
    """The same as Atom (RFC 4287)."""
    made = Atom1Feed(
        title=_("Security bulletins of Pharos"),
        link=address("bulletins", language),
        feed_url=address("bulletin_feed", language),
        description="",
        language=language,
    )
    for one_shown in bulletins.listed(language, most=bulletins.MOST_IN_FEED):
        link = address("bulletin", language, one_shown.public_id)
        made.add_item(
            title=f"{one_shown.severity_name}: {one_shown.title}",
            link=link,
            description="".join(html for _name, html in one_shown.parts),
            unique_id=link,
            pubdate=one_shown.starts_at,
            updateddate=one_shown.starts_at,
            categories=one_shown.products,
        )
    content = made.writeString("utf-8").encode()
    return kept(request, HttpResponse(content, content_type="application/atom+xml; charset=utf-8"), content)
