"""Bots in a chat: what they hear, what becomes of their answers, and handing over to people.

A row is owed for each message (`livechat_botturn`), claimed with a lease and settled once: a message is answered at
most once, whoever asks and whenever one dies. What nobody has settled by its deadline goes to people. Whatever a bot
returns is read as a closed shape: it sets the topic of its own ticket, offers replies, hands over, and nothing else.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from core.models.leased import LeasedQuerySet
from livechat import effects
from livechat.bots import asking, at_once, reading, registry
from livechat.bots.registry import Registered
from livechat.models import BotTurn, Chat
from livechat.selectors import bots as heard_by
from livechat.services import routing
from tickets.models import Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import errors, properties, replies, timeline
from tickets.services.senders import Sender

ANSWER_WITHIN = timedelta(seconds=30)
# Longer than any bot may take; shorter than the deadline.
LEASE_S = 25
BATCH = 50
State = BotTurn.State


def heard(*, chat: Chat, message: Message) -> None:
    """A visitor has said this, in the caller's transaction: owe an answer of the chat's bot, or hand over at once."""
    if not chat.bot or chat.bot_ended_at is not None or chat.ended_at is not None:
        return
    ticket = timeline.lock(chat.ticket)
    if (
        ticket.assignee_id is not None
        or Message.objects.filter(ticket=ticket, kind="reply", staff__isnull=False).exists()
    ):
        end(chat=chat)
        return
    bot = registry.get(chat.bot)
    why = at_once.reason(message.text) if bot else "gone"
    BotTurn.objects.filter(chat=chat, state=State.OWED).update(state=State.OVERTAKEN, settled_at=DatabaseNow())
    turn = BotTurn.objects.create(chat=chat, message=message, due_at=from_now(ANSWER_WITHIN))
    audit.record("chat.bot_asked", actor=SYSTEM, obj=("chat", chat.public_id), detail={"message": message.public_id})
    if why:
        _settle(turn, state=State.HANDED_OVER)
        _hand_over(ticket, chat, why=why)
        return
    effects.bot_due(turn.pk)


def corrected(message: Message) -> None:
    """A visitor's words say something else now, in the caller's transaction: what reaches no bot goes to people."""
    why = at_once.reason(message.text)
    found = Chat.objects.with_bot().filter(ticket=message.ticket_id).select_related("visitor", "ticket")
    chat = found.first() if why else None
    if chat is None:
        return
    BotTurn.objects.filter(chat=chat, state=State.OWED).update(state=State.OVERTAKEN, settled_at=DatabaseNow())
    _hand_over(timeline.lock(chat.ticket), chat, why=why)


def answer(*, pk: int) -> None:
    """Let the bot answer one message that it owes, if nobody else is at it; without an answer people take over."""
    token = BotTurn.claim(pk, lease_s=LEASE_S)
    if token is None:
        return
    turn = BotTurn.objects.select_related("chat__visitor__inbox", "chat__ticket__topic", "message").get(pk=pk)
    bot = registry.get(turn.chat.bot)
    found: reading.Answer | None = None
    refused: tuple[str, ...] = ("gone",)
    if bot is not None:
        try:
            found = asking.ask(bot, heard_by.heard(turn))
        except reading.AnswerRefused as error:
            refused = error.reasons
        except asking.BotFailed as error:
            refused = (f"failed: {error}"[:80],)
    with transaction.atomic():
        ticket = timeline.lock(turn.chat.ticket)
        if not _is_still_its_turn(turn, ticket, token):
            return
        if bot is None or found is None:
            _refuse(turn, ticket, refused)
        elif found.confidence < reading.SURE_ENOUGH:
            _settle(turn, state=State.HANDED_OVER, confidence=found.confidence)
            _hand_over(ticket, turn.chat, why="unsure", summary=_summary(found))
        else:
            _act(turn, ticket, bot, found)


def sweep() -> int:
    """Hand over what bots owe too long, and wake what nobody is at; returns how many were handed over."""
    late = BotTurn.objects.filter(state=State.OWED, due_at__lte=DatabaseNow()).order_by("due_at")
    count = 0
    for turn in late.select_related("chat__ticket", "chat__visitor", "message")[:BATCH]:
        with transaction.atomic():
            ticket = timeline.lock(turn.chat.ticket)
            if _settle(turn, state=State.HANDED_OVER):
                _hand_over(ticket, turn.chat, why="late")
                count += 1
    due = LeasedQuerySet(BotTurn).due().filter(attempts=0, asked_at__lt=from_now(-timedelta(seconds=3)))  # type: ignore[misc]
    for pk in due.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH]:
        effects.bot_due(pk)
    return count


def end(*, chat: Chat) -> None:
    """People have it: the bot says nothing more. Within the caller's transaction."""
    if Chat.objects.filter(pk=chat.pk, bot_ended_at__isnull=True).exclude(bot="").update(bot_ended_at=DatabaseNow()):
        BotTurn.objects.filter(chat=chat, state=State.OWED).update(state=State.OVERTAKEN, settled_at=DatabaseNow())
        audit.record("chat.bot_ended", actor=SYSTEM, obj=("chat", chat.public_id), fields=["bot_ended_at"])


