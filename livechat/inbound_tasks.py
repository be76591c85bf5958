"""Tasks that come in: woken by name, each calls one service."""

from celery import shared_task

from livechat.services import uploads


@shared_task(name="livechat.tidy", time_limit=600, soft_time_limit=540)
def tidy() -> None:
    """Remove files that no message has taken within a day."""
    uploads.tidy()
