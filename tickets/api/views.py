"""Tickets and messages of API v1."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import record_denial
from security.api.views import RateLimited
from security.models import ApiToken
from tickets.api import pages
from tickets.api.creating import create
from tickets.api.filters import KNOWN, TicketFilter
from tickets.api.serializers import (
    COLUMNS,
    MessageListSerializer,
    MessageSerializer,
    NewMessageSerializer,
    NewTicketSerializer,
    ProblemSerializer,
    TicketPageSerializer,
    TicketSerializer,
    WholeTicketSerializer,
    guided_shown,
    message_shown,
    ticket_shown,
)
from tickets.models import Tag, Ticket
from tickets.selectors import cases, guided, joined, links, sla_clocks, timeline
from tickets.services import by_hand, replies
from tickets.services.senders import Sender

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key again within 7 days gets the same answer.",
)
PROBLEMS = {
    400: ProblemSerializer,
    401: ProblemSerializer,
    403: ProblemSerializer,
    404: ProblemSerializer,
    405: ProblemSerializer,
    406: ProblemSerializer,
    409: ProblemSerializer,
    413: ProblemSerializer,
    415: ProblemSerializer,
    422: ProblemSerializer,
    429: ProblemSerializer,
    503: ProblemSerializer,
}
READ_WRITE = {"GET": ApiToken.Scope.READ, "POST": ApiToken.Scope.WRITE}


def staff_of(request: Request) -> Staff:
    """Return the person behind the token or session; HasScope has made sure that there is one."""
    if not isinstance(request.user, Staff):
        raise Http404
    return request.user


def ticket_or_404(request: Request, public_id: str) -> Ticket:
    """Return the ticket if the caller may see it; hidden and unknown look the same, but the audit log knows."""
    ticket = cases.visible(staff_of(request), public_id)
    if ticket is None:
        if cases.is_hidden(staff_of(request), public_id):
            record_denial(request, Permission.TICKET_VIEW, obj=("ticket", public_id))
        raise Http404
    return ticket


def _shown(ticket: Ticket) -> dict[str, Any]:
    return ticket_shown(ticket, sla_clocks.of_tickets([ticket]).get(ticket.pk, ()))


class TicketList(RateLimited):
    """All tickets the caller may see, and opening one for somebody."""

    required_scopes = READ_WRITE
    required_permission = {"GET": Permission.TICKET_VIEW, "POST": Permission.TICKET_CREATE}
    known_parameters = KNOWN

    @extend_schema(
        operation_id="tickets_list",
        parameters=[
            OpenApiParameter("cursor", str),
            OpenApiParameter("page_size", int, description="1 to 200, 50 unless told"),
            OpenApiParameter("status", str, many=True),
            OpenApiParameter("priority", str, many=True),
            OpenApiParameter("channel", str, many=True),
            OpenApiParameter("team", str),
            OpenApiParameter("tag", str),
            OpenApiParameter("language", str),
            OpenApiParameter("assignee", str, description="an id, `me` or `none`"),
            OpenApiParameter("updated_since", str, description="ISO 8601"),
        ],
        responses={200: TicketPageSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """List, newest activity first."""
        visible: QuerySet[Ticket] = Ticket.objects.visible_to(staff_of(request))
        # Names of tags come with the row, and no column that is not shown: half of the list's time otherwise.
        names = ArraySubquery(Tag.objects.filter(tickets=OuterRef("pk")).order_by("name").values("name"))
        listed = visible.select_related("requester", "assignee", "team").only(*COLUMNS).annotate(tag_names=names)
        chosen = TicketFilter(request.query_params, queryset=listed, request=request)
        if not chosen.is_valid():
            raise ValidationError(chosen.errors)
        page = pages.of(chosen.qs, request)
        clocks = sla_clocks.of_tickets(page.rows)
        shown = [ticket_shown(ticket, clocks.get(ticket.pk, ())) for ticket in page.rows]
        return Response({"next": page.next, "previous": page.previous, "results": shown})

    @extend_schema(
        operation_id="tickets_create",
        request=NewTicketSerializer,
        parameters=[KEY],
        responses={201: TicketSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        """Open a ticket for somebody; their address stays a claim."""
        given = NewTicketSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        reported = by_hand.Reported(
            channel=data["channel"],
            address=data["requester"]["address"],
            name=data["requester"]["name"],
            subject=data["subject"],
            text=data["text"],
            priority=data["priority"],
            topic=data.get("topic"),
            language=data["language"],
        )
        person = staff_of(request)

        def act() -> tuple[int, Any]:
            ticket = by_hand.open_for(reported=reported, by=person, assign=False)
            return 201, _shown(ticket)

        return create(request, act)


class TicketDetail(RateLimited):
    """One ticket."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}

    @extend_schema(operation_id="tickets_retrieve", responses={200: WholeTicketSerializer, **PROBLEMS})
    def get(self, request: Request, public_id: str) -> Response:
        """Return it."""
        ticket, person = ticket_or_404(request, public_id), staff_of(request)
        merged = joined.merged(ticket, person, may_undo=False)
        belongs: dict[str, Any] = {
            "merged_into": merged.into.public_id if merged and merged.into else None,
            "links": [
                {"id": one.ticket_id, "number": one.number, "kind": one.kind, "is_first": one.is_first}
                for one in links.of_ticket(ticket, person)
            ],
        }
        return Response({**_shown(ticket), "guided": guided_shown(guided.of_ticket(ticket)), **belongs})


class MessageList(RateLimited):
    """A ticket's messages, and writing one."""

    required_scopes = READ_WRITE
    # A note needs less than a reply; post() asks for the reply's right itself.
    required_permission = {"GET": Permission.TICKET_VIEW, "POST": Permission.TICKET_NOTE}
    known_parameters = frozenset({"since"})

    @extend_schema(
        operation_id="messages_list",
        parameters=[OpenApiParameter("since", int, description="only messages after this `seq`, at most 200")],
        responses={200: MessageListSerializer, **PROBLEMS},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Return the next 200 messages after `since`, in order; ask again with the last `seq` until none come."""
        since = request.query_params.get("since", "0")
        if not since.isdecimal() or len(since) > 9:
            raise ValidationError({"since": ["A whole number from 0."]})
        ticket = ticket_or_404(request, public_id)
        return Response({"results": [message_shown(one) for one in timeline.since(ticket, int(since))]})

    @extend_schema(
        operation_id="messages_create",
        request=NewMessageSerializer,
        parameters=[KEY],
        responses={201: MessageSerializer, **PROBLEMS},
    )
    def post(self, request: Request, public_id: str) -> Response:
        """Write a reply or a note."""
        given = NewMessageSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        person = staff_of(request)
        if data["kind"] == "reply" and not person.has(Permission.TICKET_REPLY):
            record_denial(request, Permission.TICKET_REPLY)
            self.permission_denied(request, message="This role may write notes only.")
        ticket = ticket_or_404(request, public_id)

        def act() -> tuple[int, Any]:
            if data["kind"] == "note":
                message = replies.add_note(ticket=ticket, author=person, text=data["text"])
            else:
                message = replies.add(
                    ticket=ticket,
                    sender=Sender.of_staff(person),
                    channel="email" if "@" in ticket.requester_address else ticket.channel,
                    words=replies.Words(text=data["text"]),
                    seen_public_seq=data["seen_public_seq"],
                    then_status=data["then_status"],
                )
            return 201, message_shown(timeline.only(ticket, message.seq)[0])

        return create(request, act)
