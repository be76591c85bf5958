"""Tasks that come in: woken by name, each calls one service."""

from celery import shared_task

from kb.services import indexing, news, publishing, subscriptions


@shared_task(name="kb.publish_due", time_limit=60, soft_time_limit=45)
def publish_due() -> None:
    """Show what is planned for now."""
    publishing.publish_due()


@shared_task(name="kb.send_news", time_limit=60, soft_time_limit=50)
def send_news() -> None:
    """Queue mail of bulletins and changes to whoever wants it."""
    news.send_due()


@shared_task(name="kb.tidy", time_limit=300, soft_time_limit=240)
def tidy() -> None:
    """Rate articles by votes and freshness; forget searches past their life, and addresses that never said yes."""
    indexing.rate()
    indexing.forget_old_searches()
    subscriptions.forget_unconfirmed()
