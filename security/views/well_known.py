"""What the exchange, and whoever checks a record, finds at a fixed address: our public keys."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from security.exchange import keys

KEPT_FOR_S = 300


@require_safe
@cache_control(public=True, max_age=KEPT_FOR_S)
def pharos_keys(_request: HttpRequest) -> HttpResponse:
    """Return the public keys that our signatures are checked with (JWKS, RFC 7517)."""
    return JsonResponse(keys.published(), content_type="application/jwk-set+json")
