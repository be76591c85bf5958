"""Files for guided forms, sent in pieces: for copies of a form whose work was done, and of customers signed in."""

from collections.abc import Callable
from functools import wraps

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core import rate_limits
from core.problems import plain_problem
from security.customer_access import session_of
from tickets import contact_work
from tickets.models.partial_upload import MAX_NAME
from tickets.services import errors, form_uploads, pieces

MAX_PART = 256 * 1024
INVALID, FORBIDDEN, CONFLICT, UNPROCESSABLE, TOO_MANY = 400, 403, 409, 422, 429
Door = Callable[[HttpRequest, str], HttpResponse]


class FileForm(forms.Form):
    """Which file is spoken of, by the browser's own id."""

    client_id = forms.SlugField(max_length=60)


class AnnouncedForm(FileForm):
    """A file that is to be sent."""

    name = forms.CharField(max_length=MAX_NAME)
    size = forms.IntegerField(min_value=0, max_value=2**31 - 1)


class PartForm(FileForm):
    """Some bytes of it, and where they begin."""

    start = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    content = forms.FileField(allow_empty_file=True)


def for_copies(view: Door) -> Callable[[HttpRequest], HttpResponseBase]:
    """Hand over the name of the form's copy; refuse strangers who have not worked for it, and too many calls."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        key = request.POST.get("form_key", "")[: contact_work.LONGEST_KEY]
        is_known = contact_work.is_ours(key) and session_of(request) is not None
        if not is_known and not contact_work.is_done(key, request.POST.get("work", "")):
            return plain_problem(FORBIDDEN, "form_too_old", _("This form was open for too long. Load the page again."))
        limit = settings.CONTACT_PER_MIN["pieces"]
        spent = rate_limits.spend(scope="contact:pieces", who=str(request.META.get("REMOTE_ADDR", "")), limit=limit)
        if spent is not None and spent.is_over:
            return plain_problem(TOO_MANY, "too_many_requests", _("That was a lot at once. Wait a minute."))
        try:
            return view(request, contact_work.name_of(key))
        except errors.Refused as refused:
            return plain_problem(UNPROCESSABLE, refused.code, str(refused.message))

    return guarded


@never_cache
@require_POST
@for_copies
def announce(request: HttpRequest, copy: str) -> HttpResponse:
    """Announce a file, or ask how much of it is here: the number of bytes from where sending goes on."""
    form = AnnouncedForm(request.POST)
    if not form.is_valid():
        return _invalid()
    given = form.cleaned_data
    upload = form_uploads.begin(copy=copy, client_id=given["client_id"], name=given["name"], size=given["size"])
    return JsonResponse({"received": upload.received, "part": MAX_PART})


@never_cache
@require_POST
@for_copies
def part(request: HttpRequest, copy: str) -> HttpResponse:
    """Take the bytes that begin at `start`. Elsewhere than where the last ones ended is 409 with that number."""
    form = PartForm(request.POST, request.FILES)
    if not form.is_valid() or form.cleaned_data["content"].size > MAX_PART:
        return _invalid()
    given = form.cleaned_data
    try:
        received = form_uploads.add_part(
            copy=copy, client_id=given["client_id"], start=given["start"], content=given["content"].read()
        )
    except pieces.OutOfStep as step:
        return JsonResponse({"received": step.received}, status=CONFLICT)
    return JsonResponse({"received": received})


@never_cache
@require_POST
@for_copies
def remove(request: HttpRequest, copy: str) -> HttpResponse:
    """Take a file back that no ticket has taken."""
    form = FileForm(request.POST)
    if not form.is_valid():
        return _invalid()
    form_uploads.remove(copy=copy, client_id=form.cleaned_data["client_id"])
    return HttpResponse(status=204)


def _invalid() -> HttpResponse:
    return plain_problem(INVALID, "invalid", "The body is not of the shape that this door reads.")
