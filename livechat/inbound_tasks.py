"""Tasks that come in: woken by name, each calls one service."""

from celery import shared_task

from livechat.services import bots, page_visits, presence, routing, uploads


@shared_task(name="livechat.sweep_rings", time_limit=30, soft_time_limit=20)
def sweep_rings() -> None:
    """End rings whose time is over, hand over what a bot owes too long, set those offline who are gone; ring again."""
    presence.sweep()
    bots.sweep()
    routing.sweep()


@shared_task(name="livechat.answer_as_bot", time_limit=40, soft_time_limit=30)
def answer_as_bot(pk: int) -> None:
    """Let a bot answer one message."""
    bots.answer(pk=pk)


@shared_task(name="livechat.tidy", time_limit=600, soft_time_limit=540)
def tidy() -> None:
    """Remove page visits past their life, and files that no message has taken within a day."""
    page_visits.tidy()
    uploads.tidy()
