"""Doors for the phone provider and for a PBX: nobody signs in here, the signature is the proof."""

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tickets.channels.phone import cti, door
from tickets.models import PhoneLine
from tickets.services import phone_raw
from tickets.services.phone_calls import STEPS
from tickets.views.hooks import body_of

FORM = "application/x-www-form-urlencoded"
XML = "text/xml; charset=utf-8"


@csrf_exempt
@require_POST
def receive(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Keep a genuine request, act on it once, and say what is next, as TwiML.

    With the database away the answer is 503, so that the provider asks its second address or again.
    """
    line = PhoneLine.objects.filter(public_id=public_id, is_active=True).first()
    if line is None or step not in STEPS:
        return HttpResponse(status=404)
    raw = body_of(request, settings.MAX_EVENT_BYTES)
    if raw is None:
        return HttpResponse(status=413)
    try:
        form = QueryDict(raw if request.content_type == FORM else b"")
    except SuspiciousOperation:
        return HttpResponse(status=400)
    url = door.public_url(request.get_full_path())
    if not door.is_genuine(line, request.headers, url, form):
        return HttpResponse(status=403)
    return HttpResponse(phone_raw.receive(line=line, step=step, url=url, raw=raw, form=form), content_type=XML)


@csrf_exempt
@require_POST
def pbx(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep a genuine event of a PBX, act on it once, and say where its call is; the same id again changes nothing."""
    line = PhoneLine.objects.filter(public_id=public_id, is_active=True).first()
    if line is None or not line.cti_secret:
        return HttpResponse(status=404)
    raw = body_of(request, settings.MAX_EVENT_BYTES)
    if raw is None:
        return HttpResponse(status=413)
    if not cti.is_genuine(line, request.headers, raw):
        return HttpResponse(status=403)
    try:
        event = cti.read(raw)
    except cti.Unreadable as unreadable:
        return JsonResponse({"error": str(unreadable)}, status=400)
    state = phone_raw.receive_event(line=line, event=event, raw=raw)
    return JsonResponse({"state": state}) if state.isalpha() else JsonResponse({"state": "kept"})
