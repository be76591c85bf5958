"""What devices of staff are owed: one row for each, sent by a hand that is rung for until it is done."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import PushDevice, ShiftSwap, Staff
from core import doorbell
from core.clock import DatabaseNow
from tickets import effects
from tickets.models import EscalationNotice, PushMessage, StaffNotice

DELIVERY_TASK = "tickets.deliver_push"
BATCH = 100
# What became of a message is of interest for so long.
KEPT = timedelta(days=30)


def owe_notice(notice: EscalationNotice) -> int:
    """Owe each device of a notice's person what it tells; returns how many there are."""
    if notice.staff is None:
        return 0
    return _owe(notice.staff, PushMessage.Kind.ESCALATION, notice=notice)


def owe_swap(swap: ShiftSwap) -> int:
    """Owe each device of whoever was offered a swap the same."""
    return _owe(swap.to, PushMessage.Kind.SWAP, swap=swap)


def owe_ticket(notice: StaffNotice, *, at: datetime) -> int:
    """Owe each device of a notice's person what it tells of a ticket, from `at` on."""
    return _owe(notice.staff, PushMessage.Kind.TICKET, at=at, staff_notice=notice)


def try_out(*, by: Staff, public_id: str) -> bool:
    """Send one's own device a trial; False when it is not there. One that waits already is enough."""
    device = PushDevice.objects.living().filter(staff=by, public_id=public_id).first()
    if device is None:
        return False
    with transaction.atomic():
        row = PushMessage(device=device, kind=PushMessage.Kind.TRIAL)
        PushMessage.objects.bulk_create([row], ignore_conflicts=True)
        waiting = PushMessage.objects.filter(device=device, kind=PushMessage.Kind.TRIAL, state="queued")
        effects.pushes_owed(waiting.values_list("pk", flat=True))
    return True


def ring_for_due() -> None:
    """Ring for what is due and nobody is at; what the broker does not take is rung for in the next round."""
    rows = PushMessage.objects.filter(state="queued", next_attempt_at__lte=DatabaseNow())
    free = rows.exclude(lease_until__gt=DatabaseNow()).order_by("next_attempt_at")
    for pk in free.values_list("pk", flat=True)[:BATCH]:
        if not doorbell.ring_now(DELIVERY_TASK, pk, expires_s=10):
            break


def tidy() -> int:
    """Remove what is over for long; returns how many rows went."""
    old = PushMessage.objects.exclude(state="queued").filter(created_at__lt=DatabaseNow() - KEPT)
    return old.delete()[0]


def _owe(
    person: Staff, kind: str, *, at: datetime | None = None, **of: EscalationNotice | ShiftSwap | StaffNotice
) -> int:
    devices = PushDevice.objects.living().filter(staff=person)
    with transaction.atomic():
        when = {"next_attempt_at": at} if at else {}
        rows = [PushMessage(device=device, kind=kind, **when, **of) for device in devices]
        made = PushMessage.objects.bulk_create(rows, ignore_conflicts=True)
        owed = PushMessage.objects.filter(state="queued", kind=kind, device__in=devices, **of)
        effects.pushes_owed(owed.values_list("pk", flat=True))
    return len(made)
