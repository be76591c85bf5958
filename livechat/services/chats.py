"""Conversations of visitors: saying something, and ending; by the services that every channel uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Customer, CustomerAddress
from accounts.services import customers
from core import audit, writes
from core import files as stored_files
from core.clock import DatabaseNow, from_now
from core.compiled import Among, Rows, stand_in, stand_in_text
from core.storable_text import storable
from livechat import effects
from livechat.bots import registry
from livechat.models import Chat, Mark, Visitor
from livechat.refusals import Blocked
from livechat.selectors import abuse
from livechat.services import bots, prechat, proactive, reading, routing, suggestions, uploads
from security.redaction import redact
from security.services import customer_sessions
from tickets.models import Message
from tickets.models.channel import Channel
from tickets.models.ticket import Status
from tickets.services import cases, errors, landing, replies, timeline
from tickets.services.senders import NewFile, Sender

PER_HOUR = 20
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, as it is stored: masked, with its numbers; not new when it had been said before."""

    chat: Chat
    message: Message
    is_new: bool = True


def say(
    *,
    visitor: Visitor,
    text: str,
    client_id: str,
    files: Sequence[str] = (),
    answers: prechat.Answers | None = None,
) -> Said:
    """Add the visitor's words to their open conversation, or open one: its ticket is born with this message.

    `files` are ids of the visitor's uploads, which the message takes. `answers` to the questions before a chat stand
    above the words, and say the topic of the ticket that they open. The same `client_id` of a visitor again returns
    the first message, in whichever conversation it is. Who speaks is there: their portal session, if they have one,
    lives on. Raises EmptyMessage, TooManyRequests, FilesVanished, TooManyFiles, TooLarge,
    AnswersRefused, Blocked.
    """
    if visitor.session is not None:
        customer_sessions.touch(session=visitor.session)
    words = replies.Words(text=text, language=visitor.locale, client_key=_client_key(client_id))
    with stored_files.all_or_none(), transaction.atomic():
        # One after the other for each visitor: of two first messages at once, the second finds the first one's chat.
        # Lock order: visitor, then what tickets lock.
        locked = Visitor.objects.select_related("inbox").select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        latest, known = _latest(locked, words.client_key)
        if known is not None:
            uploads.forget(visitor=locked, client_ids=files)
            return Said(known.ticket.chat, known, is_new=False)
        filled = prechat.fill(inbox=locked.inbox, given=answers, language=locked.locale) if answers else None
        if filled is not None:
            words = replace(words, text=f"{filled.heading}\n\n{text}".strip())
        taken = uploads.take(visitor=locked, client_ids=files) if files else []
        if latest is not None and latest.ended_at is None:
            if latest.ticket.status != Status.CLOSED:
                answer = _answer(latest, locked, words, taken)
                reading.visitor_said(chat=latest)
                routing.said_again(latest)
                bots.heard(chat=latest, message=answer)
                return Said(latest, answer)
            # The desk has closed the ticket: what comes now is a new matter that follows it.
            _end(latest)
        opened = _open(locked, words, taken, latest, filled)
        if filled is not None:
            filled.keep(opened.chat.ticket)
        bots.heard(chat=opened.chat, message=opened.message)
        return opened


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a visitor (by pk) says in their open conversation: words alone, under the client's own id for them."""

    visitor: int
    text: str
    client_id: str


def say_together(spoken: Sequence[Spoken]) -> list[Said | None]:
    """Add plain words of several visitors to conversations that go on, by one transaction; one answer for each.

    The same as `say` for each of them, but only what needs no second look: None, with nothing written, for whoever
    has no open conversation, said this before, speaks twice here, is held by another transaction, is with a bot, says
    nothing, or does not count any more. For those there is `say`.
    """
    mine = {one.visitor: one for one in reversed(spoken)}
    with transaction.atomic(), writes.together(), audit.together(), timeline.together():
        said = {chat.visitor_id: _add(chat, mine[chat.visitor_id]) for chat in _going_on(mine)}
    return [said.pop(one.visitor, None) if mine[one.visitor] is one else None for one in spoken]


def _going_on(spoken: Mapping[int, Spoken]) -> list[Chat]:
    """Return the open conversations of these visitors in which this was not said before, their tickets locked.

    By one statement, since this is what every message costs; in any order, since nobody here waits: a ticket that is
    locked is left out. The visitor needs no lock as in `say`, where two first messages may come at once: here the
    conversation is there, and what is said twice in the same moment is held by the unique key.
    """
    keys = [_client_key(one.client_id) for one in spoken.values()]
    return _GOING_ON.run({stand_in(0): list(spoken), stand_in_text(0): keys})


def _unsaid() -> QuerySet[Chat]:
    living = Visitor.objects.living().filter(Among("pk", stand_in(0)))
    known = Message.objects.filter(Among("client_key", stand_in_text(0)), ticket__chat__visitor=OuterRef("visitor"))
    rows = Chat.objects.filter(
        Q(bot="") | Q(bot_ended_at__isnull=False),
        ~Exists(known),
        visitor__in=living.values("pk"),
        ended_at__isnull=True,
    )
    found = rows.exclude(ticket__status=Status.CLOSED)
    whole = found.select_related("ticket__requester", "visitor__inbox", "visitor__session")
    return whole.select_for_update(of=("ticket",), no_key=True, skip_locked=True)


_GOING_ON = Rows(_unsaid)


def _add(chat: Chat, spoken: Spoken) -> Said | None:
    words = replies.Words(text=spoken.text, language=chat.visitor.locale, client_key=_client_key(spoken.client_id))
    if chat.visitor.session is not None:
        customer_sessions.touch(session=chat.visitor.session)
    try:
        message = _answer(chat, chat.visitor, words, ())
    except errors.Refused:
        return None
    reading.visitor_said(chat=chat)
    routing.said_again(chat)
    return Said(chat, message)


