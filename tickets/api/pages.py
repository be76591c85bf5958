"""Pages of the ticket list by key, forwards and backwards: a row's place never depends on how many come before it."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from tickets.models import Ticket
from tickets.selectors.orders import BadCursorError, read_cursor, write_cursor

SIZE = 50
MAX_SIZE = 200
FORWARDS, BACKWARDS = "n", "p"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, newest activity first, and the addresses of the pages after and before."""

    rows: list[Ticket]
    next: str | None
    previous: str | None


def of(tickets: QuerySet[Ticket], request: Request) -> Page:
    """Return the page that the request's `cursor` and `page_size` name; raises ValidationError for bad ones."""
    size = _size(request)
    cursor = request.query_params.get("cursor", "")
    direction = cursor[:1] or FORWARDS
    if cursor:
        tickets = _beyond(tickets, direction, cursor)
    order = ("-updated_at", "-id") if direction == FORWARDS else ("updated_at", "id")
    found = list(tickets.order_by(*order)[: size + 1])
    has_more, rows = len(found) > size, found[:size]
    if direction == BACKWARDS:
        rows.reverse()
    goes_on = has_more if direction == FORWARDS else True
    goes_back = has_more if direction == BACKWARDS else bool(cursor)
    return Page(
        rows,
        _link(request, FORWARDS, rows[-1]) if rows and goes_on else None,
        _link(request, BACKWARDS, rows[0]) if rows and goes_back else None,
    )


def _beyond(tickets: QuerySet[Ticket], direction: str, cursor: str) -> QuerySet[Ticket]:
    """Rows strictly after (or before) the place in the order that the cursor names."""
    try:
        at, pk = read_cursor(cursor[1:])
    except BadCursorError as error:
        raise _bad_cursor() from error
    if direction == FORWARDS:
        return tickets.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=pk), updated_at__lte=at)
    if direction == BACKWARDS:
        return tickets.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=pk), updated_at__gte=at)
    raise _bad_cursor()


def _bad_cursor() -> ValidationError:
    return ValidationError({"cursor": ["This cursor is not one that this list gave out."]})


def _size(request: Request) -> int:
    given = request.query_params.get("page_size", str(SIZE))
    if not given.isdecimal() or len(given) > 9 or int(given) < 1:
        raise ValidationError({"page_size": [f"A whole number from 1; more than {MAX_SIZE} are never given."]})
    return min(int(given), MAX_SIZE)


def _link(request: Request, direction: str, row: Ticket) -> str:
    # From the setting, never from the request's Host (attacks E2).
    here = settings.SITE_URL + request.get_full_path()
    return replace_query_param(here, "cursor", direction + write_cursor(row.updated_at, row.pk))
