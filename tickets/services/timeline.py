"""Appending to a ticket's timeline: the only place that hands out sequence numbers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from django.db import OperationalError, connection, transaction

from accounts.models import Staff
from core import writes
from core.audit import Actor
from core.clock import DatabaseNow
from core.excerpts import cut
from tickets import effects
from tickets.models import Message, Ticket
from tickets.models.channel import Channel

# Closed vocabulary of system events and the data each carries (ids, codes and numbers only; of a custom
# field that is not personal, what it said and says). What a corrected message
# said before is the text of its event, and so are what a visitor had read on the site before they wrote, why a customer
# escalates, and why a case was put to sleep.
EVENTS = frozenset(
    {
        "status_changed",
        "priority_changed",
        "assignee_changed",
        "team_changed",
        "topic_changed",
        "tags_changed",
        "language_changed",
        "spam_changed",
        "mail_bounced",
        "mail_failed",
        "post_failed",
        "guided_answered",
        "messages_stopped",
        "messages_resumed",
        "files_left_out",
        "follow_up_opened",
        "ticket_linked",
        "ticket_unlinked",
        "ticket_merged",
        "ticket_merged_in",
        "ticket_unmerged",
        "ticket_unmerged_out",
        "ticket_split",
        "ticket_split_off",
        "conversation_linked",
        "conversation_unlinked",
        "reply_withdrawn",
        "same_mail_elsewhere",
        "acknowledged",
        "acknowledgement_withheld",
        "fund_action",
        "chat_ended",
        "message_corrected",
        "message_taken_back",
        "chat_accepted",
        "chat_transferred",
        "chat_taken_over",
        "chat_wrapped_up",
        "chat_mailed",
        "chat_transcript",
        "chat_proactive",
        "survey_answered",
        "survey_changed",
        "survey_mailed",
        "chat_bot_handed_over",
        "chat_abuse_warned",
        "chat_abuse_handed_over",
        "chat_abuse_ended",
        "chat_abuse_lifted",
        "chat_given_back",
        "phone_came",
        "phone_proven",
        "phone_frozen",
        "phone_queued",
        "phone_rang",
        "phone_declined",
        "phone_not_taken",
        "phone_answered",
        "phone_ended",
        "phone_missed",
        "phone_called",
        "phone_not_reached",
        "phone_not_placed",
        "phone_transferred",
        "phone_conference",
        "phone_joined",
        "phone_noted",
        "phone_agreed",
        "phone_recorded",
        "phone_recording_deleted",
        "phone_recording_lost",
        "phone_callback_asked",
        "phone_callback_cancelled",
        "phone_callback_failed",
        "phone_voicemail",
        "phone_voicemail_lost",
        "hand_over_written",
        "hand_over_taken",
        "assignment_passed_on",
        "assignment_taken_back",
        "assignment_given_back",
        "assignment_overflowed",
        "sla_warned",
        "sla_breached",
        "escalation_begun",
        "escalation_step",
        "escalation_acknowledged",
        "escalation_ended",
        "escalation_asked",
        "snoozed",
        "woken",
        "field_changed",
        "checklist_added",
        "checklist_ticked",
        "checklist_unticked",
        "checklist_removed",
        "time_added",
        "time_taken_back",
    }
)
LAST_LINE = 200
LOCK_NOT_AVAILABLE = "55P03"
# So often two cases are reached for before it is given up: each time one of the two was held.
LOCK_ROUNDS = 10
# What a reply moves on its ticket, for any number of tickets.
MOVED = ("pk", "last_seq", "last_public_seq", "last_line", "last_direction")
MOVE = """
    UPDATE tickets_ticket AS ticket
       SET last_seq = moved.seq, last_public_seq = moved.public_seq, last_line = moved.line,
           last_direction = moved.direction, updated_at = core.clock()
      FROM unnest(%s::bigint[], %s::integer[], %s::integer[], %s::text[], %s::text[])
           AS moved (id, seq, public_seq, line, direction)
     WHERE ticket.id = moved.id
