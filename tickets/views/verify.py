"""The door "Is it us?": anybody may ask about a channel or a message, and report. Nothing lands in a URL."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import rate_limits
from security import official
from security.services import official_channels
from tickets.channels.email.parse import Unparsable, parse
from tickets.forms import ChannelQuestionForm, ChannelReportForm, MessageQuestionForm
from tickets.selectors import sent
from tickets.views.shared import takes

UNPROCESSABLE, TOO_MANY = 422, 429


@dataclass(slots=True)
class _Shown:
    """What the page shows below its questions."""

    answer: object = None
    sent: object = None
    is_reported: bool = False
    status: int = 200


@never_cache
@require_http_methods(["GET", "POST"])
@takes()
def page(request: HttpRequest) -> HttpResponse:
    """Three questions on one page; an answer stands above them."""
    what = request.POST.get("what", "") if request.method == "POST" else ""
    forms: dict[str, Any] = {
        "channel": ChannelQuestionForm(request.POST if what == "channel" else None),
        "message": MessageQuestionForm(request.POST, request.FILES) if what == "message" else MessageQuestionForm(),
        "report": ChannelReportForm(request.POST if what == "report" else None),
    }
    shown = _Shown()
    if request.method == "POST":
        shown = _answer(request, what, forms.get(what))
    # Not an answer again by reloading: the form is sent anew, which browsers ask about.
    return render(request, "verify/page.html", {"forms": forms, "shown": shown, "what": what}, status=shown.status)


def _answer(request: HttpRequest, what: str, form: Any) -> _Shown:  # noqa: ANN401 -- one of three forms
    if form is None or not form.is_valid():
        return _Shown(status=UNPROCESSABLE)
    kind = "report" if what == "report" else "ask"
    if is_over(request, kind):
        return _Shown(status=TOO_MANY)
    given = form.cleaned_data
    if what == "report":
        official_channels.report(value=given["value"], told=given["told"], kind=given["kind"])
        return _Shown(is_reported=True)
    if what == "channel":
        found = official.look_up(given["value"], kind=given["kind"])
        return _Shown(answer=found, status=200 if found else UNPROCESSABLE)
    return _Shown(sent=_sent(given))


def is_over(request: HttpRequest, kind: str) -> bool:
    """Count one call of this network address; whether it is one too many."""
    limit = settings.VERIFY_CALLS_PER_MIN[kind]
    spent = rate_limits.spend(scope=f"verify:{kind}", who=str(request.META.get("REMOTE_ADDR", "")), limit=limit)
    return spent is not None and spent.is_over


def _sent(given: dict[str, Any]) -> sent.SentAnswer:
    text, message_id = given["text"], ""
    if given["file"] is not None:
        try:
            mail = parse(given["file"].read())
        except Unparsable:
            return sent.NOTHING
        text, message_id = mail.text or "", mail.message_id or ""
    return sent.by_text(text=text, address=given["address"], message_id=message_id)