def _client_key(client_id: str) -> str:
    return f"visitor:{storable(client_id)}"


def consider(*, visitor: Visitor, answers: prechat.Answers | None, text: str) -> tuple[suggestions.Suggestion, ...]:
    """Return what may answer the visitor before a person does; nothing is kept. Raises AnswersRefused."""
    if answers is None:
        return ()
    filled = prechat.fill(inbox=visitor.inbox, given=answers, language=visitor.locale)
    asked = redact(storable(f"{filled.heading}\n\n{text}")).text
    return suggestions.suggest(
        question=suggestions.Question(topic=filled.topic.slug, text=asked, language=visitor.locale)
    )


def end(*, chat: Chat) -> bool:
    """End a conversation at the visitor's wish; its ticket stays with the desk. False when it had ended before."""
    with transaction.atomic():
        ticket = timeline.lock(chat.ticket)
        if not _end(chat):
            return False
        timeline.append_event(ticket, "chat_ended", {})
        audit.record(
            "ticket.chat_ended",
            actor=chat.ticket.requester.actor,
            obj=("ticket", ticket.public_id),
            detail={"chat": chat.public_id},
        )
    return True


def _latest(visitor: Visitor, client_key: str) -> tuple[Chat | None, Message | None]:
    """Return the visitor's last conversation, its ticket locked, and the message they have sent under this key.

    By one statement, since this is what every message costs. Sees what others did before they let the visitor go.
    """
    sent = Message.objects.filter(ticket__chat__visitor=OuterRef("visitor"), client_key=client_key)
    mine = Chat.objects.filter(visitor=visitor).annotate(known=Subquery(sent.values("pk")[:1]))
    latest = (
        mine.select_related("ticket__requester").select_for_update(of=("ticket",), no_key=True).order_by("-pk").first()
    )
    if latest is None:
        return None, None
    latest.visitor = visitor
    known = getattr(latest, "known", None)
    if known is None:
        return latest, None
    return latest, Message.objects.select_related("ticket__chat__visitor").get(pk=known)


def _answer(chat: Chat, visitor: Visitor, words: replies.Words, taken: Sequence[NewFile]) -> Message:
    speaker = _speaker(chat.ticket.requester, is_proven=visitor.is_proven)
    return replies.add_locked(ticket=chat.ticket, sender=speaker, channel=Channel.CHAT, words=words, attached=taken)


def _open(
    visitor: Visitor,
    words: replies.Words,
    taken: Sequence[NewFile],
    former: Chat | None,
    filled: prechat.Filled | None,
) -> Said:
    if abuse.blocked_until(visitor.customer) is not None:
        raise Blocked
    if Chat.objects.filter(visitor=visitor, started_at__gt=from_now(-_HOUR)).count() >= PER_HOUR:
        raise errors.TooManyRequests
    customer = visitor.customer or stranger_of(visitor)
    closed = landing.of(former.ticket) if former is not None and former.ticket.status == "closed" else None
    ticket, message = cases.open_within(
        case=cases.NewCase(
            requester=customer,
            # Of a guided form its sentence says the most, of a picture without a word the name.
            subject=(filled.subject if filled else "") or (taken[0].name if taken and not words.text.strip() else ""),
            channel=Channel.CHAT,
            is_requester_proven=visitor.is_proven,
            team=visitor.inbox.team,
            brand=visitor.inbox.brand,
            language=visitor.locale,
            follow_up_of=closed,
            topic=filled.topic if filled else None,
        ),
        sender=_speaker(customer, is_proven=visitor.is_proven),
        words=words,
        attached=taken,
    )
    bot = visitor.inbox.bot if registry.get(visitor.inbox.bot) else ""
    chat = Chat.objects.create(visitor=visitor, ticket=ticket, bot=bot)
    Mark.objects.bulk_create(Mark(chat=chat, side=side) for side in Mark.Side.values)
    show = proactive.begin(chat=chat, ticket=ticket)
    audit.record(
        "chat.opened",
        actor=customer.actor,
        obj=("chat", chat.public_id),
        detail={
            "ticket": ticket.public_id,
            "visitor": visitor.public_id,
            **({"proactive": show.message.public_id} if show else {}),
        },
    )
    effects.chat_changed(chat)
    effects.routing_due()
    return Said(chat, message)


def stranger_of(visitor: Visitor) -> Customer:
    """Make the customer that an anonymous visitor is from now on: one of their own, whom no address leads to."""
    customer = customers.create_stranger(locale=visitor.locale)
    Visitor.objects.filter(pk=visitor.pk).update(customer=customer)
    audit.record("visitor.named", actor=customer.actor, obj=("visitor", visitor.public_id), fields=["customer"])
    return customer


def _end(chat: Chat) -> bool:
    ended = Chat.objects.filter(pk=chat.pk, ended_at__isnull=True).update(ended_at=DatabaseNow())
    if ended:
        actor = chat.ticket.requester.actor
        audit.record("chat.ended", actor=actor, obj=("chat", chat.public_id), fields=["ended_at"])
        effects.chat_changed(chat)
        effects.routing_due()
        if chat.ticket.assignee is not None:
            effects.console_changed(chat.ticket.assignee.public_id)
    return bool(ended)


def _speaker(customer: Customer, *, is_proven: bool) -> Sender:
    return Sender(
        role=Message.SenderRole.REQUESTER,
        customer=customer,
        name=customer.name,
        is_proven=is_proven,
        proof=CustomerAddress.Proof.EXCHANGE if is_proven else "",
    )
