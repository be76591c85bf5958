"""What a foreign site embeds: the loader script and the frame, which only the inbox's own origins may show."""

import json
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from core import built
from livechat.models import ChatInbox
from livechat.selectors import hours
from livechat.selectors.prechat import forms_of, said
from livechat.selectors.proactive import triggers_of
from livechat.views.visitor import language
from tickets.views.shared import takes

LOADER = "src/widget/loader.ts"
LOADER_LIFE_S = 300
PERMISSIONS = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(), publickey-credentials-get=(self)"
)


@require_safe
@gzip_page
@takes()
def loader(request: HttpRequest, slug: str) -> HttpResponse:
    """The script that the snippet names; the same for every inbox, which it knows by its own address."""
    _inbox(slug)
    response = HttpResponse(built.script(LOADER), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={LOADER_LIFE_S}"
    # Loaded by pages of other origins: that is what it is for.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@gzip_page
@xframe_options_exempt
@takes("lang", "theme")
def frame(request: HttpRequest, slug: str) -> HttpResponse:
    """The widget's page. It holds nothing of anybody, so it is compressed; a token in its storage opens the rest."""
    inbox = _inbox(slug)
    # Our own page shows the frame to who comes back by the link of a mail.
    return _page(request, inbox, [*inbox.allowed_origins, settings.SITE_URL], [SELF, *inbox.allowed_origins])


@require_safe
@gzip_page
@takes("lang", "theme")
def app(request: HttpRequest, slug: str) -> HttpResponse:
    """The same page by itself, for a WebView of the exchange's app, where the inbox allows it. No page can embed it."""
    inbox = _inbox(slug)
    if not inbox.allows_app:
        raise Http404
    return _page(request, inbox, [settings.SITE_URL], [NONE])


def _page(request: HttpRequest, inbox: ChatInbox, origins: list[str], embedded_by: list[str]) -> HttpResponse:
    is_app = embedded_by == [NONE]
    theme = request.GET.get("theme", "")
    context = {
        "inbox": inbox,
        "theme": theme if theme in ChatInbox.Theme.values else inbox.theme,
        "is_app": is_app,
        "origins": json.dumps(origins),
        "socket_url": f"{settings.SOCKET_URL}/ws/chat/",
        "limits": {
            "bytes": settings.MAX_UPLOAD_BYTES,
            "count": settings.MAX_FILES_PER_MESSAGE,
            "together": settings.MAX_MESSAGE_BYTES,
        },
    }
    # As pages name it: `zh-CN`, `en-GB`.
    known = language(request.GET.get("lang", "")[:16]) or translation.get_language() or settings.LANGUAGE_CODE
    forms, opening = forms_of(inbox, known), hours.shown(inbox)
    # Then nobody waits for more than a composer.
    context["is_at_once"] = not is_app and not forms and opening["is_open"]
    context["forms"] = json.dumps(forms, ensure_ascii=False)
    context["title"] = said(inbox.name, inbox.name_zh_hans, known)
    context["greeting"] = said(inbox.greeting, inbox.greeting_zh_hans, known)
    context["hours"] = json.dumps(opening)
    context["proactive"] = json.dumps(triggers_of(inbox))
    with translation.override(known):
        response: HttpResponse = csp_replace(_policy(embedded_by))(render)(request, "livechat/frame.html", context)  # type: ignore[arg-type, call-arg, assignment]
    response.headers["Permissions-Policy"] = PERMISSIONS
    if not is_app:
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _inbox(slug: str) -> ChatInbox:
    inbox = ChatInbox.objects.open().filter(slug=slug).first()
    if inbox is None:
        raise Http404
    return inbox


def _policy(embedded_by: list[str]) -> dict[str, Any]:
    return {
        "default-src": [NONE],
        # What the visitor has just chosen is shown from memory; what was sent, by the content origin.
        "img-src": [SELF, "data:", "blob:", settings.CONTENT_URL],
        "frame-src": [NONE],
        "form-action": [NONE],
        "frame-ancestors": embedded_by,
    }
