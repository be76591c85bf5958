"""The demo's stand-in for the Graph API. Development settings only."""

import json

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from helpdesk.demo import channels, meta_channels
from tickets.models import SocialAccount


@csrf_exempt
@require_http_methods(["GET", "POST"])
def graph(request: HttpRequest, path: str) -> HttpResponse:
    """Answer as the Graph API does, to whoever has an account's token."""
    if not settings.DEMO:
        raise Http404
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    account = channels.by_token(token, *meta_channels.KINDS)
    if account is None:
        error = {"message": "Invalid OAuth access token.", "type": "OAuthException", "code": 190}
        return JsonResponse({"error": error}, status=401)
    if request.content_type == "application/json":
        given = json.loads(request.body)
        fields = given if isinstance(given, dict) else {}
        return JsonResponse(meta_channels.answer(account, request.method or "", path, fields))
    files = [file for file in request.FILES.values() if not isinstance(file, list)]
    name = (files[0].name or "file") if files else ""
    return JsonResponse(meta_channels.answer(account, request.method or "", path, request.POST.dict(), name))


@require_GET
def file(request: HttpRequest, public_id: str, name: str) -> HttpResponseBase:
    """Hand out what the customer sent to whoever has its address, as Meta's hosts of files do."""
    account = SocialAccount.objects.filter(public_id=public_id, kind__in=meta_channels.KINDS).first()
    try:
        path = channels.file_path(account, name) if account is not None and settings.DEMO else None
    except ValueError:
        path = None
    if path is None or not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="application/octet-stream")
