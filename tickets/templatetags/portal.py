"""`{% waiting_approvals as waiting %}`: for how many actions the customer's word is missing."""

from typing import Any

from django import template

from security import standings

register = template.Library()


@register.simple_tag(takes_context=True)
def waiting_approvals(context: dict[str, Any]) -> int:
    """Count once for a page; nothing where nobody is signed in at the portal."""
    request = context.get("request")
    session = getattr(request, "customer_session", None)
    if request is None or session is None:
        return 0
    if not hasattr(request, "waiting_approvals"):
        request.waiting_approvals = standings.waiting_count(session.customer)
    return int(request.waiting_approvals)
