"""The demo's simulator of X, and its stand-in for X's API. Development settings only."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.demo import x_channel
from helpdesk.demo.channels import HookSilent
from helpdesk.demo.views import MAY_LOOK
from security.access import staff_required
from tickets.models import SocialAccount

LONGEST = 4_096
_TOKEN = re.compile(r'oauth_token="([^"]{1,200})"')


@require_GET
@staff_required(MAY_LOOK)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show what was said, as the customer sees it, with what they can do."""
    return _page(request, _account())


@require_POST
@staff_required(MAY_LOOK)
def say(request: HttpRequest) -> HttpResponse:
    """Write to us as the customer, in private or in public."""
    account = _account()
    text = request.POST.get("text", "").strip()[:LONGEST]
    if account is None or not text:
        return _page(request, account, _("Write something first."), status=422)
    try:
        x_channel.say(account, text=text, is_public=request.POST.get("way") == "mention")
    except HookSilent as silent:
        return _page(request, account, _("The webhook did not take it: %s") % silent, status=422)
    return redirect("demo:x")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def api(request: HttpRequest, method: str) -> HttpResponse:
    """Answer as X's API does, to whoever has an account's token."""
    if not settings.DEMO:
        raise Http404
    found = _TOKEN.search(request.headers.get("Authorization", ""))
    account = x_channel.by_token(unquote(found[1])) if found else None
    if account is None:
        return JsonResponse({"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}, status=401)
    is_json = request.content_type == "application/json"
    given = json.loads(request.body or b"{}") if is_json else {}
    said = x_channel.answer(account, method, given if isinstance(given, dict) else {})
    if said is None:
        return JsonResponse({"title": "Not Found", "status": 404, "detail": "Not played in the demo."}, status=404)
    return JsonResponse({"data": said}, status=201 if request.method == "POST" else 200)


def _account() -> SocialAccount | None:
    if not settings.DEMO:
        raise Http404
    return x_channel.account()


def _page(request: HttpRequest, account: SocialAccount | None, problem: str = "", *, status: int = 200) -> HttpResponse:
    said = x_channel.conversation(account) if account is not None else []
    context: dict[str, Any] = {
        "account": account,
        "problem": problem,
        "text": request.POST.get("text", "") if problem else "",
        "said": [{"one": one, "at": datetime.fromtimestamp(one.number / 1000, UTC)} for one in said],
    }
    return render(request, "demo/x.html", context, status=status)
