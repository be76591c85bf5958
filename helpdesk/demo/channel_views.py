"""The demo's simulator of social channels, and its stand-in for the Bot API. Development settings only."""

import json
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from helpdesk.demo import channels, meta_channels, sms_channel
from helpdesk.demo.views import MAY_LOOK
from security.access import staff_required
from tickets.models import SocialAccount, SocialKind

LONGEST = 4_096
PLAYED = (SocialKind.TELEGRAM, SocialKind.MESSENGER, SocialKind.WHATSAPP, SocialKind.SMS)


@require_GET
@staff_required(MAY_LOOK)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show the conversation as the customer sees it, with what they can do."""
    return _page(request, _account(request))


@require_POST
@staff_required(MAY_LOOK)
def say(request: HttpRequest) -> HttpResponse:
    """Say something as the customer."""
    account = _account(request)
    given = request.FILES.get("photo")
    photo = given.read() if given is not None and not isinstance(given, list) else b""
    text = request.POST.get("text", "").strip()[:LONGEST]
    if account is None or not (text or photo):
        return _page(request, account, _("Write something, or choose a picture."), status=422)
    try:
        _player(account).say(account, text=text, photo=photo)
    except channels.HookSilent as silent:
        return _page(request, account, _("The webhook did not take it: %s") % silent, status=422)
    return _back(request)


@require_POST
@staff_required(MAY_LOOK)
def correct(request: HttpRequest) -> HttpResponse:
    """Let one of the customer's messages say something else."""
    account = _account(request)
    number, text = request.POST.get("number", ""), request.POST.get("text", "").strip()[:LONGEST]
    if account is None or account.kind in sms_channel.KINDS or not text or not number.isdecimal():
        return _page(request, account, _("Write something, or choose a picture."), status=422)
    try:
        _player(account).correct(account, number=int(number), text=text)
    except channels.HookSilent as silent:
        return _page(request, account, _("The webhook did not take it: %s") % silent, status=422)
    return _back(request)


@require_POST
@staff_required(MAY_LOOK)
def read(request: HttpRequest) -> HttpResponse:
    """Read, as the customer, what was sent, or have an SMS delivered; Telegram tells no such thing."""
    account = _account(request)
    try:
        if account is not None and account.kind in (*meta_channels.KINDS, *sms_channel.KINDS):
            _player(account).read(account)
    except channels.HookSilent as silent:
        return _page(request, account, _("The webhook did not take it: %s") % silent, status=422)
    return _back(request)


@csrf_exempt
@require_POST
def api(request: HttpRequest, token: str, method: str) -> HttpResponse:
    """Answer as the Bot API does, to whoever has an account's token."""
    account = _of(token)
    if account is None:
        return JsonResponse({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
    if request.content_type == "application/json":
        given = json.loads(request.body)
        fields = {name: str(value) for name, value in given.items()} if isinstance(given, dict) else {}
        return JsonResponse({"ok": True, "result": channels.answer(account, method, fields)})
    files = [file for file in request.FILES.values() if not isinstance(file, list)]
    fields = {name: str(value) for name, value in request.POST.items()}
    name = (files[0].name or "file") if files else ""
    return JsonResponse({"ok": True, "result": channels.answer(account, method, fields, name)})


@require_GET
def file(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Hand out what the customer sent, as the Bot API does."""
    account = _of(token)
    try:
        path = channels.file_path(account, name) if account is not None else None
    except ValueError:
        path = None
    if path is None or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="application/octet-stream")


def _of(token: str) -> SocialAccount | None:
    if not settings.DEMO:
        raise Http404
    return channels.by_token(token)


def _kind(request: HttpRequest) -> str:
    """Which channel is played: Telegram, unless the page says another."""
    asked = request.POST.get("channel") or request.GET.get("channel")
    return asked if asked in PLAYED else SocialKind.TELEGRAM


def _account(request: HttpRequest) -> SocialAccount | None:
    if not settings.DEMO:
        raise Http404
    return channels.account(_kind(request))


def _player(account: SocialAccount) -> ModuleType:
    if account.kind in sms_channel.KINDS:
        return sms_channel
    return meta_channels if account.kind in meta_channels.KINDS else channels


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('demo:channels')}?channel={_kind(request)}")


def _page(request: HttpRequest, account: SocialAccount | None, problem: str = "", *, status: int = 200) -> HttpResponse:
    said = channels.conversation(account) if account is not None else []
    context: dict[str, Any] = {
        "account": account,
        "kind": _kind(request),
        "kinds": [(kind.value, kind.label) for kind in PLAYED],
        "has_receipts": _kind(request) in (*meta_channels.KINDS, *sms_channel.KINDS),
        "is_sms": _kind(request) in sms_channel.KINDS,
        "problem": problem,
        "said": [
            {
                "number": one.number,
                "is_ours": one.is_ours,
                "text": one.text,
                "file": one.file,
                "is_corrected": one.is_corrected,
                "at": datetime.fromtimestamp(one.number / 1000, UTC),
            }
            for one in said
        ],
    }
    return render(request, "demo/channels.html", context, status=status)
