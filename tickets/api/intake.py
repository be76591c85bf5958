"""Raw mail over HTTP: kept first, acknowledged, then parsed by the worker."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import Permission
from core.problems import problem
from security.models import ApiToken
from tickets.api.serializers import IntakeAcceptedSerializer, IntakeStateSerializer
from tickets.api.views import PROBLEMS
from tickets.models import InboundMail, Mailbox
from tickets.services import raw_mail


class RawMailParser(BaseParser):
    """Takes the body as it is."""

    media_type = "message/rfc822"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 -- the stubs know only parsers of forms
        """Read at most one byte more than is allowed."""
        return bytes(stream.read(settings.MAX_MAIL_BYTES + 1))


class MailIntake(APIView):
    """One mailbox's HTTP door. Nothing that comes by it can prove its sender."""

    parser_classes = [RawMailParser]
    required_scopes = {"POST": ApiToken.Scope.INTAKE}
    required_permission = {"POST": Permission.TICKET_VIEW}

    @extend_schema(
        operation_id="intake_email",
        request={"message/rfc822": OpenApiTypes.BINARY},
        responses={202: IntakeAcceptedSerializer, 200: IntakeAcceptedSerializer, **PROBLEMS},
    )
    def post(self, request: Request, mailbox: str) -> Response:
        """Keep a raw message: 202 when new, 200 with the same id when it is known."""
        box = Mailbox.objects.filter(slug=mailbox, is_active=True).first() or (
            Mailbox.objects.filter(address=mailbox.lower(), is_active=True).first()
        )
        if box is None:
            raise Http404
        raw: object = request.data
        if not isinstance(raw, bytes) or not raw.strip():
            return problem(400, "empty_mail", "Send the raw message as the body, Content-Type message/rfc822.")
        if len(raw) > settings.MAX_MAIL_BYTES:
            limit = settings.MAX_MAIL_BYTES // 1024 // 1024
            return problem(413, "mail_too_large", f"A mail is at most {limit} MB.")
        row, is_new = raw_mail.store(
            mailbox=box, raw=raw, source="http", envelope_from="", envelope_to=box.address, peer_is_trusted=False
        )
        return Response({"id": row.public_id, "state": row.state}, status=202 if is_new else 200)


class MailIntakeState(APIView):
    """What became of a raw message."""

    required_scopes = {"GET": ApiToken.Scope.INTAKE}
    required_permission = {"GET": Permission.TICKET_VIEW}

    @extend_schema(operation_id="intake_email_state", responses={200: IntakeStateSerializer, **PROBLEMS})
    def get(self, request: Request, public_id: str) -> Response:
        """Return state, reason, and the ticket it became part of."""
        row = (
            InboundMail.objects.filter(public_id=public_id, source=InboundMail.Source.HTTP)
            .select_related("ticket", "message")
            .defer("raw")
            .first()
        )
        if row is None:
            raise Http404
        return Response(
            {
                "state": row.state,
                "reason": row.reason,
                "ticket": row.ticket.public_id if row.ticket else None,
                "message_seq": row.message.seq if row.message else None,
            }
        )
