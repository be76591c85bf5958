"""The editors' pages at the desk: lists of work, writing with a preview by the server, history and differences."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from kb import languages, machine
from kb.forms import LANGUAGES, NewArticleForm, PictureForm, PlacingForm, WordingForm, placed
from kb.markdown import render as rendered
from kb.models import Article, Picture, State, Translation
from kb.selectors import editing, insight
from kb.services import errors, locks, pictures, writing
from kb.services.writing import Change, Wording
from kb.views.pages import takes
from security.access import require, staff_required

REFUSED = 422
WRITES = Permission.ARTICLE_WRITE
DAYS = {"7": 7, "30": 30, "90": 90}
SLUG_LENGTH = 40


def translation_or_404(public_id: str) -> Translation:
    """Return the translation."""
    row = editing.one(public_id)
    if row is None:
        raise Http404
    return row


@require_safe
@staff_required(WRITES)
@takes("list", "language", "state", "q")
def home(request: HttpRequest) -> HttpResponse:
    """Lists of work."""
    name = request.GET.get("list", "all")
    if name not in editing.LISTS:
        raise Http404
    language, state = request.GET.get("language", ""), request.GET.get("state", "")
    text = request.GET.get("q", "")[:80].replace("\x00", "")
    if (language and language not in languages.LANGUAGES) or (state and state not in State.values):
        raise Http404
    context = {
        "work": editing.work(name, person=require(request, WRITES), language=language, state=state, text=text),
        "lists": editing.LISTS.items(),
        "list": name,
        "language": language,
        "state": state,
        "q": text,
        "languages": LANGUAGES,
        "states": State.choices,
    }
    return render(request, "kb/desk/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def new(request: HttpRequest) -> HttpResponseBase:
    """Write a new article."""
    form = NewArticleForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and request.POST.get("act") == "save":
        given = form.cleaned_data
        try:
            made = writing.add(
                by=require(request, WRITES),
                slug=given["slug"],
                placing=form.placing,
                language=given["language"],
                wording=form.wording,
            )
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("articles:one", made.public_id)
    return _form(request, form, title=_("New article"), language=request.POST.get("language", languages.SOURCE))


@require_safe
@staff_required(WRITES)
@takes()
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """One translation: what it says, where it stands, what can be done."""
    row = translation_or_404(public_id)
    return shown(request, row)


def shown(request: HttpRequest, row: Translation, *, problem: str = "") -> HttpResponse:
    """Return the page of a translation, with why something was refused."""
    person = require(request, WRITES)
    context = {
        "row": row,
        "html": mark_safe(row.current.html if row.current else ""),  # noqa: S308 -- made by kb.markdown
        "placing": PlacingForm(initial=placed(row.article)),
        "problem": problem,
        **editing.around(row, person),
    }
    return render(request, "kb/desk/one.html", context, status=REFUSED if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Write the next revision; saving takes the lock for ten minutes and gives it back when the draft is handed in."""
    row, person = translation_or_404(public_id), require(request, WRITES)
    current = row.current
    initial = _wording(current) | {"seen": current.number if current else 0}
    form = WordingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            locks.take(translation=row, by=person, from_another=request.POST.get("act") == "take")
            if request.POST.get("act") == "save":
                is_current = request.POST.get("follows") == "yes"
                translates = writing.source_of(row) if is_current else (current.translates if current else None)
                change = Change(
                    significance=form.cleaned_data["significance"],
                    comment=form.cleaned_data["comment"],
                    translates=translates,
                )
                seen = form.cleaned_data["seen"] or 0
                writing.write(translation=row, by=person, wording=form.wording, seen=seen, change=change)
                locks.release(translation=row, by=person)
                return redirect("articles:one", row.public_id)
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
    source = writing.source_of(row)
    title = _("Edit: %(title)s") % {"title": current.title if current else row.slug}
    return _form(request, form, title=title, language=row.language, row=row, source=source)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def translate(request: HttpRequest, public_id: str, language: str) -> HttpResponseBase:
    """Write an article in another language, beside the source."""
    article = Article.objects.filter(public_id=public_id).first()
    if article is None or language not in languages.LANGUAGES:
        raise Http404
    known = article.translations.filter(language=language).first()
    if known is not None:
        return redirect("articles:edit", known.public_id)
    source = article.translations.filter(language=languages.SOURCE).select_related("published", "current").first()
    said = (source.published or source.current) if source else None
    form = WordingForm(request.POST or None, initial=_wording(None))
    is_machine = request.method == "POST" and request.POST.get("act") == "machine" and machine.is_there()
    if is_machine and said is not None:
        made = machine.translated(_as_wording(said), source=languages.SOURCE, target=language)
        form = WordingForm(initial={"title": made.title, "summary": made.summary, "body": made.body, "seen": 0})
    elif request.method == "POST" and form.is_valid() and request.POST.get("act") == "save":
        change = Change(
            comment=form.cleaned_data["comment"],
            translates=source.published if source else None,
            is_machine=request.POST.get("is_machine") == "yes",
        )
        try:
            row = writing.translate(
                article=article,
                language=language,
                by=require(request, WRITES),
                wording=form.wording,
                change=change,
            )
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("articles:one", row.public_id)
    title = _("Translate into %(language)s") % {"language": languages.name(language)}
    more = {"source": said, "is_machine": is_machine, "can_machine": machine.is_there() and said is not None}
    return _form(request, form, title=title, language=language, **more)


