"""Saved views of API v1: which there are, and the tickets of one, for programs."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import Http404
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
from tickets.models import SavedView, Tag, Ticket
from tickets.models.saved_view import Grouping, Sort
from tickets.selectors import listings, queue, saved_views, sla_clocks
from tickets.selectors.listings import Wanted
from tickets.selectors.orders import BadCursorError


class ViewSerializer(serializers.Serializer[Any]):
    """One view; `count` ends at 1,000 and is null for a view whose conditions no longer mean anything."""

    id = serializers.CharField()
    name = serializers.CharField()
    scope = serializers.ChoiceField(choices=["own", "team", "everyone"])
    team = serializers.CharField(allow_null=True)
    sort = serializers.ChoiceField(choices=Sort.choices)
    grouping = serializers.ChoiceField(choices=Grouping.choices)
    count = serializers.IntegerField(allow_null=True)


class ViewListSerializer(serializers.Serializer[Any]):
    """The views of the caller: their own, their teams', everybody's."""

    results = ViewSerializer(many=True)


class ViewTicketsSerializer(serializers.Serializer[Any]):
    """A page of a view's tickets, in its order."""

    next = serializers.URLField(allow_null=True)
    results = TicketSerializer(many=True)


class ViewList(RateLimited):
    """The saved views that the caller may look at."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}

    @extend_schema(operation_id="views_list", responses={200: ViewListSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """List them, with how many tickets each holds."""
        person = staff_of(request)
        views = saved_views.listed(person)
        counts = saved_views.counts(views, person, queue.visible_teams(person))
        return Response({"results": [_view(view, counts[saved_views.slug_of(view)]) for view in views]})


class ViewTickets(RateLimited):
    """The tickets of one saved view."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}
    known_parameters = frozenset({"cursor"})

    @extend_schema(
        operation_id="views_tickets",
        parameters=[OpenApiParameter("cursor", str)],
        responses={200: ViewTicketsSerializer, **PROBLEMS},
    )
    def get(self, request: Request, view_id: str) -> Response:
        """Return a page; a view whose conditions no longer mean anything is 400 with one sentence."""
        person = staff_of(request)
        teams = queue.visible_teams(person)
        found = listings.listing(f"{saved_views.PREFIX}{view_id}", person, teams, Wanted())
        if found is None:
            raise Http404
        if found.wrong is not None:
            raise ValidationError({"view": [found.wrong.sentence]})
        try:
            page = found.page(person, teams, request.query_params.get("cursor", ""))
        except BadCursorError as error:
            raise ValidationError({"cursor": ["This is not a cursor of this view."]}) from error
        # From the setting, never from the request's Host (attack E2).
        following = replace_query_param(settings.SITE_URL + request.get_full_path(), "cursor", page.next_cursor)
        return Response({"next": following if page.next_cursor else None, "results": _tickets(page, person)})


def _view(view: SavedView, count: int | None) -> dict[str, Any]:
    return {
        "id": view.public_id,
        "name": view.name,
        "scope": view.scope,
        "team": view.team.slug if view.team else None,
        "sort": view.sort,
        "grouping": view.grouping,
        "count": count,
    }


def _tickets(page: queue.Page, person: Staff) -> list[dict[str, Any]]:
    names = ArraySubquery(Tag.objects.filter(tickets=OuterRef("pk")).order_by("name").values("name"))
    listed = Ticket.objects.visible_to(person).filter(public_id__in=[row.public_id for row in page.rows])
    rows = listed.select_related("requester", "assignee", "team").only(*COLUMNS).annotate(tag_names=names)
    tickets = {ticket.public_id: ticket for ticket in rows}
    clocks = sla_clocks.of_tickets(list(tickets.values()))
    return [
        ticket_shown(ticket, clocks.get(ticket.pk, ())) for row in page.rows if (ticket := tickets.get(row.public_id))
    ]
