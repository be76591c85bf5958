"""The demo's stand-in for the SMS provider's API. Development settings only."""

import base64
import binascii

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from helpdesk.demo import channels, sms_channel


@csrf_exempt
@require_http_methods(["GET", "POST"])
def api(request: HttpRequest, account: str, path: str) -> HttpResponse:
    """Answer as the provider does, to whoever has the account's token."""
    if not settings.DEMO:
        raise Http404
    found = channels.by_token(_password(request), *sms_channel.KINDS)
    if found is None or found.app_key != account:
        return JsonResponse({"code": 20003, "message": "Authenticate"}, status=401)
    said = sms_channel.answer(found, request.method or "", path, request.POST.dict())
    if said is None:
        return JsonResponse({"code": 20404, "message": "Not played in the demo."}, status=404)
    return JsonResponse(said, status=201 if request.method == "POST" else 200)


def _password(request: HttpRequest) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Basic ")
    try:
        return base64.b64decode(given).decode().rpartition(":")[2]
    except (binascii.Error, ValueError):
        return ""
