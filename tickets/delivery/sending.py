"""Sending one row: claim, write, hand over outside any transaction, settle. Only lease columns are written here."""

import random
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import connection
from django.db.utils import InterfaceError, OperationalError

from core.doorbell import ring
from core.models import Leased, Notice
from tickets.channels.email.postbox import Postbox
from tickets.channels.email.smtp import Smtp
from tickets.channels.email.transport import Outcome, Transport
from tickets.delivery import letters
from tickets.models import Mailbox, OutboundMail

log = structlog.get_logger(__name__)

LEASE_S = 50
SETTLED = "tickets.mail_settled"
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 4 * 60 * 60.0
# One minute, doubling to four hours: the 19th try comes 48 hours after the first.
MAX_TRIES = 19
NO_SERVER = Outcome("retry", "This mailbox names no outgoing mail server.")


def deliver_email(pk: int) -> None:
    """Send the mail of one message, if it is due and nobody else is at it."""
    token = OutboundMail.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    if _settle(OutboundMail, pk, token, _try(OutboundMail, pk, lambda: _send_email(pk, token))):
        ring(SETTLED, pk)


def deliver_notice(pk: int) -> None:
    """Send one system mail, if it is due and nobody else is at it; the body is wiped with the state."""
    token = Notice.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    _settle(Notice, pk, token, _try(Notice, pk, lambda: _send_notice(pk, token)))


def _send_email(pk: int, token: uuid.UUID) -> Outcome:
    row = OutboundMail.objects.select_related("mailbox", "message__ticket", "message__staff").get(pk=pk)
    still_ours = _still_ours(OutboundMail, pk, token)
    return _sent(_of_mailbox(row.mailbox, row), lambda: letters.of_message(row), still_ours)


def _send_notice(pk: int, token: uuid.UUID) -> Outcome:
    row = Notice.objects.get(pk=pk)
    return _sent(_of_system(row), lambda: letters.of_notice(row), _still_ours(Notice, pk, token))


def _try(model: type[Leased], pk: int, send: Callable[[], Outcome]) -> Outcome:
    """Send, and turn whatever goes wrong into an outcome: a claimed row must be settled, or it is rung for for ever.

    A row that has more claims than tries has ended its process each time: it is not sent again.
    """
    if _attempts(model, pk) > MAX_TRIES:
        return Outcome("failed", "Sending this mail has ended its process several times.")
    try:
        return send()
    except Exception as error:
        log.exception("sending_failed", kind=model.__name__, row=pk)
        if isinstance(error, OperationalError | InterfaceError) and not connection.in_atomic_block:
            connection.close()
        return Outcome("retry", f"Sending failed ({type(error).__name__}).")


def _sent(transport: Transport | None, letter: Callable[[], letters.Letter], still_ours: Callable[[], bool]) -> Outcome:
    if transport is None:
        return NO_SERVER
    try:
        written = letter()
    except letters.NotToBeSent as refused:
        return Outcome("failed", str(refused))
    except ValueError as error:
        return Outcome("failed", f"The mail cannot be written: {error}")
    except OSError as error:
        return Outcome("retry", f"An attachment cannot be read ({type(error).__name__}).")
    return transport(written.envelope, written.raw, still_ours=still_ours)


def _settle(model: type[Leased], pk: int, token: uuid.UUID, outcome: Outcome) -> bool:
    """Write the end state, or when to try again; return whether this was an end."""
    attempts = _attempts(model, pk)
    if outcome.fate == "retry" and attempts < MAX_TRIES:
        model.settle(pk, token, state="queued", error=outcome.detail, retry_in_s=pause_s(attempts))
        return False
    state = "sent" if outcome.fate == "sent" else "failed"
    if not model.settle(pk, token, state=state, error=outcome.detail):
        log.warning("lease_lost", outbound=pk)
        return False
    return True


def _attempts(model: type[Leased], pk: int) -> int:
    """How often the row has been claimed; read by itself, for a row that may not load."""
    return int(model._base_manager.values_list("attempts", flat=True).get(pk=pk))


def pause_s(attempts: int) -> float:
    """Seconds until the try after this many: 1 min doubling to 4 h, ±20 % so that crowds do not return at once."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(max(attempts, 1) - 1, 12))
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load, protects nothing


def _still_ours(model: type[Leased], pk: int, token: uuid.UUID) -> Callable[[], bool]:
    return lambda: model.renew(pk, token, lease_s=LEASE_S)


def _of_mailbox(mailbox: Mailbox, row: OutboundMail) -> Transport | None:
    if settings.POSTBOX_TRANSPORT and not mailbox.smtp_host:
        return Postbox(created_at=row.message.created_at, public_id=row.message.public_id)
    return Smtp(mailbox) if mailbox.smtp_host else None


def _of_system(row: Notice) -> Transport | None:
    """System mail leaves by the first mailbox that has an outgoing server."""
    mailbox = Mailbox.objects.filter(is_active=True).exclude(smtp_host="").order_by("pk").first()
    if mailbox is not None:
        return Smtp(mailbox)
    return Postbox(created_at=row.created_at, public_id=row.public_id) if settings.POSTBOX_TRANSPORT else None
