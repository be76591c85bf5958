"""Having the phone provider do one thing: claim, ask, settle the own row. Nothing is placed twice."""

from typing import Final

import structlog

from core.doorbell import ring
from tickets.channels.phone import client
from tickets.channels.social.calling import NotHandedOver
from tickets.channels.social.shapes import HandOver, VendorAway, VendorRefused
from tickets.models import PhoneOrder

log = structlog.get_logger(__name__)

LEASE_S: Final = 30
# A call that comes later than that is one that nobody expects any more.
MAX_TRIES, RETRY_S = 6, 3
FAILED: Final = "tickets.phone_order_failed"
MAY_HAVE_BEEN: Final = "It may have been done: nobody has said so."
State = PhoneOrder.State


def deliver_order(pk: int) -> None:
    """Have one row's wish done, if it is due and nobody else is at it."""
    order = PhoneOrder.claim_row(pk, lease_s=LEASE_S)
    if order is None or order.lease_token is None:
        return
    token = order.lease_token
    if order.is_handed_over:
        _settle(order, State.FAILED, MAY_HAVE_BEEN)
        return
    try:
        _do(order, lambda: PhoneOrder.hand_over(pk, token))
    except NotHandedOver as error:
        if error.is_lost:
            return
        if order.attempts < MAX_TRIES:
            PhoneOrder.settle(pk, token, state=State.QUEUED, error=str(error), retry_in_s=RETRY_S * order.attempts)
        else:
            _settle(order, State.FAILED, str(error))
    except (VendorAway, VendorRefused) as error:
        _settle(order, State.FAILED, str(error))
    except Exception as error:
        log.exception("phone_order_failed", order=order.public_id)
        _settle(order, State.FAILED, type(error).__name__)
    else:
        _settle(order, State.SENT)


def _do(order: PhoneOrder, hand_over: HandOver) -> None:
    if order.kind == PhoneOrder.Kind.PLACE:
        client.place(order.line, order.number, url=order.url, status_url=order.status_url, hand_over=hand_over)
    else:
        client.redirect(order.line, order.sid, url=order.url, hand_over=hand_over)


def _settle(order: PhoneOrder, state: str, error: str = "") -> None:
    if order.lease_token is None or not PhoneOrder.settle(order.pk, order.lease_token, state=state, error=error):
        return
    if state == State.FAILED:
        ring(FAILED, order.pk)
