"""Visitors correct or take back what they have just said."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from accounts.models import Customer
from livechat.selectors import chats as shown
from livechat.views import bodies
from livechat.views.refusals import as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required
from tickets.models import Message
from tickets.services import corrections


@require_POST
@visitor_required
@as_problems
def correct(request: HttpRequest) -> HttpResponse:
    """Let a message of one's own say something else: 200 with it as it stands now."""
    given = bodies.read(request, bodies.Correct)
    if refusal := too_fast(request, "say", visitor_here(request).public_id):
        return refusal
    message, customer = _own(request, given)
    now = corrections.correct(message=message, by=customer, text=given.text)
    told = shown.message_shown(now, visitor_here(request).pk, is_corrected=True)
    return JsonResponse({"chat": given.chat, "message": told, "redactions": now.redactions})


@require_POST
@visitor_required
@as_problems
def take_back(request: HttpRequest) -> HttpResponse:
    """Take a message of one's own back."""
    message, customer = _own(request, bodies.read(request, bodies.Which))
    corrections.take_back(message=message, by=customer)
    return HttpResponse(status=204)


def _own(request: HttpRequest, given: bodies.Which) -> tuple[Message, Customer]:
    chat = shown.of_visitor(visitor_here(request), given.chat)
    message = shown.own_message(chat, given.seq) if chat else None
    if message is None or message.customer is None:
        raise Http404
    return message, message.customer
