"""Tasks of proving and permitting: whether the rule of fund-related actions still stands."""

from celery import shared_task

from security.services import fund_rule_proofs


@shared_task(name="security.compare_fund_rule", time_limit=30, soft_time_limit=20)
def compare_fund_rule() -> None:
    """Compare the catalog with what was reviewed, every minute."""
    fund_rule_proofs.compare()


@shared_task(name="security.prove_fund_rule", time_limit=60, soft_time_limit=45)
def prove_fund_rule() -> None:
    """Compare it and try every way round, every day."""
    fund_rule_proofs.prove()
