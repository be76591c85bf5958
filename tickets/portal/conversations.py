"""Conversations on social channels at the portal: which belong to the customer, joining another one, ending a link."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from security.customer_access import customer_required, session_here
from tickets.selectors import social_links as shown
from tickets.services import social_links
from tickets.services.social_links import LinkIsOver

GONE = 410


@require_safe
@customer_required
def conversations(request: HttpRequest) -> HttpResponse:
    """Show what is linked."""
    return render(
        request, "portal/conversations.html", {"conversations": shown.of_customer(session_here(request).customer)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def conversation_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link from a conversation: opening it changes nothing, saying yes joins it to who is signed in."""
    try:
        if request.method == "POST":
            social_links.join(secret=token, customer=session_here(request).customer)
            messages.success(request, _("The conversation is linked. What you write there from now on is yours."))
            return redirect("portal:conversations")
        found = social_links.opened_by(token)
    except LinkIsOver:
        return render(request, "portal/conversation_link.html", {"conversation": None}, status=GONE)
    return render(request, "portal/conversation_link.html", {"conversation": shown.shown(found)})


@require_POST
@customer_required
def conversation_end(request: HttpRequest, public_id: str) -> HttpResponse:
    """End a link of one's own."""
    if not social_links.part(public_id=public_id, customer=session_here(request).customer):
        raise Http404
    messages.success(request, _("The link is ended. The conversation goes on without your name."))
    return redirect("portal:conversations")
