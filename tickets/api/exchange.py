"""The door for the exchange's events: nobody signs in here, the exchange's signature over the bytes is the proof."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import rate_limits
from core.json_bodies import BodyTooLarge
from core.problems import problem
from security.models import SignalKind
from security.services import exchange_events
from tickets.api.serializers import ProblemSerializer

# What each refusal says; the code is stable.
SIGNATURE = "The token does not prove that the exchange has signed these bytes: {}."
MALFORMED = "This is signed, and no event: {}. It is kept for review; sending it again changes nothing."
CONFLICT = "An event of this id said something else before. The first one counts."
KEYS = "The exchange's keys cannot be looked at now. Nothing was kept. Send it again."
RETRY_S = 5


class EventSerializer(serializers.Serializer[Any]):
    """An event as docs/exchange-gateway.md says; for the description alone, since the bytes are what is signed."""

    id = serializers.CharField(max_length=exchange_events.LONGEST_EVENT_ID)
    type = serializers.ChoiceField(choices=[(kind, kind) for kind in SignalKind.values])
    account_id = serializers.CharField(max_length=exchange_events.LONGEST_ACCOUNT_ID)
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]  # a member of the document, not the property


class EventKeptSerializer(serializers.Serializer[Any]):
    """Our own name of the event."""

    id = serializers.CharField()


class SignedBytesParser(BaseParser):
    """Takes the body as it is: the signature is over bytes, not over what they mean."""

    media_type = "*/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 -- the stubs know only parsers of forms
        """Return the bytes; raises BodyTooLarge."""
        raw = stream.read(settings.MAX_EVENT_BYTES + 1)
        if len(raw) > settings.MAX_EVENT_BYTES:
            raise BodyTooLarge
        return bytes(raw)


class ExchangeEvents(APIView):
    """Where the exchange tells what happened to an account. No cookie and no token of ours counts."""

    authentication_classes = []
    permission_classes = [AllowAny]
    parser_classes = [SignedBytesParser]

    @extend_schema(
        operation_id="exchange_event",
        auth=[],
        request={"application/json": EventSerializer},
        responses={
            202: EventKeptSerializer,
            200: EventKeptSerializer,
            **dict.fromkeys((400, 401, 409, 413, 429, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        """Keep a signed event: 202 when it is new, 200 with the same id when it is known."""
        who = str(request.META.get("REMOTE_ADDR", ""))
        spent = rate_limits.spend(scope="exchange-events", who=who, limit=settings.EXCHANGE_EVENTS_PER_MIN)
        if spent is not None and spent.is_over:
            raise Throttled(wait=spent.reset_s)
        raw: object = request.data
        body = raw if isinstance(raw, bytes) else b""
        try:
            kept = exchange_events.receive(authorization=request.headers.get("Authorization", ""), raw=body)
        except exchange_events.BadToken as bad:
            challenge = {"WWW-Authenticate": 'Bearer realm="exchange"'}
            return problem(401, "signature", SIGNATURE.format(bad), headers=challenge)
        except (exchange_events.KeysResting, exchange_events.ExchangeAway):
            return problem(503, "keys_unavailable", KEYS, headers={"Retry-After": str(RETRY_S)})
        except exchange_events.ConflictError:
            return problem(409, "conflict", CONFLICT)
        except exchange_events.MalformedError as malformed:
            return problem(400, "malformed", MALFORMED.format(malformed))
        return Response({"id": kept.public_id}, status=202 if kept.is_new else 200)
