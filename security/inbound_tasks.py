"""Tasks that come in: woken by name, each calls one service."""

from celery import shared_task

from security.services import freezing


@shared_task(name="security.sweep_freezes", time_limit=30, soft_time_limit=20)
def sweep_freezes() -> None:
    """Ring again for freezes that the exchange has not answered."""
    freezing.ring_overdue()
