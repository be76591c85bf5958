"""Tasks that reach out: thin shells around the hands that send and fetch."""

from celery import shared_task

from tickets.delivery import calendars, hooks, phone, push, sending, social, webhooks


@shared_task(name="tickets.deliver_email", time_limit=300, soft_time_limit=270)
def deliver_email(pk: int) -> None:
    """Send the mail of one outbox row."""
    sending.deliver_email(pk)


@shared_task(name="tickets.deliver_post", time_limit=300, soft_time_limit=270)
def deliver_post(pk: int) -> None:
    """Send what one row owes on a social channel."""
    social.deliver_post(pk)


@shared_task(name="tickets.deliver_notice", time_limit=300, soft_time_limit=270)
def deliver_notice(pk: int) -> None:
    """Send one system mail."""
    sending.deliver_notice(pk)


@shared_task(name="tickets.fetch_calendar", time_limit=120, soft_time_limit=100)
def fetch_calendar(pk: int) -> None:
    """Look at one iCal feed."""
    calendars.fetch_calendar(pk)


@shared_task(name="tickets.deliver_hook", time_limit=60, soft_time_limit=45)
def deliver_hook(pk: int) -> None:
    """Tell one place outside of an escalation."""
    hooks.deliver(pk)


@shared_task(name="tickets.send_webhooks", time_limit=90, soft_time_limit=75)
def send_webhooks() -> None:
    """Send other systems what they are owed, one after the other."""
    webhooks.send_all()


@shared_task(name="tickets.deliver_push", time_limit=60, soft_time_limit=45)
def deliver_push(pk: int) -> None:
    """Tell one device one thing."""
    push.deliver(pk)


@shared_task(name="tickets.deliver_phone_order", time_limit=60, soft_time_limit=45)
def deliver_phone_order(pk: int) -> None:
    """Have the phone provider do one thing."""
    phone.deliver_order(pk)
