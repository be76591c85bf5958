"""Notifications by the exchange's app: owed with each answer to a proven visitor, decided when it has reached no page.

PostgreSQL keeps what is owed; who is told what is decided behind the chat's lock. No word of a message goes anywhere.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import ExchangeAccount
from core import audit, doorbell
from core.clock import DatabaseNow, from_now
from core.models.leased import LeasedQuerySet
from livechat.delivery import exchange
from livechat.delivery.exchange import Call
from livechat.models import Chat, Mark, Push
from security.delivery.freezes import pause_s
from tickets.models import Message, Ticket

DELIVERY_TASK = "livechat.deliver_push"
LEASE_S = 15
# What the exchange has not taken for so long is no news any more.
LIFE = timedelta(days=1)
BATCH = 50
State = Push.State

log = structlog.get_logger(__name__)


def owe(ticket: Ticket) -> None:
    """Note the newest answer, of which its customer may have to be told; in the transaction that writes it."""
    wanting = Chat.objects.filter(
        ticket=ticket,
        visitor__session__isnull=False,
        visitor__ended_at__isnull=True,
        visitor__inbox__pushes_unread=True,
    )
    chat = wanting.first()
    newest = _standing(ticket).last() if chat else None
    if chat is None or newest is None:
        return
    due = from_now(timedelta(seconds=settings.CHAT_PUSH_AFTER_S))
    row = Push(chat=chat, public_seq=newest.public_seq or 0, next_attempt_at=due)
    Push.objects.bulk_create([row], ignore_conflicts=True)


def ring_due(*, limit: int = BATCH) -> int:
    """Ring for what is due, or has got no answer; return how many."""
    due = LeasedQuerySet(Push).due().order_by("next_attempt_at").values_list("pk", flat=True)[:limit]
    rung = 0
    for pk in due:
        if not doorbell.ring_now(DELIVERY_TASK, pk, expires_s=10):
            break
        rung += 1
    return rung


def deliver(*, pk: int) -> None:
    """Have the exchange notify of one answer, if that is due, nobody else is at it and it has reached no page yet."""
    token = Push.claim(pk, lease_s=LEASE_S)
    call = _decide(pk, token) if token else None
    if token is None or call is None:
        return
    answer = exchange.notify(call)
    push = Push.objects.select_related("chat").get(pk=pk)
    is_old_news = Push.objects.filter(pk=pk, owed_at__lt=from_now(-LIFE)).exists()
    if answer.is_final or is_old_news:
        _settle(push, token, state=State.SENT if answer.is_good else State.FAILED, error=answer.error)
        return
    log.warning("push_not_delivered", push=push.public_id, reason=answer.error)
    Push.settle(pk, token, state=State.SENDING, error=answer.error, retry_in_s=pause_s(push.attempts))


def _decide(pk: int, token: UUID) -> Call | None:
    """Return what to tell the exchange, or None when nobody is to be told (any more): then the row is settled."""
    with transaction.atomic():
        push = Push.objects.get(pk=pk)
        held = Chat.objects.select_for_update(of=("self",), no_key=True)
        push.chat = chat = held.select_related("visitor__inbox", "ticket").get(pk=push.chat_id)
        account = ExchangeAccount.objects.filter(customer=chat.visitor.customer_id).first()
        state = _state(push, chat) if account else State.NOT_NEEDED
        if state != State.SENDING or account is None:
            _settle(push, token, state=state)
            return None
        unread = push.unread or _unread(chat)
        ours = Push.objects.filter(pk=pk, lease_token=token)
        if not ours.update(state=State.SENDING, unread=unread):
            return None
        return Call(account.account_id, push.public_id, chat.public_id, unread)


def _settle(push: Push, token: UUID, *, state: str, error: str = "") -> None:
    """End it in this state, and record whether the exchange was told."""
    with transaction.atomic():
        ended = Push.settle(push.pk, token, state=state, error=error, settled_at=DatabaseNow())
        if ended and state in (State.SENT, State.FAILED):
            detail: dict[str, audit.Detail] = {"push": push.public_id, "seq": push.public_seq, "outcome": str(state)}
            audit.record("chat.pushed", actor=audit.SYSTEM, obj=("chat", push.chat.public_id), detail=detail)


def _state(push: Push, chat: Chat) -> str:
    """Return how it goes on with a row whose chat is locked: SENDING, or why nobody is told."""
    mark = Mark.objects.filter(chat=chat, side=Mark.Side.VISITOR).first()
    delivered, read = (mark.delivered, mark.read) if mark else (0, 0)
    visitor = chat.visitor
    is_there = visitor.is_proven and visitor.ended_at is None and visitor.inbox.pushes_unread
    stands = _standing(chat.ticket).filter(public_seq=push.public_seq).exists()
    if delivered >= push.public_seq or not is_there or not stands or chat.ticket.is_spam:
        return State.NOT_NEEDED
    others = Push.objects.filter(chat=chat, state__in=Push.TELLING, public_seq__gt=read).exclude(pk=push.pk)
    return State.COVERED if others.exists() else State.SENDING


def _unread(chat: Chat) -> int:
    mark = Mark.objects.filter(chat=chat, side=Mark.Side.VISITOR).first()
    return _standing(chat.ticket).filter(public_seq__gt=mark.read if mark else 0).count()


def _standing(ticket: Ticket) -> QuerySet[Message]:
    """Return the answers of ours that were not taken back, in order."""
    answers = ticket.messages.filter(direction=Message.Direction.OUT, kind=Message.Kind.REPLY, public_seq__isnull=False)
    return answers.filter(withdrawn_at__isnull=True).order_by("public_seq")