@require_safe
@staff_required(WRITES)
@takes()
def difference(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """What a revision changed."""
    row = translation_or_404(public_id)
    revision = row.revisions.filter(number=number).select_related("author", "based_on").first()
    if revision is None:
        raise Http404
    before = row.revisions.filter(number__lt=number).order_by("-number").first()
    context = {"row": row, "revision": revision, "before": before, "lines": editing.difference(before, revision)}
    return render(request, "kb/desk/difference.html", context)


@require_safe
@staff_required(Permission.REPORT_READ)
@takes("days")
def report(request: HttpRequest) -> HttpResponse:
    """What is searched for in vain, and what was solved without asking."""
    days = request.GET.get("days", "30")
    if days not in DAYS:
        raise Http404
    return render(
        request, "kb/desk/report.html", {"days": days, "choices": list(DAYS), **insight.report(days=DAYS[days])}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def picture(request: HttpRequest) -> HttpResponseBase:
    """Pictures for articles: the newest, and adding one."""
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            pictures.add(
                by=require(request, WRITES),
                content=given["file"].read(),
                name=given["file"].name,
                description=given["description"],
            )
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("articles:pictures")
    newest = Picture.objects.select_related("file").order_by("-pk")[:40]
    status = REFUSED if request.method == "POST" else 200
    return render(request, "kb/desk/pictures.html", {"form": form, "pictures": newest}, status=status)


def _form(request: HttpRequest, form: WordingForm, *, title: str, language: str, **more: Any) -> HttpResponse:
    preview = None
    if request.method == "POST" and "body" in request.POST:
        made = rendered(request.POST["body"][:100_000], language=language if language in languages.LANGUAGES else "en")
        preview = mark_safe(made.html)  # noqa: S308 -- made by kb.markdown
    is_refused = request.method == "POST" and bool(form.errors)
    context = {
        "form": form,
        "title": title,
        "language": language,
        "is_rtl": language in languages.LANGUAGES and languages.LANGUAGES[language].is_rtl,
        "preview": preview,
        **more,
    }
    return render(request, "kb/desk/form.html", context, status=REFUSED if is_refused else 200)


def _wording(revision: Any) -> dict[str, Any]:  # noqa: ANN401 -- a Revision or None
    if revision is None:
        return {}
    return {"title": revision.title, "summary": revision.summary, "body": revision.body}


def _as_wording(revision: Any) -> Wording:  # noqa: ANN401 -- a Revision
    return Wording(**_wording(revision))
