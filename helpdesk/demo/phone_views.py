"""The demo's simulator of the phone, and its stand-in for the provider's API. Development settings only."""

import base64
import binascii
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.demo import phone_channel, phone_pages
from helpdesk.demo.channels import HookSilent
from helpdesk.demo.phone_channel import Phone
from helpdesk.demo.views import MAY_LOOK
from security.access import staff_required
from tickets.models import PhoneLine
from tickets.models.phone import E164

MOST_DIGITS = 20
CALLER = "+442079460999"


@require_GET
@staff_required(MAY_LOOK)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show the phones, what each hears, and what can be done."""
    return _page(request, _line())


@require_POST
@staff_required(MAY_LOOK)
def begin(request: HttpRequest) -> HttpResponse:
    """Call us from a number."""
    line, number = _line(), request.POST.get("number", "").replace(" ", "")
    if line is None or not E164.match(number):
        return _page(request, line, _("Write the number with its country: +4420…"), status=422)
    try:
        phone_channel.begin(line, number)
    except HookSilent as silent:
        return _page(request, line, _("The webhook did not take it: %s") % silent, status=422)
    return redirect("demo:phone")


@require_POST
@staff_required(MAY_LOOK)
def do(request: HttpRequest) -> HttpResponse:
    """Do at a phone what its page asks for."""
    line = _line()
    phone = phone_channel.phone(line, request.POST.get("phone", "")) if line is not None else None
    wanted = request.POST.get("do", "")
    if line is None or phone is None or wanted not in {one.do for one in phone_pages.deeds(phone)}:
        return _page(request, line, _("That cannot be done at this phone any more."), status=422)
    try:
        _do(line, phone, wanted, request.POST.get("key", "")[:MOST_DIGITS])
    except HookSilent as silent:
        return _page(request, line, _("The webhook did not take it: %s") % silent, status=422)
    return redirect("demo:phone")


@csrf_exempt
@require_http_methods(["GET", "POST", "DELETE"])
def api(request: HttpRequest, account: str, path: str) -> HttpResponse:
    """Answer as the provider's API does, to whoever has a line's account and secret."""
    if not settings.DEMO:
        raise Http404
    line = phone_channel.by_account(*_credentials(request))
    if line is None or line.account_sid != account:
        return JsonResponse({"code": 20003, "message": "Authenticate"}, status=401)
    said = phone_channel.answer(line, request.method or "", path, request.POST.dict())
    if said is None:
        return JsonResponse({"message": "Not played in the demo."}, status=404)
    return HttpResponse(said, content_type="audio/mpeg") if isinstance(said, bytes) else JsonResponse(said)


def _do(line: PhoneLine, phone: Phone, wanted: str, key: str) -> None:
    if wanted == "press":
        phone_channel.press(line, phone, "".join(one for one in key if one.isdecimal()))
    elif wanted == "speak":
        phone_channel.speak(line, phone)
    elif wanted == "pick_up":
        phone_channel.pick_up(line, phone)
    elif wanted in {"talked", "nobody"}:
        phone_channel.dial_ends(line, phone, "completed" if wanted == "talked" else "no-answer")
    else:
        phone_channel.hang_up(line, phone, "no-answer" if wanted == "no_answer" else "completed")


def _credentials(request: HttpRequest) -> tuple[str, str]:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _colon, secret = base64.b64decode(given if scheme == "Basic" else "").decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, secret


def _line() -> PhoneLine | None:
    if not settings.DEMO:
        raise Http404
    return phone_channel.line()


def _page(request: HttpRequest, line: PhoneLine | None, problem: str = "", *, status: int = 200) -> HttpResponse:
    phones = phone_channel.phones(line) if line is not None else []
    context: dict[str, Any] = {
        "line": line,
        "problem": problem,
        "number": request.POST.get("number", "") or CALLER,
        "phones": [
            {
                "one": one,
                "deeds": phone_pages.deeds(one),
                "digits": phone_pages.digits_wanted(one),
                "lines": phone_pages.lines(one.page),
            }
            for one in phones
        ],
    }
    return render(request, "demo/phone.html", context, status=status)
