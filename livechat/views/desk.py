"""What the desk asks of a chat beside its timeline: how far the visitor has read, and that somebody is writing."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from livechat.models import Chat, Mark
from livechat.selectors import chats as shown
from livechat.services import reading
from security.access import staff_required
from tickets.views.shared import takes, ticket_or_404


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def state(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far the visitor has received and read."""
    return JsonResponse(shown.shown_to_staff(_chat(request, public_id)))


@require_POST
@staff_required(Permission.TICKET_REPLY)
def seen(request: HttpRequest, public_id: str) -> HttpResponse:
    """Those who may answer have received `delivered` and read `read`, by public numbers."""
    chat = _chat(request, public_id)
    numbers = [request.POST.get(name, "0") for name in ("delivered", "read")]
    if not all(number.isdecimal() and len(number) < 10 for number in numbers):
        return JsonResponse({"detail": "delivered and read are whole numbers."}, status=400)
    delivered, read = map(int, numbers)
    reading.move(chat=chat, side=Mark.Side.STAFF, delivered=delivered, read=read)
    return HttpResponse(status=204)


@require_POST
@staff_required(Permission.TICKET_REPLY)
def typing(request: HttpRequest, public_id: str) -> HttpResponse:
    """Somebody is writing an answer."""
    reading.staff_writes(chat=_chat(request, public_id))
    return HttpResponse(status=204)


def _chat(request: HttpRequest, public_id: str) -> Chat:
    chat = shown.of_ticket(ticket_or_404(request, public_id))
    if chat is None:
        raise Http404
    return chat
