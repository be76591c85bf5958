"""Tasks that come in: woken by name, each calls one service."""

from celery import shared_task

from core import doorbell
from livechat.services import (
    bots,
    chat_addresses,
    coming_back,
    continuing,
    page_visits,
    presence,
    pushes,
    returning,
    routing,
    silent_visitors,
    uploads,
)


@shared_task(name="livechat.sweep_rings", time_limit=30, soft_time_limit=20)
def sweep_rings() -> None:
    """Set offline who is gone, hand over what a bot owes too long and what was left behind, end rings; ring again."""
    doorbell.begun("livechat.sweep_rings")
    presence.sweep()
    bots.sweep()
    returning.sweep()
    routing.sweep()


@shared_task(name="livechat.answer_as_bot", time_limit=40, soft_time_limit=30)
def answer_as_bot(pk: int) -> None:
    """Let a bot answer one message."""
    bots.answer(pk=pk)


@shared_task(name="livechat.tidy", time_limit=600, soft_time_limit=540)
def tidy() -> None:
    """Remove what is past its life: page visits, files, addresses nobody confirmed, keys, visitors who never spoke."""
    page_visits.tidy()
    uploads.tidy()
    chat_addresses.tidy()
    coming_back.tidy()
    silent_visitors.sweep()


@shared_task(name="livechat.mail_unread", time_limit=60, soft_time_limit=50)
def mail_unread() -> None:
    """Let answers follow by mail whom they have not reached in the chat."""
    continuing.sweep()


@shared_task(name="livechat.sweep_pushes", time_limit=30, soft_time_limit=20)
def sweep_pushes() -> None:
    """Ring for answers that have reached no page, of which the exchange is to notify."""
    pushes.ring_due()


@shared_task(name="livechat.deliver_push", time_limit=30, soft_time_limit=20)
def deliver_push(pk: int) -> None:
    """Have the exchange notify of one answer, if that is needed."""
    pushes.deliver(pk=pk)
