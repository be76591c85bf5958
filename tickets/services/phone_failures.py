"""What follows when the provider did not do what was asked: its call has ended, and the ticket says so."""

from django.db import transaction

from core import audit
from tickets.models import PhoneCall, PhoneLeg, PhoneOrder
from tickets.services import phone_joining, phone_queue, phone_tickets


def record(*, order_pk: int) -> None:
    """Write the consequences of a failed order, once."""
    with transaction.atomic(), audit.together():
        order = PhoneOrder.objects.filter(pk=order_pk, state=PhoneOrder.State.FAILED, is_reported=False).first()
        if order is None:
            return
        call = _call(order)
        if not PhoneOrder.objects.filter(pk=order.pk, is_reported=False).update(is_reported=True):
            return
        audit.record("phone.order_failed", actor=audit.SYSTEM, obj=("phone_order", order.public_id))
        if call is None:
            return
        phone_tickets.tell(call, "phone_not_placed")
        if call.direction == PhoneCall.Direction.OUT:
            phone_joining.end(call)
        elif order.kind == PhoneOrder.Kind.PLACE:
            for leg in call.legs.filter(state="ringing", role=PhoneLeg.Role.LEAD).select_related("staff", "call"):
                phone_queue.end_leg(leg)


def _call(order: PhoneOrder) -> PhoneCall | None:
    if order.call_id is None:
        return None
    rows = PhoneCall.objects.select_for_update(of=("self",), no_key=True).select_related("line", "ticket")
    return rows.filter(pk=order.call_id).first()
