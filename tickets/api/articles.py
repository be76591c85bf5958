"""Articles of API v1: reading what is published, searching, and writing drafts, which people review at the desk."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Permission
from core.problems import problem
from kb import languages
from kb.models import Article, Section, Significance, State, Translation
from kb.models.tree import SLUG
from kb.search.words import LONGEST_QUERY
from kb.selectors import searching
from kb.services import errors, writing
from kb.services.writing import Change, Placing, Wording
from security.api.views import RateLimited
from security.models import ApiToken
from tickets.api.creating import create
from tickets.api.views import KEY, PROBLEMS, READ_WRITE, staff_of

SIZE = 50


class ArticleSerializer(serializers.Serializer[Any]):
    """One article in one language, as readers see it."""

    id = serializers.CharField()
    article = serializers.CharField()
    language = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    title = serializers.CharField()
    summary = serializers.CharField()
    body = serializers.CharField()
    html = serializers.CharField()
    revision = serializers.IntegerField()
    section = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    is_staff_only = serializers.BooleanField()
    published_at = serializers.DateTimeField(allow_null=True)


class ArticlePageSerializer(serializers.Serializer[Any]):
    """A page of articles; `next` is the id to ask on from."""

    next = serializers.CharField(allow_null=True)
    results = ArticleSerializer(many=True)


class FoundSerializer(serializers.Serializer[Any]):
    """One article that a search found."""

    id = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    snippet = serializers.CharField()
    score = serializers.FloatField()


class FoundPageSerializer(serializers.Serializer[Any]):
    """What a search found; `understood` is the query as it was read, where that differs."""

    understood = serializers.CharField()
    results = FoundSerializer(many=True)


class NewArticleSerializer(serializers.Serializer[Any]):
    """A draft: of a new article (`slug` and `section`), or of one that is there in another language (`slug`)."""

    slug = serializers.RegexField(SLUG, max_length=120)
    language = serializers.ChoiceField(choices=languages.CHOICES)
    title = serializers.CharField(max_length=160)
    summary = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")
    body = serializers.CharField(max_length=100_000, trim_whitespace=False)
    section = serializers.SlugField(required=False, default="")
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, required=False, default=list
    )
    is_staff_only = serializers.BooleanField(required=False, default=False)


class NewRevisionSerializer(serializers.Serializer[Any]):
    """The next revision; `seen` is the number of the one that was changed."""

    title = serializers.CharField(max_length=160)
    summary = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")
    body = serializers.CharField(max_length=100_000, trim_whitespace=False)
    significance = serializers.ChoiceField(choices=Significance.choices, default=Significance.CONTENT)
    comment = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    seen = serializers.IntegerField(min_value=0)


def article_shown(row: Translation) -> dict[str, Any]:
    """Return what is published, or the newest draft of what never was."""
    revision = row.published or row.current
    if revision is None:
        raise Http404
    return {
        "id": row.public_id,
        "article": row.article.slug,
        "language": row.language,
        "state": row.state,
        "title": revision.title,
        "summary": revision.summary,
        "body": revision.body,
        "html": revision.html,
        "revision": revision.number,
        "section": row.article.section.slug,
        "tags": row.article.tags,
        "is_staff_only": row.article.is_staff_only,
        "published_at": row.published_at.isoformat() if row.published_at else None,
    }


ROWS = Translation.objects.select_related("article__section", "published", "current")


class ArticleList(RateLimited):
    """Published articles, and writing drafts."""

    required_scopes = READ_WRITE
    required_permission = {"GET": Permission.TICKET_VIEW, "POST": Permission.ARTICLE_WRITE}
    known_parameters = frozenset({"language", "tag", "after"})

    @extend_schema(
        operation_id="articles_list",
        parameters=[
            OpenApiParameter("language", str),
            OpenApiParameter("tag", str),
            OpenApiParameter("after", str, description="the `next` of the page before"),
        ],
        responses={200: ArticlePageSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """List what is published, the oldest first, fifty at a time."""
        rows = ROWS.filter(published__isnull=False)
        given = request.query_params
        if language := given.get("language", ""):
            rows = rows.filter(language=language[:10])
        if tag := given.get("tag", ""):
            rows = rows.filter(article__tags__contains=[tag[:40]])
        if after := given.get("after", ""):
            last = Translation.objects.filter(public_id=after[:40]).values_list("pk", flat=True).first()
            if last is None:
                raise ValidationError({"after": ["This is none that this list gave out."]})
            rows = rows.filter(pk__gt=last)
        found = list(rows.order_by("pk")[: SIZE + 1])
        shown = [article_shown(row) for row in found[:SIZE]]
        return Response({"next": shown[-1]["id"] if len(found) > SIZE else None, "results": shown})

    @extend_schema(
        operation_id="articles_create",
        request=NewArticleSerializer,
        parameters=[KEY],
        responses={201: ArticleSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        """Write a draft. A person reviews it at the desk."""
        given = NewArticleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data, person = given.validated_data, staff_of(request)
        wording = Wording(title=data["title"], summary=data["summary"], body=data["body"])
        article = Article.objects.filter(slug=data["slug"]).first()
        section = Section.objects.filter(slug=data["section"]).first()
        if article is None and section is None:
            raise ValidationError({"section": ["A new article needs a section that is there."]})

        def act() -> tuple[int, Any]:
            language = data["language"]
            if article is not None or section is None:
                made = writing.translate(article=article or _gone(), language=language, by=person, wording=wording)
            else:
                placing = Placing(section=section, tags=tuple(data["tags"]), is_staff_only=data["is_staff_only"])
                made = writing.add(by=person, slug=data["slug"], placing=placing, language=language, wording=wording)
            return 201, article_shown(ROWS.get(pk=made.pk))

        return _created(request, act)


class ArticleDetail(RateLimited):
    """One article in one language, and its next revision."""

    required_scopes = READ_WRITE
    required_permission = {"GET": Permission.TICKET_VIEW, "POST": Permission.ARTICLE_WRITE}

    @extend_schema(operation_id="articles_retrieve", responses={200: ArticleSerializer, **PROBLEMS})
    def get(self, request: Request, public_id: str) -> Response:
        """Return it; drafts of what never was published only to who may write."""
        row = _row(public_id)
        if row.published is None and not staff_of(request).has(Permission.ARTICLE_WRITE):
            raise Http404
        return Response(article_shown(row))

    @extend_schema(
        operation_id="articles_revise",
        request=NewRevisionSerializer,
        parameters=[KEY],
        responses={201: ArticleSerializer, **PROBLEMS},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Write the next revision, a draft."""
        row, person = _row(public_id), staff_of(request)
        given = NewRevisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        wording = Wording(title=data["title"], summary=data["summary"], body=data["body"])
        change = Change(significance=data["significance"], comment=data["comment"])

        def act() -> tuple[int, Any]:
            writing.write(translation=row, by=person, wording=wording, seen=data["seen"], change=change)
            return 201, article_shown(_row(public_id))

        return _created(request, act)


