"""Social events that need review: put aside with their sealed bytes, read again, or set aside for good."""

import structlog
from django.db import transaction

from accounts.models import Staff
from core import audit, doorbell
from core.audit import Actor
from core.clock import DatabaseNow
from tickets.models import SocialEvent
from tickets.services import errors
from tickets.services.social_raw import INGEST

log = structlog.get_logger(__name__)
State = SocialEvent.State


def put(*, event: SocialEvent, reason: str, explanation: str) -> None:
    """Put the event aside, inside the caller's transaction; nothing happens when its lease went to somebody else."""
    held = SocialEvent.objects.filter(pk=event.pk, state=State.STORED, lease_token=event.lease_token)
    is_put_aside = held.update(
        state=State.QUARANTINED,
        reason=reason[:60],
        explanation=explanation[:500],
        handled_at=DatabaseNow(),
        lease_token=None,
        lease_until=None,
    )
    if not is_put_aside:
        log.warning("lease_lost", social_event=event.public_id)
        return
    _record("social.quarantined", event, audit.SYSTEM, reason)


def retry(*, event: SocialEvent, by: Staff) -> None:
    """Read the event again. Raises Refused when it is not under review, or its bytes are gone."""
    with transaction.atomic():
        moved = (
            SocialEvent.objects.filter(pk=event.pk, state=State.QUARANTINED)
            .exclude(raw=b"")
            .update(
                state=State.STORED,
                reason="released",
                explanation="",
                attempts=0,
                last_error="",
                handled_at=None,
                next_attempt_at=DatabaseNow(),
            )
        )
        if not moved:
            raise errors.Refused
        _record("social.released", event, by.actor, event.reason)
        doorbell.ring(INGEST, event.pk)


def ignore(*, event: SocialEvent, by: Staff) -> None:
    """Set the event aside for good. Raises Refused when it is not under review."""
    with transaction.atomic():
        waiting = SocialEvent.objects.filter(pk=event.pk, state=State.QUARANTINED)
        if not waiting.update(state=State.IGNORED, handled_at=DatabaseNow()):
            raise errors.Refused
        _record("social.ignored", event, by.actor, event.reason)


def _record(action: str, event: SocialEvent, actor: Actor, reason: str) -> None:
    audit.record(action, actor=actor, obj=("social_event", event.public_id), detail={"reason": reason})
