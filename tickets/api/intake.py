"""Raw mail over HTTP: kept first, acknowledged, then parsed by the worker."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from django.conf import settings
from django.db.models import Q
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Permission
from core.json_bodies import BodyTooLarge
from core.problems import problem
from security.api.views import RateLimited
from security.models import ApiToken
from tickets.api.serializers import IntakeAcceptedSerializer, IntakeStateSerializer
from tickets.api.views import PROBLEMS, staff_of
from tickets.models import InboundMail, Mailbox
from tickets.selectors import cases
from tickets.services import raw_mail

# Taking in a mail needs a few times its size for a moment: large ones one after the other in each process.
LARGE_BYTES = 2 * 1024 * 1024
LARGE_PATIENCE_S = 8.0
one_large = threading.BoundedSemaphore(1)
# One more may wait for it; waiting takes a thread, and those are there for everybody.
may_wait = threading.BoundedSemaphore(1)
PIECE_BYTES = 256 * 1024


class RawMailParser(BaseParser):
    """Takes the body as it is."""

    media_type = "message/rfc822"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:  # noqa: ANN401 -- the stubs know only parsers of forms
        """Return the bytes; raises BodyTooLarge, without reading what is announced as too large."""
        announced = str((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        is_too_large = int(announced) > settings.MAX_MAIL_BYTES
        raw = bytearray()
        # In pieces: read at once it would stand in memory three times.
        while not is_too_large and (piece := stream.read(PIECE_BYTES)):
            raw += piece
            is_too_large = len(raw) > settings.MAX_MAIL_BYTES
        if is_too_large:
            raise BodyTooLarge(f"A mail is at most {settings.MAX_MAIL_BYTES // 1024 // 1024} MB.")
        return raw


class MailIntake(RateLimited):
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
        box = _mailbox(mailbox)
        with _turn(request) as is_ours:
            if not is_ours:
                message = "Other large mail is being taken in. Nothing was lost. Try again."
                return problem(503, "busy", message, headers={"Retry-After": "5"})
            return _keep(request, box)


@contextmanager
def _turn(request: Request) -> Iterator[bool]:
    """Wait for this request's turn with a large mail, and yield whether it has come; small mail never waits."""
    announced = request.META.get("CONTENT_LENGTH")
    if announced and int(announced) <= LARGE_BYTES:
        yield True
        return
    is_ours = one_large.acquire(blocking=False)
    if not is_ours and may_wait.acquire(blocking=False):
        try:
            is_ours = one_large.acquire(timeout=LARGE_PATIENCE_S)
        finally:
            may_wait.release()
    try:
        yield is_ours
    finally:
        if is_ours:
            one_large.release()


def _keep(request: Request, box: Mailbox) -> Response:
    raw: object = request.data
    if not isinstance(raw, bytearray) or not raw or raw.isspace():
        return problem(400, "empty_mail", "Send the raw message as the body, Content-Type message/rfc822.")
    try:
        row, is_new = raw_mail.store(
            mailbox=box,
            raw=raw,
            source="http",
            envelope_from="",
            envelope_to=box.address,
            peer_is_trusted=False,
            actor=staff_of(request).actor,
        )
    finally:
        # A request is a cycle of references, and lies about until the collector comes by, the mail with it.
        raw.clear()
    return Response({"id": row.public_id, "state": row.state}, status=202 if is_new else 200)


def _mailbox(name: str) -> Mailbox:
    """Return the active mailbox of this slug or address; raises Http404."""
    # A NUL can be in a URL and never in a column.
    named = Mailbox.objects.filter(Q(slug=name) | Q(address=name.lower()), is_active=True)
    box = named.order_by("pk").first() if "\x00" not in name else None
    if box is None:
        raise Http404
    return box


class MailIntakeState(RateLimited):
    """What became of a raw message."""

    required_scopes = {"GET": ApiToken.Scope.INTAKE}
    required_permission = {"GET": Permission.TICKET_VIEW}

    @extend_schema(operation_id="intake_email_state", responses={200: IntakeStateSerializer, **PROBLEMS})
    def get(self, request: Request, public_id: str) -> Response:
        """Return state, reason, and the ticket it became part of, if the caller may see that."""
        row = (
            # Whatever its door: a mail handed in here may have come by another one first, under the same id.
            InboundMail.objects.filter(public_id=public_id).select_related("ticket", "message").defer("raw").first()
        )
        if row is None:
            raise Http404
        ticket = row.ticket and cases.visible(staff_of(request), row.ticket.public_id)
        return Response(
            {
                "state": row.state,
                "reason": row.reason,
                "ticket": ticket.public_id if ticket else None,
                "message_seq": row.message.seq if ticket and row.message else None,
            }
        )
