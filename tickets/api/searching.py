"""The search of API v1: what the box of the desk finds, for programs."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.models import Staff
from accounts.permissions import Permission
from security.api.views import RateLimited
from security.models import ApiToken
from tickets.api.serializers import COLUMNS, TicketSerializer, ticket_shown
from tickets.api.views import PROBLEMS, staff_of
from tickets.models import Tag, Ticket
from tickets.search.language import QueryError
from tickets.selectors import search, sla_clocks
from tickets.selectors.orders import BadCursorError
from tickets.selectors.search_snippets import Snippet


class PlaceSerializer(serializers.Serializer[Any]):
    """Where in a ticket the words stand: a message's `seq`, its kind, and its text in pieces, those that hit marked."""

    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["note", "in", "out"])
    at = serializers.DateTimeField()
    pieces = serializers.ListField(child=serializers.DictField())


class FoundTicketSerializer(serializers.Serializer[Any]):
    """One ticket that was found."""

    ticket = TicketSerializer()
    places = PlaceSerializer(many=True)


class FoundTicketsSerializer(serializers.Serializer[Any]):
    """A page of what was found; `count` is null for operators alone, `has_more`: more match than are ranked."""

    next = serializers.URLField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    has_more = serializers.BooleanField()
    results = FoundTicketSerializer(many=True)


class TicketSearch(RateLimited):
    """The search over everything that the caller may see."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}
    known_parameters = frozenset({"q", "cursor"})

    @extend_schema(
        operation_id="tickets_search",
        parameters=[
            OpenApiParameter("q", str, description="words, “phrases”, -negations and operators"),
            OpenApiParameter("cursor", str),
        ],
        responses={200: FoundTicketsSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """Return what is found, the best first; a query that cannot be read is 400 with one sentence."""
        text = request.query_params.get("q", "")
        try:
            found = search.found_for(text, person=staff_of(request), after=request.query_params.get("cursor", ""))
        except QueryError as error:
            raise ValidationError({"q": [error.sentence]}) from error
        except BadCursorError as error:
            raise ValidationError({"cursor": ["This is not a cursor of this search."]}) from error
        # From the setting, never from the request's Host (attack E2).
        following = replace_query_param(settings.SITE_URL + request.get_full_path(), "cursor", found.next_cursor)
        return Response(
            {
                "next": following if found.next_cursor else None,
                "count": found.count,
                "has_more": found.has_more_than_ranked,
                "results": _shown(found, staff_of(request)),
            }
        )


def _shown(found: search.Found, person: Staff) -> list[dict[str, Any]]:
    names = ArraySubquery(Tag.objects.filter(tickets=OuterRef("pk")).order_by("name").values("name"))
    listed = Ticket.objects.visible_to(person).filter(public_id__in=[hit.row.public_id for hit in found.hits])
    rows = listed.select_related("requester", "assignee", "team").only(*COLUMNS).annotate(tag_names=names)
    tickets = {ticket.public_id: ticket for ticket in rows}
    clocks = sla_clocks.of_tickets(list(tickets.values()))
    return [
        {"ticket": ticket_shown(ticket, clocks.get(ticket.pk, ())), "places": [_place(one) for one in hit.snippets]}
        for hit in found.hits
        if (ticket := tickets.get(hit.row.public_id))
    ]


def _place(one: Snippet) -> dict[str, Any]:
    pieces = [{"text": piece.text, "is_hit": piece.is_hit} for piece in one.pieces]
    return {"seq": one.seq, "kind": one.kind, "at": one.at, "pieces": pieces}
