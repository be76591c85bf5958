"""Telling the exchange to freeze: claim the order, ask outside any transaction, settle. Never given up."""

from urllib.parse import quote

import structlog

from core.clock import DatabaseNow
from security.exchange import client
from security.exchange.client import Answer, ExchangeAway
from security.models import FreezeOrder

log = structlog.get_logger(__name__)
LEASE_S = 15
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


def deliver(pk: int) -> None:
    """Ask the exchange to freeze, if the order is due and nobody else is at it."""
    token = FreezeOrder.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    order = FreezeOrder.objects.get(pk=pk)
    try:
        answer = _ask(order)
    except ExchangeAway as away:
        state, error = str(FreezeOrder.State.WAITING), str(away)
    else:
        state, error = _state(answer), "" if answer.is_good else f"it answered {answer.status}"
    is_over = state != FreezeOrder.State.WAITING
    if not is_over:
        log.warning("freeze_not_delivered", order=order.public_id, reason=error)
    FreezeOrder.settle(
        pk,
        token,
        state=state,
        error=error,
        retry_in_s=0 if is_over else pause_s(order.attempts),
        **({"answered_at": DatabaseNow()} if is_over else {}),
    )


def pause_s(attempts: int) -> float:
    """Seconds until the try after this many: 1 s doubling to 30 s, for as long as it takes."""
    return float(min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(max(attempts, 1) - 1, 6)))


def _ask(order: FreezeOrder) -> Answer:
    path = f"/accounts/{quote(order.account_id, safe='')}/freeze"
    return client.post(path, {"reason": "customer", "source": f"pharos {order.source}"})


def _state(answer: Answer) -> str:
    """Only what cannot change by asking again ends it unfrozen: an account that is not there."""
    if answer.is_good:
        return FreezeOrder.State.DONE
    return FreezeOrder.State.FAILED if answer.status == 404 else FreezeOrder.State.WAITING
