"""Bulk changes of API v1: beginning one, and how far it is."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Staff
from accounts.permissions import Permission
from security.api.views import RateLimited
from security.models import ApiToken
from tickets.actions import LONGEST, Action, Kind
from tickets.api.creating import create
from tickets.api.views import KEY, PROBLEMS, staff_of
from tickets.models import BulkChange, BulkItem, Ticket
from tickets.models.bulk import MOST
from tickets.search.language import LONGEST as LONGEST_QUERY
from tickets.search.language import QueryError
from tickets.selectors import bulk as shown
from tickets.selectors import saved_views
from tickets.services import bulk

MOST_IDS = 1_000
MOST_SHOWN = 1_000


class ActionSerializer(serializers.Serializer[Any]):
    """One action; `value` is a word, an id, names with commas between, or a text."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    value = serializers.CharField(max_length=LONGEST)
    value_zh = serializers.CharField(max_length=LONGEST, required=False, default="", allow_blank=True)


class NewBulkChangeSerializer(serializers.Serializer[Any]):
    """What to do to which tickets: those named, or all that fit conditions as those of a saved view."""

    tickets = serializers.ListField(child=serializers.CharField(max_length=20), max_length=MOST_IDS, required=False)
    query = serializers.CharField(max_length=LONGEST_QUERY, required=False)
    actions = ActionSerializer(many=True)
    confirm_sending = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take one way of naming tickets, and a reply only with its confirmation."""
        if ("tickets" in attrs) == ("query" in attrs):
            raise serializers.ValidationError({"tickets": ["Name the tickets or the conditions, one of the two."]})
        if any(one["kind"] == Kind.REPLY for one in attrs["actions"]) and not attrs["confirm_sending"]:
            raise serializers.ValidationError({"confirm_sending": ["A message to each customer has to be confirmed."]})
        return attrs


class LeftSerializer(serializers.Serializer[Any]):
    """One ticket that was left alone, and the code of the reason."""

    ticket = serializers.CharField()
    reason = serializers.CharField()


class BulkChangeSerializer(serializers.Serializer[Any]):
    """How far a bulk change is; `left_alone` names the first 1,000 that its person still sees, once it is over."""

    id = serializers.CharField()
    total = serializers.IntegerField()
    place = serializers.IntegerField()
    done = serializers.IntegerField()
    skipped = serializers.IntegerField()
    failed = serializers.IntegerField()
    undoes = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    left_alone = LeftSerializer(many=True)


class BulkChangeList(RateLimited):
    """Changing many tickets."""

    required_scopes = {"POST": ApiToken.Scope.WRITE}
    required_permission = {"POST": Permission.TICKET_UPDATE}

    @extend_schema(
        operation_id="bulk_changes_create",
        request=NewBulkChangeSerializer,
        parameters=[KEY],
        responses={201: BulkChangeSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        """Begin one; its tickets are those that fit now."""
        given = NewBulkChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        data, person = given.validated_data, staff_of(request)
        keys = _keys(data, person)
        wanted = [Action(one["kind"], one["value"], one["value_zh"]) for one in data["actions"]]

        def act() -> tuple[int, Any]:
            change = bulk.begin(by=person, tickets=keys, wanted=wanted, source=data.get("query", ""))
            return 201, _shown(BulkChange.objects.get(pk=change.pk), person)

        return create(request, act)


class BulkChangeDetail(RateLimited):
    """One bulk change of the caller."""

    required_scopes = {"GET": ApiToken.Scope.READ}
    required_permission = {"GET": Permission.TICKET_VIEW}

    @extend_schema(operation_id="bulk_changes_retrieve", responses={200: BulkChangeSerializer, **PROBLEMS})
    def get(self, request: Request, change_id: str) -> Response:
        """Return how far it is."""
        person = staff_of(request)
        change = shown.find(person, change_id)
        if change is None:
            raise Http404
        return Response(_shown(change, person))


def _keys(data: dict[str, Any], person: Staff) -> list[int]:
    if "tickets" in data:
        tickets = Ticket.objects.visible_to(person).filter(public_id__in=data["tickets"])
    else:
        try:
            tickets = saved_views.fitting(data["query"], person)
        except QueryError as error:
            raise ValidationError({"query": [error.sentence]}) from error
    return list(tickets.order_by("pk").values_list("pk", flat=True)[: MOST + 1])


def _shown(change: BulkChange, person: Staff) -> dict[str, Any]:
    left = change.items.exclude(outcome=BulkItem.Outcome.DONE).filter(ticket__in=Ticket.objects.visible_to(person))
    named = left.order_by("ticket").values_list("ticket__public_id", "reason")[:MOST_SHOWN] if change.is_over else ()
    return {
        "id": change.public_id,
        **{name: getattr(change, name) for name in ("total", "place", "done", "skipped", "failed")},
        "undoes": change.undoes.public_id if change.undoes else None,
        "created_at": change.created_at,
        "finished_at": change.finished_at,
        "left_alone": [{"ticket": ticket, "reason": reason} for ticket, reason in named],
    }
