"""Sending one row: claim, write, hand over outside any transaction, settle. Only lease columns are written here."""

import random
import uuid
from collections.abc import Callable
from dataclasses import replace

import structlog
from django.conf import settings
from django.db import Error, connection
from django.db.utils import InterfaceError, OperationalError

from core import heartbeat
from core.doorbell import ring
from core.models import Notice, Posted
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
# A mail whose answer was lost is sent once more; a second loss is for a person to judge.
MAX_UNANSWERED = 2
MAY_HAVE_ARRIVED = "The mail server took this mail twice without saying so: it may have arrived."
NO_SERVER = Outcome("retry", "This mailbox names no outgoing mail server.", is_channel_down=True)


def deliver_email(pk: int) -> None:
    """Send the mail of one message, if it is due and nobody else is at it."""
    token = OutboundMail.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    claim = _Claim(OutboundMail, pk, token)
    outcome = _try(claim, lambda: _send_email(claim))
    if _settle(claim, outcome):
        ring(SETTLED, pk)
    _tell_of_server(claim, outcome)


def deliver_notice(pk: int) -> None:
    """Send one system mail, if it is due and nobody else is at it; the body is wiped with the state."""
    token = Notice.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    claim = _Claim(Notice, pk, token)
    _settle(claim, _try(claim, lambda: _send_notice(claim)))


class _Claim:
    """One claimed row, as long as its lease is ours."""

    def __init__(self, model: type[Posted], pk: int, token: uuid.UUID) -> None:
        self.model = model
        self.pk = pk
        self.token = token
        self.is_handed_over = False
        # The mailbox by whose server it goes.
        self.mailbox = ""

    def still_ours(self) -> bool:
        """Renew the lease; False means that another worker has taken over."""
        return self.model.renew(self.pk, self.token, lease_s=LEASE_S)

    def hand_over(self) -> bool:
        """Renew it and count, before the last byte leaves, that the mail may arrive without an answer."""
        self.is_handed_over = self.model.hand_over(self.pk, self.token, lease_s=LEASE_S)
        return self.is_handed_over

    def counts(self) -> tuple[int, int]:
        """Return claims and unanswered sendings so far; read by themselves, for a row that may not load."""
        attempts, unanswered = self.model._base_manager.values_list("attempts", "unanswered").get(pk=self.pk)
        return int(attempts), int(unanswered)


def _tell_of_server(claim: _Claim, outcome: Outcome) -> None:
    """Keep for the alarm that a mailbox's server cannot be used, until it can; what became of the mail is settled."""
    if not claim.mailbox:
        return
    name = f"{heartbeat.RELAY}{claim.mailbox}"
    try:
        if outcome.is_channel_down:
            heartbeat.beat(name, detail=outcome.detail, is_ok=False)
        elif outcome.fate == "sent":
            heartbeat.forget(name)
    except Error as error:
        log.warning("relay_not_recorded", mailbox=claim.mailbox, reason=type(error).__name__)


def _send_email(claim: _Claim) -> Outcome:
    row = OutboundMail.objects.select_related("mailbox", "message__ticket__requester", "message__staff").get(
        pk=claim.pk
    )
    claim.mailbox = row.mailbox.slug
    return _sent(_of_mailbox(row.mailbox, row), lambda: letters.of_message(row), claim)


def _send_notice(claim: _Claim) -> Outcome:
    row = Notice.objects.get(pk=claim.pk)
    return _sent(_of_system(row), lambda: letters.of_notice(row), claim)


def _try(claim: _Claim, send: Callable[[], Outcome]) -> Outcome:
    """Send, and turn whatever goes wrong into an outcome: a claimed row must be settled, or it is rung for for ever.

    A row that has more claims than tries has ended its process each time: it is not sent again.
    """
    attempts, unanswered = claim.counts()
    if attempts > MAX_TRIES:
        return Outcome("failed", "Sending this mail has ended its process several times.")
    if unanswered >= MAX_UNANSWERED:
        return Outcome("failed", MAY_HAVE_ARRIVED)
    try:
        return send()
    except Exception as error:
        log.exception("sending_failed", kind=claim.model.__name__, row=claim.pk)
        if isinstance(error, OperationalError | InterfaceError) and not connection.in_atomic_block:
            connection.close()
        return Outcome("retry", f"Sending failed ({type(error).__name__}).")


def _sent(transport: Transport | None, letter: Callable[[], letters.Letter], claim: _Claim) -> Outcome:
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
    return transport(written.envelope, written.raw, still_ours=claim.still_ours, hand_over=claim.hand_over)


def _settle(claim: _Claim, outcome: Outcome) -> bool:
    """Write the end state, or when to try again; return whether this was an end."""
    model, pk, token = claim.model, claim.pk, claim.token
    # In the statement that ends the row: a death between the two would leave an answered mail to be sent again.
    answer = model.answered() if claim.is_handed_over and not outcome.is_unanswered else {}
    attempts, unanswered = claim.counts()
    if outcome.is_unanswered and unanswered >= MAX_UNANSWERED:
        outcome = replace(outcome, fate="failed", detail=f"{MAY_HAVE_ARRIVED} {outcome.detail}")
    if outcome.fate == "retry" and attempts < MAX_TRIES:
        model.settle(pk, token, state="queued", error=outcome.detail, retry_in_s=pause_s(attempts), **answer)
        return False
    state = "sent" if outcome.fate == "sent" else "failed"
    if not model.settle(pk, token, state=state, error=outcome.detail, **answer):
        log.warning("lease_lost", outbound=pk)
        return False
    return True


def pause_s(attempts: int) -> float:
    """Seconds until the try after this many: 1 min doubling to 4 h, ±20 % so that crowds do not return at once."""
    pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(max(attempts, 1) - 1, 12))
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 -- spreads load, protects nothing


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
