"""The public pages of the help centre: anybody may read them, without a session, a cookie or a script."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import files
from core.security_headers import SANDBOXED
from kb import glossary as words
from kb import languages, live, readers, structured
from kb.models import Picture, Reason, Translation
from kb.search.words import LONGEST_QUERY
from kb.selectors import searching, shown, talks
from kb.services import reading
from kb.views.pages import SPOKEN, address, alternates, in_language, kept, page, takes, uncached, with_videos
from security.models import OfficialChannel

MOST_IN_MAP = 45_000
# How old the waits of the contact page may be.
WAITS_KEPT_S = 10
# The category whose articles are the guides to security.
GUIDES = "security"


@require_safe
@takes()
def root(request: HttpRequest) -> HttpResponse:
    """Lead to the first page in the reader's language."""
    language = languages.from_header(request.headers.get("Accept-Language", ""))
    response = uncached(redirect("help:home", language))
    response.headers["Vary"] = "Accept-Language"
    return response


@require_safe
@takes()
@in_language
def home(request: HttpRequest, language: str) -> HttpResponse:
    """Search, the categories, and what is asked often."""
    shelves = shown.categories(language)
    context = {
        "categories": shelves,
        "guides": next((one.slug for one in shelves if one.slug == GUIDES), ""),
        "has_talks": bool(talks.listed(language)),
        "often": shown.asked_often(language)[:6],
        "canonical": address("home", language),
        "alternates": [(code, address("home", code)) for code in SPOKEN],
    }
    return page(request, "kb/home.html", context, language=language)


@require_safe
@takes()
@in_language
def category(request: HttpRequest, language: str, slug: str, section: str = "") -> HttpResponse:
    """One category, or one section of it."""
    found = shown.category(slug, language, section=section)
    if found is None:
        raise Http404
    names = [slug, section] if section else [slug]
    name = "section" if section else "category"
    context = {
        "category": found,
        "section": found.sections[0] if section else None,
        "canonical": address(name, language, *names),
        "alternates": [(code, address(name, code, *names)) for code in SPOKEN],
    }
    return page(request, "kb/category.html", context, language=language)


@require_safe
@takes()
@in_language
def article(request: HttpRequest, language: str, slug: str) -> HttpResponseBase:
    """One article, in the reader's language or the one that stands in for it."""
    row = shown.translation(slug, language)
    if row is None:
        raise Http404
    if row.slug != slug:
        return uncached(redirect("help:article", language, row.slug, permanent=False))
    context = _article_context(row, language)
    return with_videos(request, page(request, "kb/article.html", context, language=language), context["html"])


def _article_context(row: Translation, language: str) -> dict[str, Any]:
    revision = row.published
    if revision is None:
        raise Http404
    category_name, section_name = shown.names_of(row, language)
    section = row.article.section
    html = words.marked(
        revision.html, meanings=shown.terms(row.language), address=reverse("help:glossary", args=[language])
    )
    known = alternates(row)
    canonical = address("article", row.language, row.slug)
    trail = [
        (_("Help centre"), address("home", language)),
        (category_name, address("category", language, section.category.slug)),
        (section_name, address("section", language, section.category.slug, section.slug)),
    ]
    told = structured.article(
        title=revision.title,
        summary=revision.summary,
        url=canonical,
        language=row.language,
        at=row.first_published_at,
        changed=row.published_at,
    )
    return {
        "row": row,
        "revision": revision,
        "html": mark_safe(html),  # noqa: S308 -- made by kb.markdown, and marked by kb.glossary, which escapes
        "structured": told + structured.crumbs(trail),
        "trail": trail,
        "is_other_language": row.language != language,
        "shown_language": languages.name(row.language),
        "is_rtl": languages.LANGUAGES[row.language].is_rtl,
        "outdated": shown.outdated_by(revision, row.language, row.article_id),
        "related": shown.related(row, language),
        "languages": known,
        "canonical": canonical,
        "alternates": [(code, url) for code, _name, url in known],
        "reasons": [(value, label) for value, label in Reason.choices if value],
    }


@require_safe
@takes("q", "category", "tag")
@in_language
def search(request: HttpRequest, language: str) -> HttpResponse:
    """What was found for a question; counted by its words alone."""
    query = request.GET.get("q", "")[:LONGEST_QUERY].replace("\x00", "")
    if query and readers.is_over(request, "search"):
        return uncached(HttpResponse(_("Too many searches. Wait a minute."), status=429, content_type="text/plain"))
    narrowed = searching.Narrowed(category=request.GET.get("category", "")[:60], tag=request.GET.get("tag", "")[:40])
    found = searching.find(query, language=language, narrowed=narrowed)
    if query:
        reading.searched(query=query, language=language, found=len(found.hits))
    context = {
        "query": query,
        "found": found,
        "category": narrowed.category,
        "tag": narrowed.tag,
        "categories": shown.categories(language),
        "canonical": address("search", language),
        "alternates": [],
    }
    return uncached(page(request, "kb/search.html", context, language=language))


@require_safe
@takes()
@in_language
def faq(request: HttpRequest, language: str) -> HttpResponse:
    """What is asked often, with short answers."""
    often = shown.asked_often(language)
    context = {
        "often": often,
        "structured": structured.questions((line.title, told) for line, told in often),
        "canonical": address("faq", language),
        "alternates": [(code, address("faq", code)) for code in SPOKEN],
    }
    return page(request, "kb/faq.html", context, language=language)


@require_safe
@takes()
@in_language
def glossary(request: HttpRequest, language: str) -> HttpResponse:
    """What words mean."""
    context = {
        "terms": [(words.anchor(term), term, meaning) for term, meaning in shown.terms(language).items()],
        "canonical": address("glossary", language),
        "alternates": [(code, address("glossary", code)) for code in SPOKEN],
    }
    return page(request, "kb/glossary.html", context, language=language)


@require_safe
@takes()
@in_language
def contact(request: HttpRequest, language: str) -> HttpResponse:
    """Which way is the right one, by how urgent it is; how long people wait there; our official channels."""
    channels = OfficialChannel.objects.filter(state=OfficialChannel.State.OFFICIAL).order_by("kind", "value")[:100]
    context = {
        "channels": channels,
        "ways": live.ways(languages.spoken(language)),
        "canonical": address("contact", language),
        "alternates": [(code, address("contact", code)) for code in SPOKEN],
    }
    return page(request, "kb/contact.html", context, language=language, keeps_s=WAITS_KEPT_S)


@require_safe
@takes()
def site_map(request: HttpRequest) -> HttpResponse:
    """Every public article in every language, for search engines."""
    rows = (
        Translation.objects.public()
        .order_by("article_id", "language")
        .values_list("article_id", "language", "slug", "published_at")[:MOST_IN_MAP]
    )
    grouped: dict[int, list[tuple[str, str, Any]]] = {}
    for pk, code, slug, at in rows:
        grouped.setdefault(pk, []).append((code, address("article", code, slug), at))
    entries = [
        (url, at, [(code, there) for code, there, _at in group])
        for group in grouped.values()
        for _code, url, at in group
    ]
    content = structured.site_map(entries).encode()
    return kept(request, HttpResponse(content, content_type="application/xml"), content)


@require_safe
@takes()
def media(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """A picture of an article; for ever the same. Nothing in it can act."""
    picture = Picture.objects.filter(public_id=public_id, file__is_previewable=True).select_related("file").first()
    if picture is None:
        raise Http404
    response = FileResponse(files.path(picture.file).open("rb"), content_type=picture.file.content_type)
    response.headers["Content-Security-Policy"] = SANDBOXED
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Disposition"] = "inline"
    return response
