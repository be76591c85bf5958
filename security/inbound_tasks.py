"""Tasks of proving and permitting: whether the rule still stands, what the exchange has not answered, what ends."""

from celery import shared_task

from security.services import freezing, fund_actions, fund_rule_proofs, review_documents


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


@shared_task(name="security.tidy_reviews", time_limit=600, soft_time_limit=540)
def tidy_reviews() -> None:
    """Destroy the documents of reviews that ended 30 days ago."""
    review_documents.tidy()
