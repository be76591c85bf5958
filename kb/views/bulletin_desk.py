"""Bulletins at the desk: the list, writing one in each language, letting it out, withdrawing it."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Staff
from accounts.permissions import Permission
from kb import languages
from kb.forms import LANGUAGES, BulletinForm
from kb.models import Bulletin
from kb.selectors import bulletins as selected
from kb.services import bulletins, errors
from kb.views.pages import takes
from security.access import require, staff_required

REFUSED = 422
WRITES, PUBLISHES = Permission.ARTICLE_WRITE, Permission.ARTICLE_PUBLISH


@require_safe
@staff_required(WRITES)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """Every bulletin, drafts first."""
    return render(request, "kb/desk/bulletins.html", {"rows": selected.for_staff()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def new(request: HttpRequest) -> HttpResponseBase:
    """Write a bulletin, in English first."""
    return _written(request, None, languages.SOURCE)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(WRITES)
@takes()
def edit(request: HttpRequest, public_id: str, language: str) -> HttpResponseBase:
    """Write a draft in one language."""
    row = _row_or_404(public_id)
    if language not in languages.LANGUAGES or row.state != Bulletin.State.DRAFT:
        raise Http404
    return _written(request, row, language)


@require_safe
@staff_required(WRITES)
@takes()
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """One bulletin: what it says in each language, and what can be done with it."""
    return _shown(request, _row_or_404(public_id))


@require_POST
@staff_required(PUBLISHES)
def publish(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Let out what another person has written."""
    return _done(request, public_id, lambda row, by: bulletins.publish(bulletin=row, by=by))


@require_POST
@staff_required(PUBLISHES)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take it away from every page."""
    return _done(request, public_id, lambda row, by: bulletins.withdraw(bulletin=row, by=by))


def _done(request: HttpRequest, public_id: str, act: Callable[[Bulletin, Staff], None]) -> HttpResponseBase:
    row = _row_or_404(public_id)
    try:
        act(row, require(request, PUBLISHES))
    except errors.Refused as refused:
        return _shown(request, _row_or_404(public_id), problem=str(refused.message))
    return redirect("articles:bulletin", public_id)


def _written(request: HttpRequest, row: Bulletin | None, language: str) -> HttpResponseBase:
    form = BulletinForm(request.POST or None, initial=BulletinForm.values(row, language))
    if request.method == "POST" and form.is_valid():
        try:
            made = bulletins.write(
                by=require(request, WRITES), bulletin=row, frame=form.frame, language=language, words=form.words
            )
        except errors.Refused as refused:
            form.add_error(None, str(refused.message))
        else:
            return redirect("articles:bulletin", made.public_id)
    name = languages.name(language)
    title = _("Bulletin in %(language)s") % {"language": name} if row else _("New bulletin")
    is_rtl = languages.LANGUAGES[language].is_rtl
    context = {"form": form, "row": row, "title": title, "language": language, "is_rtl": is_rtl}
    return render(request, "kb/desk/bulletin_form.html", context, status=REFUSED if form.errors else 200)


def _shown(request: HttpRequest, row: Bulletin, *, problem: str = "") -> HttpResponse:
    person = require(request, WRITES)
    known = {text.language for text in row.texts.all()}
    context = {
        "row": row,
        "texts": selected.texts(row),
        "missing": [(code, name) for code, name in LANGUAGES if code not in known],
        "is_draft": row.state == Bulletin.State.DRAFT,
        "is_own": row.author_id == person.pk,
        "can_publish": person.has(PUBLISHES),
        "problem": problem,
    }
    return render(request, "kb/desk/bulletin.html", context, status=REFUSED if problem else 200)


def _row_or_404(public_id: str) -> Bulletin:
    row = selected.of_staff(public_id)
    if row is None:
        raise Http404
    return row
