"""Tasks that reach out: thin shells around the sending hand."""

from celery import shared_task

from tickets.delivery import sending


@shared_task(name="tickets.deliver_email", time_limit=300, soft_time_limit=270)
def deliver_email(pk: int) -> None:
    """Send the mail of one outbox row."""
    sending.deliver_email(pk)


@shared_task(name="tickets.deliver_notice", time_limit=300, soft_time_limit=270)
def deliver_notice(pk: int) -> None:
    """Send one system mail."""
    sending.deliver_notice(pk)
