"""What the provider is to do for us: a row in the transaction of whoever wants it, done by a hand after the commit."""

from typing import Final

from core import audit, doorbell
from tickets.models import PhoneCall, PhoneLine, PhoneOrder

DELIVER: Final = "tickets.deliver_phone_order"


def place(*, line: PhoneLine, number: str, url: str, status_url: str = "", call: PhoneCall | None = None) -> PhoneOrder:
    """Have a number called; what it is led by is `url`."""
    return _owe(PhoneOrder(line=line, call=call, kind="place", number=number, url=url, status_url=status_url))


def redirect(*, call: PhoneCall, sid: str, url: str) -> PhoneOrder:
    """Have a part of a call led elsewhere."""
    return _owe(PhoneOrder(line=call.line, call=call, kind="redirect", sid=sid, url=url))


def _owe(order: PhoneOrder) -> PhoneOrder:
    order.save(force_insert=True)
    audit.record("phone.ordered", actor=audit.SYSTEM, obj=("phone_order", order.public_id))
    doorbell.ring(DELIVER, order.pk)
    return order
