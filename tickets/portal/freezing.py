"""Freezing one's account: from the portal, and from a signed link in a security mail without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from core import rate_limits
from security import client, freeze_links, selectors
from security.customer_access import customer_required, session_here
from security.models import FreezeOrder
from security.services import freezing

GONE, TOO_MANY = 410, 429
PER_CUSTOMER_PER_MIN, PER_ADDRESS_PER_MIN = 5, 20


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def freeze(request: HttpRequest) -> HttpResponse:
    """Show what a freeze does; one POST does it."""
    here = session_here(request)
    if request.method == "POST":
        if _is_too_often(request, here.customer.public_id):
            return render(request, "429.html", status=TOO_MANY)
        freezing.freeze(customer=here.customer, source=FreezeOrder.Source.PORTAL, actor=here.customer.actor, keep=here)
        return redirect("portal:freeze")
    return render(request, "portal/freeze.html", {"frozen": selectors.freeze_of(here.customer)})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def freeze_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open the page behind a mail's link, which changes nothing; its one button freezes."""
    customer = freeze_links.customer_of(token)
    if customer is None:
        return render(request, "portal/freeze_by_link.html", {"is_valid": False}, status=GONE)
    with translation.override(customer.language):
        if request.method == "POST":
            if _is_too_often(request, customer.public_id):
                return render(request, "429.html", status=TOO_MANY)
            freezing.freeze(customer=customer, source=FreezeOrder.Source.LINK, actor=customer.actor)
        # Whoever holds the link learns nothing of the account but whether it stands still.
        frozen = selectors.freeze_of(customer)
        return render(request, "portal/freeze_by_link.html", {"is_valid": True, "frozen": frozen})


def _is_too_often(request: HttpRequest, customer: str) -> bool:
    """Count for the customer and for where it comes from; with Redis away nobody counts, and a freeze goes through."""
    limits = ((customer, PER_CUSTOMER_PER_MIN), (client.address(request) or "unknown", PER_ADDRESS_PER_MIN))
    spent = [rate_limits.spend(scope="portal-freeze", who=who, limit=limit) for who, limit in limits]
    return any(one is not None and one.is_over for one in spent)
