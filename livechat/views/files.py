"""Files of visitors: announced, sent piece by piece, taken back; and where to save one that is in the conversation."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from core.problems import plain_problem
from livechat.selectors import files
from livechat.services import uploads
from livechat.views import bodies
from livechat.views.refusals import BAD_REQUEST, CONFLICT, as_problems
from livechat.visitor_access import too_fast, visitor_here, visitor_required
from tickets.services import pieces
from tickets.views.shared import takes

MAX_PART = 256 * 1024


@require_POST
@visitor_required
@as_problems
def announce(request: HttpRequest) -> HttpResponse:
    """Announce a file, or ask how much of it is here: 201 with the number of bytes, from where sending goes on."""
    visitor = visitor_here(request)
    given = bodies.read(request, bodies.Announced)
    if refusal := too_fast(request, "file", visitor.public_id) or too_fast(request, "address"):
        return refusal
    upload = uploads.begin(visitor=visitor, client_id=given.client_id, name=given.name, size=given.size)
    return JsonResponse({"received": upload.received, "size": upload.size, "part": MAX_PART}, status=201)


@require_POST
@visitor_required
@as_problems
@takes("start")
def part(request: HttpRequest, client_id: str) -> HttpResponse:
    """Take the bytes that begin at `start`. Elsewhere than where the last ones ended is 409 with that number."""
    start = request.GET.get("start", "")
    if not start.isdecimal() or len(start) > 9:
        return plain_problem(BAD_REQUEST, "invalid", "start is a whole number.")
    if refusal := too_fast(request, "part"):
        return refusal
    content = bodies.read_bytes(request, at_most=MAX_PART)
    try:
        received = uploads.add_part(
            visitor=visitor_here(request), client_id=client_id, start=int(start), content=content
        )
    except pieces.OutOfStep as step:
        return JsonResponse({"received": step.received}, status=CONFLICT)
    return JsonResponse({"received": received})


@require_POST
@visitor_required
@as_problems
def remove(request: HttpRequest, client_id: str) -> HttpResponse:
    """Take a file back that no message has taken."""
    uploads.remove(visitor=visitor_here(request), client_id=client_id)
    return HttpResponse(status=204)


@require_safe
@visitor_required
@takes()
def link(request: HttpRequest, file_id: str) -> HttpResponse:
    """Return where to save a file of one's own conversation, for a minute."""
    visitor = visitor_here(request)
    row = files.of_visitor(visitor, file_id)
    if row is None:
        raise Http404
    return JsonResponse({"url": files.link(visitor, row)})