class ArticleSearch(RateLimited):
    """The search that readers and agents use."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}
    known_parameters = frozenset({"q", "language", "category", "tag"})

    @extend_schema(
        operation_id="articles_search",
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("language", str, description="BCP 47, English unless told"),
            OpenApiParameter("category", str),
            OpenApiParameter("tag", str),
        ],
        responses={200: FoundPageSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return what is found, staff-only articles included; snippets are HTML with marks."""
        given = request.query_params
        narrowed = searching.Narrowed(
            category=given.get("category", "")[:60], tag=given.get("tag", "")[:40], with_staff_only=True
        )
        language = languages.nearest(given.get("language", ""))
        found = searching.find(given.get("q", "")[:LONGEST_QUERY], language=language, narrowed=narrowed)
        shown = [
            {
                "id": hit.public_id,
                "language": hit.language,
                "title": hit.title,
                "snippet": hit.snippet,
                "score": hit.score,
            }
            for hit in found.hits
        ]
        return Response({"understood": found.understood, "results": shown})


def _created(request: Request, act: Callable[[], tuple[int, Any]]) -> Response:
    """Run it; what the help centre refuses is 409 when somebody was quicker, else 422."""
    try:
        return create(request, act)
    except errors.Refused as refused:
        status = 409 if isinstance(refused, errors.Stale | errors.Locked) else 422
        return problem(status, refused.code, str(refused.message))


def _gone() -> Article:
    raise Http404


def _row(public_id: str) -> Translation:
    row = ROWS.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return row
