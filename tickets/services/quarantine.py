"""Mail that needs review: put aside with its raw bytes, tried again, or set aside for good."""

import structlog
from django.db import transaction

from accounts.models import Staff
from core import audit, doorbell
from core.audit import Actor
from core.clock import DatabaseNow
from security.redaction import redact
from tickets import effects
from tickets.models import InboundMail
from tickets.services import errors
from tickets.services.raw_mail import INGEST, store_refused

log = structlog.get_logger(__name__)

RELEASED = InboundMail.RELEASED
# Larger than we take: only its header is here.
LEFT_ON_SERVER = "left_on_server"
PREVIEW_CHARS = 4_000


def put(*, inbound: InboundMail, reason: str, explanation: str, preview: str) -> None:
    """Put the mail aside, inside the caller's transaction, with a redacted preview; its raw bytes stay sealed.

    Nothing happens when it has ended already, or when it was claimed and its lease went to somebody else.
    """
    waiting = InboundMail.objects.filter(pk=inbound.pk, state=InboundMail.State.STORED)
    if inbound.lease_token is not None:
        waiting = waiting.filter(lease_token=inbound.lease_token)
    is_put_aside = waiting.update(
        state=InboundMail.State.QUARANTINED,
        reason=reason[:60],
        explanation=explanation[:500],
        preview=redact(preview).text[:PREVIEW_CHARS],
        handled_at=DatabaseNow(),
        lease_token=None,
        lease_until=None,
    )
    if not is_put_aside:
        log.warning("lease_lost", inbound=inbound.public_id)
        return
    _record("mail.quarantined", inbound.public_id, audit.SYSTEM, reason)
    effects.review_changed()


def put_refused(*, inbound_header: bytes, mailbox_pk: int, preview: str, explanation: str) -> None:
    """Record a mail that was too large to fetch and was left on its server."""
    with transaction.atomic():
        public_id = store_refused(
            mailbox_pk=mailbox_pk,
            header=inbound_header,
            source=InboundMail.Source.IMAP,
            reason=LEFT_ON_SERVER,
            explanation=explanation,
            preview=redact(preview).text[:PREVIEW_CHARS],
        )
        if public_id:
            _record("mail.left_on_server", public_id, audit.SYSTEM, LEFT_ON_SERVER)
            effects.review_changed()


def retry(*, inbound: InboundMail, by: Staff) -> None:
    """Read the mail again; what was held back for suspicion is let through. Raises Refused when its bytes are gone."""
    with transaction.atomic():
        locked = _locked(inbound)
        InboundMail.objects.filter(pk=locked.pk).update(
            state=InboundMail.State.STORED,
            reason=RELEASED,
            explanation="",
            attempts=0,
            last_error="",
            handled_at=None,
            next_attempt_at=DatabaseNow(),
        )
        _record("mail.released", locked.public_id, by.actor, locked.reason)
        effects.review_changed()
        doorbell.ring(INGEST, locked.pk)


def ignore(*, inbound: InboundMail, by: Staff) -> None:
    """Set the mail aside for good. Raises Refused when it is not waiting for review."""
    with transaction.atomic():
        locked = _locked(inbound, needs_raw=False)
        InboundMail.objects.filter(pk=locked.pk).update(state=InboundMail.State.IGNORED, handled_at=DatabaseNow())
        _record("mail.ignored", locked.public_id, by.actor, locked.reason)
        effects.review_changed()


def _locked(inbound: InboundMail, *, needs_raw: bool = True) -> InboundMail:
    row = InboundMail.objects.select_for_update(no_key=True).defer("raw").get(pk=inbound.pk)
    if row.state != InboundMail.State.QUARANTINED:
        raise errors.Refused
    is_whole = row.reason != LEFT_ON_SERVER and InboundMail.objects.filter(pk=row.pk).exclude(raw=b"").exists()
    if needs_raw and not is_whole:
        raise errors.Refused
    return row


def _record(action: str, public_id: str, actor: Actor, reason: str) -> None:
    audit.record(action, actor=actor, obj=("inbound_mail", public_id), detail={"reason": reason})
