"""Articles beside a ticket: found for it, and put into the answer as a link or as text."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.permissions import Permission
from kb.search.words import LONGEST_QUERY
from security.access import staff_required
from tickets.selectors import articles
from tickets.views.shared import page, staff_of, takes, ticket_or_404


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes("q")
def panel(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panel, which the side of a case loads by itself; `q` asks for something else."""
    ticket, person = ticket_or_404(request, public_id), staff_of(request)
    query = request.GET.get("q", "")[:LONGEST_QUERY].replace("\x00", "")
    context = {
        "ticket": ticket,
        "articles": articles.suggested(ticket, query),
        "q": query,
        "can_insert": person.has(Permission.TICKET_REPLY),
        "can_write": person.has(Permission.ARTICLE_WRITE),
    }
    return page(request, "desk/_articles.html", context)
