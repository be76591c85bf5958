"""The demo's simulator of Discord, and its stand-in for Discord's API. Development settings only."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from helpdesk.demo import discord_channel
from helpdesk.demo.channels import HookSilent
from helpdesk.demo.views import MAY_LOOK
from security.access import staff_required
from tickets.channels.discord.interactions import OFFICIAL, SUPPORT, VERIFY
from tickets.models import SocialAccount

LONGEST, LONGEST_TITLE = 2_000, 100


@require_GET
@staff_required(MAY_LOOK)
def simulator(request: HttpRequest) -> HttpResponse:
    """Show what was said, as the customer sees it, with what they can do."""
    return _page(request, _account())


@require_POST
@staff_required(MAY_LOOK)
def say(request: HttpRequest) -> HttpResponse:
    """Write to us as the customer: a direct message, or a post of the forum, which has a title."""
    account = _account()
    text = request.POST.get("text", "").strip()[:LONGEST]
    is_post = request.POST.get("way") == "post"
    title = request.POST.get("title", "").strip()[:LONGEST_TITLE] if is_post else ""
    if account is None or not text:
        return _page(request, account, _("Write something first."), status=422)
    if is_post and not title:
        return _page(request, account, _("A forum post needs a title."), status=422)
    discord_channel.say(account, text=text, title=title)
    return redirect("demo:discord")


@require_POST
@staff_required(MAY_LOOK)
def command(request: HttpRequest) -> HttpResponse:
    """Give the bot a command as the customer."""
    account = _account()
    name, text = request.POST.get("command", ""), request.POST.get("question", "").strip()[:LONGEST]
    if account is None or name not in {SUPPORT, VERIFY, OFFICIAL} or (name == SUPPORT and not text):
        return _page(request, account, _("Write something first."), status=422)
    try:
        discord_channel.command(account, name, text=text if name == SUPPORT else "")
    except HookSilent as silent:
        return _page(request, account, _("The webhook did not take it: %s") % silent, status=422)
    return redirect("demo:discord")


@csrf_exempt
@require_http_methods(["GET", "POST", "PUT", "PATCH"])
def api(request: HttpRequest, method: str) -> HttpResponse:
    """Answer as Discord's API does, to whoever has an account's token."""
    if not settings.DEMO:
        raise Http404
    account = discord_channel.by_token(request.headers.get("Authorization", "").removeprefix("Bot "))
    if account is None:
        return JsonResponse({"message": "401: Unauthorized", "code": 0}, status=401)
    said = discord_channel.answer(account, request.method or "", method, _fields(request))
    if said is None:
        return JsonResponse({"message": "Not played in the demo.", "code": 0}, status=404)
    return JsonResponse(said, safe=False)


def _fields(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "application/json":
        given = json.loads(request.body or b"{}")
        return given if isinstance(given, dict) else {}
    file = next(iter(request.FILES.values()), None)
    return {"file": getattr(file, "name", "")}


def _account() -> SocialAccount | None:
    if not settings.DEMO:
        raise Http404
    return discord_channel.account()


def _page(request: HttpRequest, account: SocialAccount | None, problem: str = "", *, status: int = 200) -> HttpResponse:
    said = discord_channel.conversation(account) if account is not None else []
    context: dict[str, Any] = {
        "account": account,
        "problem": problem,
        "given": {name: request.POST.get(name, "") if problem else "" for name in ("text", "title", "question")},
        "said": [{"one": one, "at": datetime.fromtimestamp(one.at_s, UTC)} for one in said],
    }
    return render(request, "demo/discord.html", context, status=status)
