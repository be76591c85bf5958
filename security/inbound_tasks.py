"""Tasks of proving and permitting: whether the rule stands, what the exchange tells and has not answered, what ends."""

from celery import shared_task

from security.services import (
    action_notices,
    customer_factors,
    exchange_events,
    factor_ends,
    freezing,
    fund_actions,
    fund_rule_proofs,
    review_documents,
)


@shared_task(name="security.compare_fund_rule", time_limit=30, soft_time_limit=20)
def compare_fund_rule() -> None:
    """Compare the catalog with what was reviewed, every minute."""
    fund_rule_proofs.compare()


@shared_task(name="security.prove_fund_rule", time_limit=60, soft_time_limit=45)
def prove_fund_rule() -> None:
    """Compare it and try every way round, every day."""
    fund_rule_proofs.prove()


@shared_task(name="security.sweep_freezes", time_limit=30, soft_time_limit=20)
def sweep_freezes() -> None:
    """Ring again for freezes that the exchange has not answered."""
    freezing.ring_overdue()


@shared_task(name="security.sweep_fund_orders", time_limit=30, soft_time_limit=20)
def sweep_fund_orders() -> None:
    """Ring again for permitted actions that the exchange has not answered."""
    fund_actions.ring_overdue()


@shared_task(name="security.handle_exchange_event", time_limit=30, soft_time_limit=20)
def handle_exchange_event(pk: int) -> None:
    """Turn one event of the exchange into a signal."""
    exchange_events.handle(pk=pk)


@shared_task(name="security.sweep_exchange_events", time_limit=30, soft_time_limit=20)
def sweep_exchange_events() -> None:
    """Ring again for events that nobody has handled."""
    exchange_events.ring_overdue()


@shared_task(name="security.keep_factors", time_limit=60, soft_time_limit=50)
def keep_factors() -> None:
    """Ask the verifier again to keep passkeys that the exchange has accepted, and to end what it has let go."""
    customer_factors.keep_waiting()
    factor_ends.end_waiting()


@shared_task(name="security.tell_of_actions", time_limit=60, soft_time_limit=50)
def tell_of_actions() -> None:
    """Tell customers what became of fund-related actions, and when it is their turn."""
    action_notices.sweep()


@shared_task(name="security.tidy_reviews", time_limit=600, soft_time_limit=540)
def tidy_reviews() -> None:
    """Destroy the documents of reviews that ended 30 days ago."""
    review_documents.tidy()
