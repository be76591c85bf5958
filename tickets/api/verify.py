"""The lookup of official channels for programs without an account, such as the widget."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from security import official
from security.models.official import ChannelKind
from tickets.api.serializers import ProblemSerializer
from tickets.views.verify import is_over


class ChannelQuestionSerializer(serializers.Serializer[Any]):
    """What is asked."""

    value = serializers.CharField(max_length=320)
    kind = serializers.ChoiceField(choices=ChannelKind.choices, required=False, default="")


class ChannelAnswerSerializer(serializers.Serializer[Any]):
    """The answer; `ours` is the channel of ours that it is, or only looks like."""

    verdict = serializers.ChoiceField(choices=[(one.value, one.value) for one in official.Verdict])
    kind = serializers.CharField()
    shown = serializers.CharField()
    ours = serializers.CharField()
    ours_kind = serializers.CharField()


class OfficialChannelLookup(APIView):
    """Anybody may ask; nobody is known here, so no cookie and no token counts."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="official_channel_lookup",
        auth=[],
        request=ChannelQuestionSerializer,
        responses={
            200: ChannelAnswerSerializer,
            400: ProblemSerializer,
            415: ProblemSerializer,
            429: ProblemSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Say whether an address, a site, a number or a name is ours."""
        given = ChannelQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if is_over(request._request, "ask"):  # noqa: SLF001 -- DRF's name for Django's request
            raise Throttled(wait=60)
        found = official.look_up(given.validated_data["value"], kind=given.validated_data["kind"])
        if found is None:
            raise serializers.ValidationError({"value": ["This names no channel."]})
        return Response(ChannelAnswerSerializer(found).data)
