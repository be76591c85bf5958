"""Mail that the system itself owes somebody: a row now, delivered by the tickets floor after commit."""

from django.db import transaction

from core import doorbell
from core.models import Notice

DELIVERY_TASK = "tickets.deliver_notice"


def send(*, kind: str, to: str, subject: str, body: str, language: str) -> Notice:
    """Queue one plain-text mail inside the caller's transaction; the body is encrypted and wiped once sent."""
    notice = Notice.objects.create(kind=kind, to_address=to, subject=subject, body=body, language=language)
    doorbell.ring(DELIVERY_TASK, notice.pk)
    return notice


def pretend(*, kind: str, to: str, subject: str, body: str, language: str) -> None:
    """Do the work of `send` and leave nothing: an answer's time must not tell whether an account exists (E4)."""
    with transaction.atomic():
        Notice.objects.create(kind=kind, to_address=to, subject=subject, body=body, language=language)
        transaction.set_rollback(True)
    doorbell.ring(DELIVERY_TASK, 0)
