"""What no bell was heard for: requests that were never finished, recordings, and calls that ended without a word."""

from datetime import timedelta

from django.db import transaction

from core import audit, doorbell
from core.clock import from_now
from core.models.leased import LeasedQuerySet
from tickets.models import PhoneCall, PhoneCallback, PhoneEvent, PhoneOrder, PhoneRecording
from tickets.selectors import phone as waits
from tickets.services import phone_callbacks, phone_joining, phone_recordings

BATCH = 50
LATE = timedelta(seconds=4)
EXPIRES_S = 10.0


def sweep() -> int:
    """Ring for what waits, and end calls of which nothing was heard any more; returns how many."""
    events = PhoneEvent.objects.filter(state=PhoneEvent.State.STORED, received_at__lt=from_now(-LATE))
    phone_recordings.expire()
    recordings = LeasedQuerySet(PhoneRecording).due().filter(next_attempt_at__lt=from_now(-LATE))
    _ring("tickets.phone_event", list(events.order_by("received_at").values_list("pk", flat=True)[:BATCH]))
    _ring("tickets.phone_recording", list(recordings.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH]))
    orders = LeasedQuerySet(PhoneOrder).due().filter(next_attempt_at__lt=from_now(-LATE)).order_by("next_attempt_at")
    _ring("tickets.deliver_phone_order", list(orders.values_list("pk", flat=True)[:BATCH]))
    callbacks = LeasedQuerySet(PhoneCallback).due().order_by("next_attempt_at")
    _ring(phone_callbacks.PLACE, list(callbacks.values_list("pk", flat=True)[:BATCH]))
    failed = PhoneOrder.objects.filter(state=PhoneOrder.State.FAILED, is_reported=False).order_by("pk")
    _ring("tickets.phone_order_failed", list(failed.values_list("pk", flat=True)[:BATCH]))
    gone = list(waits.silent().values_list("pk", flat=True)[:BATCH])
    return sum(_end(pk) for pk in gone)


def _end(pk: int) -> bool:
    with transaction.atomic(), audit.together():
        rows = waits.silent().filter(pk=pk).select_related("line__team", "reason__topic", "ticket", "customer")
        call: PhoneCall | None = rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        if call is None:
            return False
        phone_joining.end(call)
    return True


def _ring(task: str, pks: list[int]) -> None:
    for pk in pks:
        if not doorbell.ring_now(task, pk, expires_s=EXPIRES_S):
            return