"""
# Told of each event on a ticket, which is locked; filled by the app's configuration.
happened: list[Callable[[Ticket, Message], object]] = []
_moving: "ContextVar[dict[int, Ticket] | None]" = ContextVar("timeline_moving", default=None)
# Tickets that the caller of several services has locked.
_held: "ContextVar[Mapping[int, Ticket]]" = ContextVar("timeline_held", default=MappingProxyType({}))


def lock(ticket: Ticket, *, nowait: bool = False) -> Ticket:
    """Lock the ticket row FOR NO KEY UPDATE and return it fresh; inside the caller's transaction.

    Lock order of the whole desk: inbound row, ticket, outbound row, draft. One that is held here already is returned.
    """
    held = _held.get().get(ticket.pk)
    if held is not None:
        return held
    return Ticket.objects.select_for_update(of=("self",), no_key=True, nowait=nowait).get(pk=ticket.pk)


@contextmanager
def holding(tickets: Iterable[Ticket]) -> Iterator[None]:
    """Let services that are called within the block work on these tickets, which the caller's transaction has locked.

    They share the rows as they are in memory: several changes in a row, one reading.
    """
    token = _held.set({ticket.pk: ticket for ticket in tickets})
    try:
        yield
    finally:
        _held.reset(token)


def held() -> Sequence[Ticket]:
    """Return the tickets of the `holding` block."""
    return list(_held.get().values())


@contextmanager
def locked(ticket: Ticket) -> Iterator[Ticket]:
    """Lock the ticket in a transaction of its own; one that is held here already needs neither."""
    held = _held.get().get(ticket.pk)
    if held is not None:
        yield held
        return
    with transaction.atomic():
        yield lock(ticket)


def lock_both(*, one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    """Do the same with two. Whoever holds one of them and waits for the other is let go first: no deadlock comes of it.

    As does `landing.lock`, which finds out with the lock in hand that a ticket goes on in another.
    """
    tickets = sorted({one, other}, key=lambda ticket: ticket.pk)
    left = LOCK_ROUNDS
    while True:
        try:
            with transaction.atomic():
                locked = {tickets[0].pk: lock(tickets[0])}
                locked |= {ticket.pk: lock(ticket, nowait=True) for ticket in tickets[1:]}
                return locked[one.pk], locked[other.pk]
        except OperationalError as error:
            left -= 1
            if not left or getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            # Wait for the one that is held, with nothing in hand.
            tickets.reverse()


def append(
    ticket: Ticket,
    message: Message,
    *,
    is_public: bool,
    event: Message | None = None,
    also: Mapping[str, Any] | None = None,
) -> Message:
    """Give `message` the next numbers of `ticket`, which is locked or not written yet, and write both.

    Also moves what the queue shows (last line, direction, activity time), and the columns named in `also`. An `event`
    that belongs to the message is numbered behind it and written with it.
    """
    messages = [message] if event is None else [message, event]
    for one in messages:
        ticket.last_seq += 1
        one.seq = ticket.last_seq
    if is_public:
        ticket.last_public_seq += 1
        message.public_seq = ticket.last_public_seq
    if message.kind == Message.Kind.REPLY:
        ticket.last_line = first_line(message.text)
        ticket.last_direction = message.direction
    is_born = ticket._state.adding  # noqa: SLF001 -- a documented attribute of Django's models
    if is_born and ticket not in writes.waiting(Ticket):
        writes.insert([ticket])
    elif not is_born:
        _move(ticket, message, also or {})
    for one in messages:
        one.ticket = ticket
    writes.insert(messages)
    # Of a new case its opening tells: nobody can be watching it yet.
    for one in () if is_born else messages:
        effects.message_added(ticket, one)
    return message


@contextmanager
def together() -> Iterator[None]:
    """Let what replies move on their tickets wait for the end of the block, for one statement.

    Inside the caller's transaction, which holds the tickets; an error that leaves the block drops it.
    """
    moving: dict[int, Ticket] = {}
    token = _moving.set(moving)
    try:
        yield
    finally:
        _moving.reset(token)
    if moving:
        columns = [[getattr(ticket, name) for ticket in moving.values()] for name in MOVED]
        with connection.cursor() as cursor:
            cursor.execute(MOVE, columns)


def _move(ticket: Ticket, message: Message, also: Mapping[str, Any]) -> None:
    """Write the numbers and what the queue shows."""
    moving = _moving.get()
    if moving is not None and message.kind == Message.Kind.REPLY and not also:
        moving[ticket.pk] = ticket
        return
    moved: dict[str, Any] = {"last_seq": ticket.last_seq, "last_public_seq": ticket.last_public_seq, **also}
    if message.kind != Message.Kind.EVENT:
        moved["updated_at"] = DatabaseNow()
    if message.kind == Message.Kind.REPLY:
        moved |= {"last_line": ticket.last_line, "last_direction": ticket.last_direction}
    writes.update(ticket, moved)


def append_event(
    ticket: Ticket, event: str, data: Mapping[str, str | int | None], *, by: Staff | None = None
) -> Message:
    """Write a system event on the locked `ticket`; customers never see these."""
    row = append(ticket, event_row(event, data, by=by), is_public=False)
    for hear in happened:
        hear(ticket, row)
    return row


def event_row(event: str, data: Mapping[str, str | int | None], *, by: Staff | None = None) -> Message:
    """Build a system event that is not written yet. Raises ValueError outside the closed vocabulary."""
    if event not in EVENTS:
        message = f"{event!r} is not in the closed vocabulary of timeline events."
        raise ValueError(message)
    return Message(
        kind=Message.Kind.EVENT,
        direction=Message.Direction.OUT,
        channel=Channel.API,
        sender_role=Message.SenderRole.STAFF if by else Message.SenderRole.SYSTEM,
        staff=by,
        event=event,
        event_data=dict(data),
    )


def change(ticket: Ticket, fields: Mapping[str, Any], *, left: tuple[int | None, ...] = ()) -> None:
    """Update columns of the locked `ticket`, raise its version and announce it, also to the queues it `left`."""
    ticket.version += 1
    for name, value in fields.items():
        setattr(ticket, name, value)
    writes.update(ticket, {"version": ticket.version, "updated_at": DatabaseNow(), **fields})
    names = tuple(name.removesuffix("_id") for name in fields)
    effects.ticket_changed(ticket, names, left=left)


def retell_last(ticket: Ticket) -> None:
    """Show the last reply that still stands in the queue, and announce it; the locked `ticket`'s version stays.

    A withdrawal changes no property: whoever edits one at the same time has no conflict.
    """
    last = ticket.messages.filter(kind=Message.Kind.REPLY, withdrawn_at__isnull=True).order_by("-seq").first()
    ticket.last_line = first_line(last.text) if last else ""
    ticket.last_direction = last.direction if last else ""
    Ticket.objects.filter(pk=ticket.pk).update(last_line=ticket.last_line, last_direction=ticket.last_direction)
    effects.ticket_changed(ticket, ("last_line",))


def actor_of(by: Staff | None) -> Actor:
    """Return who acts, for the audit log."""
    return by.actor if by else Actor("system")


def first_line(text: str) -> str:
    """Return the beginning of a text in one line, as the queue shows it."""
    return cut(" ".join(cut(text, LAST_LINE * 3).split()), LAST_LINE)
