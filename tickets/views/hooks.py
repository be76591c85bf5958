"""The door for vendors' events: nobody signs in here, the vendor's secret or signature over the bytes is the proof."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tickets.channels.social.registry import REQUEST_BYTES, channel
from tickets.channels.social.shapes import Interactive
from tickets.models import SocialAccount
from tickets.services import social_interactions, social_raw


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Keep genuine events and answer 200, also when they are known; what they say is read by a worker.

    By GET a vendor asks whether the address is ours; that changes nothing.

    A vendor whose people wait for words is answered with them, and 401 if it is not that vendor.

    With the database away the answer is 503, so that the vendor sends it again.
    """
    accounts = SocialAccount.objects.filter(public_id=public_id, kind=kind, is_active=True)
    account = accounts.defer("token").first()
    if account is None:
        return HttpResponse(status=404)
    if request.method == "GET":
        proof = channel(kind).challenge(account, request.GET)
        return HttpResponse(proof.answer, content_type=proof.content_type) if proof else HttpResponse(status=403)
    raw = body_of(request, REQUEST_BYTES.get(kind, settings.MAX_EVENT_BYTES))
    if raw is None:
        return HttpResponse(status=413)
    vendor = channel(kind)
    if not vendor.is_genuine(account, request.headers, raw):
        return HttpResponse(status=401 if isinstance(vendor, Interactive) else 403)
    if isinstance(vendor, Interactive):
        said = social_interactions.answer(account=account, vendor=vendor, raw=raw)
        return HttpResponse(said, content_type="application/json")
    social_raw.store(account=account, raw=raw)
    return HttpResponse(status=200)


def body_of(request: HttpRequest, limit: int) -> bytes | None:
    """Return the bytes as they came; None for more than `limit`."""
    said = request.headers.get("Content-Length", "")
    if said.isdecimal() and int(said) > limit:
        return None
    raw = request.read(limit + 1)
    return None if len(raw) > limit else raw