def _is_still_its_turn(turn: BotTurn, ticket: Ticket, token: uuid.UUID) -> bool:
    """Whether the answer is still owed by whoever holds the lease, in a chat that is still the bot's."""
    mine = BotTurn.objects.filter(pk=turn.pk, state=State.OWED, lease_token=token)
    is_withdrawn = Message.objects.filter(pk=turn.message_id, withdrawn_at__isnull=False).exists()
    return (
        mine.exists()
        and not is_withdrawn
        and ticket.status != Status.CLOSED
        and Chat.objects.with_bot().filter(pk=turn.chat_id).exists()
    )


def _act(turn: BotTurn, ticket: Ticket, bot: Registered, found: reading.Answer) -> None:
    """Do what was proposed, whole or not at all: one thing that is not allowed, and people take over."""
    allowed = heard_by.topic_rows(turn.chat)
    wanted = [one.topic for one in found.actions if isinstance(one, reading.SetTopic)]
    if any(slug not in allowed for slug in wanted):
        _refuse(turn, ticket, ("topic:not_offered",))
        return
    buttons = [label for one in found.actions if isinstance(one, reading.OfferReplies) for label in one.replies][:12]
    try:
        with transaction.atomic():
            said = [
                _say(ticket, turn.chat, text, f"bot:{turn.public_id}:{place}")
                for place, text in enumerate(found.messages)
            ]
            replies.check_outgoing(ticket=ticket, sender=Sender.of_bot(bot.slug), text="\n".join(buttons))
    except errors.NotToBeSent as held:
        _refuse(turn, ticket, tuple(f"guard:{one}" for one in sorted(held.dangers)))
        return
    for slug in wanted:
        ticket = properties.set_topic(ticket=ticket, to=allowed[slug], by=None)
    is_over = any(isinstance(one, reading.HandOver) for one in found.actions) or not (said or buttons)
    state = State.HANDED_OVER if is_over else State.ANSWERED
    _settle(turn, state=state, confidence=found.confidence, said=said[-1] if said else None, offered=buttons)
    audit.record(
        "chat.bot_answered",
        actor=SYSTEM,
        obj=("chat", turn.chat.public_id),
        detail={"bot": bot.slug, "messages": len(said), "actions": ",".join(one.do for one in found.actions)},
    )
    if is_over:
        _hand_over(ticket, turn.chat, why="bot", summary=_summary(found))


def _refuse(turn: BotTurn, ticket: Ticket, reasons: tuple[str, ...]) -> None:
    """Keep nothing of an answer that cannot be taken, record why, and let people answer."""
    why = ",".join(reasons)[:200]
    if not _settle(turn, state=State.HANDED_OVER, last_error=why):
        return
    detail: Mapping[str, audit.Detail] = {"bot": turn.chat.bot, "reasons": why}
    audit.record("chat.bot_refused", actor=SYSTEM, obj=("chat", turn.chat.public_id), detail=detail)
    _hand_over(ticket, turn.chat, why="refused")


def _settle(turn: BotTurn, *, state: str, **also: object) -> bool:
    over = {"state": state, "settled_at": DatabaseNow(), "lease_token": None, "lease_until": None, **also}
    return bool(BotTurn.objects.filter(pk=turn.pk, state=State.OWED).update(**over))


def _hand_over(ticket: Ticket, chat: Chat, *, why: str, summary: str = "") -> None:
    """Give the chat to people, once: it rings, the visitor is told, and staff read the summary."""
    now = {"bot_ended_at": DatabaseNow(), "queued_at": DatabaseNow()}
    if not Chat.objects.with_bot().filter(pk=chat.pk).update(**now):
        return
    with translation.override(chat.visitor.locale or "en"):
        words = _("A person of our team answers here. They see what you have written.")
        if why == "trust":
            words += " " + _(
                "If somebody may be in your account, freeze it now: press the shield above. That waits for nobody."
            )
        _say(ticket, chat, words, f"bot:over:{chat.public_id}")
    name = _name(chat)
    if summary.strip():
        replies.add_bot_note(ticket=ticket, bot=name, text=summary.strip())
    timeline.append_event(ticket, "chat_bot_handed_over", {"bot": name, "reason": why})
    actor = {"actor": SYSTEM, "obj": ("chat", chat.public_id)}
    audit.record("chat.bot_handed_over", **actor, fields=sorted(now), detail={"bot": chat.bot, "reason": why})  # type: ignore[arg-type]
    audit.record("ticket.bot_handed_over", actor=SYSTEM, obj=("ticket", ticket.public_id))
    routing.left_the_queue(chat)
    effects.routing_due()


def _say(ticket: Ticket, chat: Chat, text: str, key: str) -> Message:
    """Say it in the chat under the bot's name, through the one service and guard for all words of ours."""
    words = replies.Words(text=text, language=chat.visitor.locale, client_key=key, is_automatic=True)
    return replies.add_locked(ticket=ticket, sender=Sender.of_bot(_name(chat)), channel=Channel.CHAT, words=words)


def _name(chat: Chat) -> str:
    bot = registry.get(chat.bot)
    with translation.override(chat.visitor.locale or "en"):
        return str(bot.name if bot else _("Assistant"))


def _summary(found: reading.Answer) -> str:
    return next((one.summary for one in found.actions if isinstance(one, reading.HandOver)), "")
