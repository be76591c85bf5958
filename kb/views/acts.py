"""What editors do with a translation: each act is one service; a refusal is shown on its page."""

import re
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Staff
from accounts.permissions import Permission
from kb.forms import LookAgainForm, PlacingForm, PublishForm
from kb.models import Translation
from kb.models.article import TRANSLATED_SLUG
from kb.services import errors, locks, pictures, publishing, writing
from kb.views.desk import WRITES, shown, translation_or_404
from security.access import require, staff_required

PUBLISHES = Permission.ARTICLE_PUBLISH


def _done(request: HttpRequest, public_id: str, act: Callable[[Translation, Staff], object]) -> HttpResponseBase:
    row = translation_or_404(public_id)
    try:
        act(row, require(request, WRITES))
    except errors.Refused as refused:
        return shown(request, translation_or_404(public_id), problem=str(refused.message))
    return redirect("articles:one", public_id)


@require_POST
@staff_required(WRITES)
def submit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Ask for a review."""
    return _done(request, public_id, lambda row, by: publishing.submit(translation=row, by=by))


@require_POST
@staff_required(PUBLISHES)
def publish(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Approve and show, now or at a moment."""
    form = PublishForm(request.POST)

    def act(row: Translation, by: Staff) -> None:
        if not form.is_valid():
            raise errors.Refused(_("Look at the marked fields again."))
        given = form.cleaned_data
        if given["at"]:
            publishing.schedule(translation=row, by=by, seen=given["seen"], at=given["at"])
        else:
            publishing.publish(translation=row, by=by, seen=given["seen"], comment=given["comment"])

    return _done(request, public_id, act)


@require_POST
@staff_required(PUBLISHES)
def send_back(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Say what is to be done first."""
    comment = request.POST.get("comment", "")[:500]
    return _done(request, public_id, lambda row, by: publishing.send_back(translation=row, by=by, comment=comment))


@require_POST
@staff_required(PUBLISHES)
def cancel(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Call off what was planned."""
    return _done(request, public_id, lambda row, by: publishing.cancel(translation=row, by=by))


@require_POST
@staff_required(PUBLISHES)
def archive(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take it away from readers."""
    return _done(request, public_id, lambda row, by: publishing.archive(translation=row, by=by))


@require_POST
@staff_required(WRITES)
def restore(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """Write what an older revision said once more."""

    def act(row: Translation, by: Staff) -> None:
        revision = row.revisions.filter(number=number).select_related("translation__current").first()
        if revision is None:
            raise Http404
        writing.restore(revision=revision, by=by)

    return _done(request, public_id, act)


@require_POST
@staff_required(WRITES)
def lock(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take the text over from whoever is writing it."""
    row = translation_or_404(public_id)
    locks.take(translation=row, by=require(request, WRITES), from_another=True)
    return redirect("articles:edit", public_id)


@require_POST
@staff_required(WRITES)
def comment(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Write something for colleagues."""
    text = request.POST.get("text", "")[:2000]
    return _done(request, public_id, lambda row, by: writing.comment(translation=row, by=by, text=text))


@require_POST
@staff_required(PUBLISHES)
def place(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change where the article stands, its address, and who may read it."""
    form = PlacingForm(request.POST)
    slug = request.POST.get("slug", "").strip()

    def act(row: Translation, by: Staff) -> None:
        if not form.is_valid() or (slug and not re.fullmatch(TRANSLATED_SLUG, slug)):
            raise errors.Refused(_("Look at the marked fields again."))
        writing.place(article=row.article, by=by, placing=form.placing)
        if slug:
            writing.rename(translation=row, by=by, slug=slug)

    return _done(request, public_id, act)


@require_POST
@staff_required(PUBLISHES)
def look_again(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Say by when somebody is to look whether it is still right."""
    form = LookAgainForm(request.POST)

    def act(row: Translation, by: Staff) -> None:
        if not form.is_valid():
            raise errors.Refused(_("Look at the marked fields again."))
        publishing.look_again(translation=row, by=by, on=form.cleaned_data["review_by"])

    return _done(request, public_id, act)


@require_POST
@staff_required(WRITES)
def handled(request: HttpRequest, public_id: str, feedback_id: str) -> HttpResponseBase:
    """A reader's words have been dealt with."""
    if not pictures.handled(public_id=feedback_id, by=require(request, WRITES)):
        raise Http404
    return redirect("articles:one", public_id)
