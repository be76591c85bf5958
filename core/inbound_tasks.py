"""Tasks of the ground floor: sealing, anchoring, signs of life, tidying."""

import time
from datetime import timedelta

from celery import shared_task
from django.core.management import call_command

from core import audit, files, heartbeat
from core.clock import DatabaseNow
from core.models import IdempotencyKey

ORPHAN_AGE_S = 24 * 60 * 60.0
# Senders of webhooks come again for days; published in the API's description.
KEY_LIFE_DAYS = 7


@shared_task(name="core.seal_audit", time_limit=30, soft_time_limit=20)
def seal_audit() -> None:
    """Chain what waits and say that the sealer lives."""
    audit.seal()
    age = audit.unsealed_age_s()
    heartbeat.beat("audit sealer", detail=f"oldest unsealed {age:.1f} s", is_ok=age <= 5)


@shared_task(name="core.anchor_audit", time_limit=30, soft_time_limit=20)
def anchor_audit() -> None:
    """Write the head to the anchor file and say whether its place takes it."""
    try:
        count = audit.anchor()
    except OSError as error:
        heartbeat.beat("audit anchor", detail=error.strerror or type(error).__name__, is_ok=False)
    else:
        heartbeat.beat("audit anchor", detail=f"link {count}")


@shared_task(name="core.heartbeat_beat", time_limit=30, soft_time_limit=20)
def heartbeat_beat() -> None:
    """A worker ran this, whoever scheduled it: beat, or the mail process in its place."""
    heartbeat.beat("worker")


@shared_task(name="core.verify_audit", time_limit=1800, soft_time_limit=1740)
def verify_audit() -> None:
    """Recompute the chain every hour and say whether it is whole; the first bad link is named."""
    faults = audit.verify()
    detail = f"link {faults[0].seq}: {faults[0].why}" if faults else "whole"
    heartbeat.beat("audit chain", detail=detail, is_ok=not faults)


@shared_task(name="core.tidy", time_limit=600, soft_time_limit=540)
def tidy() -> None:
    """Remove idempotency keys past their life, sessions that have ended, and files that no row names."""
    IdempotencyKey.objects.filter(created_at__lt=DatabaseNow() - timedelta(days=KEY_LIFE_DAYS)).delete()
    call_command("clearsessions")
    files.remove_orphans(older_than_s=ORPHAN_AGE_S, now_s=time.time())
