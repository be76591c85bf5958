"""What the exchange says of a customer: a fragment that the desk loads when somebody asks for it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.models import Customer
from accounts.permissions import Permission
from security import selectors
from security.access import record_denial, staff_required
from security.services import exchange_reads
from tickets.selectors import people
from tickets.views.shared import page, staff_of, takes


@require_safe
@staff_required(Permission.EXCHANGE_VIEW)
@takes("hash")
def account(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the account as it stands at the exchange, and what the exchange has signalled; `?hash=` narrows."""
    customer = _customer_or_404(request, public_id)
    digest = request.GET.get("hash", "").strip()
    context: dict[str, Any] = {
        "customer_id": customer.public_id,
        "hash": digest[: exchange_reads.LONGEST_HASH],
        "signals": selectors.exchange_signals(customer),
        "risk_raised_until": selectors.risk_raised_until(customer),
        "reading": None,
        "is_unknown": False,
    }
    try:
        context["reading"] = exchange_reads.read(customer=customer, by=staff_of(request), digest=digest)
    except exchange_reads.NoAccountError:
        context["is_unknown"] = True
    except exchange_reads.ExchangeAway:
        # The template says so; nobody waits for the exchange.
        context["is_away"] = True
    return page(request, "desk/_exchange.html", context)


def _customer_or_404(request: HttpRequest, public_id: str) -> Customer:
    """Return the customer if this person may see a request that is proven to be theirs; a denial is recorded."""
    found = people.known_to(staff_of(request), public_id)
    if found is None:
        if Customer.objects.filter(public_id=public_id).exists():
            record_denial(request, Permission.EXCHANGE_VIEW, obj=("customer", public_id))
        raise Http404
    return found
