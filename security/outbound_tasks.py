"""Tasks that reach out: thin shells around the hand."""

from celery import shared_task

from security.delivery import freezes, fund_orders


@shared_task(name="security.deliver_freeze", time_limit=30, soft_time_limit=20)
def deliver_freeze(pk: int) -> None:
    """Tell the exchange of one freeze."""
    freezes.deliver(pk)


@shared_task(name="security.deliver_fund_order", time_limit=40, soft_time_limit=30)
def deliver_fund_order(pk: int) -> None:
    """Ask the exchange to carry out one permitted action."""
    fund_orders.deliver(pk)
