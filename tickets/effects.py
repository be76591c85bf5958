"""The only scheduling of after-commit work of tickets: publishing hints and ringing for the outbox."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from core.after_commit import after_commit
from core.doorbell import ring, ring_now
from tickets import realtime
from tickets.events import (
    DeskEvent,
    MessageAdded,
    MessageChanged,
    PublicEvent,
    PublicMessageAdded,
    PublicMessageChanged,
    PublicStageChanged,
    RowMoved,
    RowsChanged,
    TicketChanged,
)
from tickets.groups import queue_group, staff_group, ticket_group
from tickets.models import Attachment, Message, OutboundMail, SocialPost, Ticket
from tickets.models.channel import Channel


@dataclass(slots=True)
class _Gathered:
    """What is told of many tickets when all of them are written: each once, each queue once for its numbers."""

    changed: dict[str, tuple[Ticket, dict[str, None]]] = field(default_factory=dict)
    said: dict[str, tuple[Ticket, Message]] = field(default_factory=dict)
    queues: set[str] = field(default_factory=set)


_gathering: "ContextVar[_Gathered | None]" = ContextVar("effects_gathering", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Tell what changes within the block once for each ticket, after the commit; inside the caller's transaction."""
    mine = _Gathered()
    token = _gathering.set(mine)
    try:
        yield
    finally:
        _gathering.reset(token)
    if mine.queues:
        after_commit("many tickets changed", _tell, mine)


def _tell(gathered_: _Gathered) -> None:
    events: list[tuple[str, DeskEvent]] = []
    rows = [RowMoved(queue=queue, counts=True) for queue in sorted(gathered_.queues)]
    for ticket, fields in gathered_.changed.values():
        event = TicketChanged(ticket=ticket.public_id, version=ticket.version, fields=tuple(fields))
        events.append((ticket_group(ticket.public_id), event))
        rows.append(RowMoved(queue=queue_group(ticket.team_id), ticket=ticket.public_id, counts=False))
    for ticket, message in gathered_.said.values():
        added = MessageAdded(ticket=ticket.public_id, seq=message.seq, public_seq=message.public_seq)
        events.append((ticket_group(ticket.public_id), added))
    realtime.publish_many(events, rows)


def ticket_created(ticket: Ticket) -> None:
    """A case was opened."""
    queues = (queue_group(ticket.team_id),)
    after_commit("ticket created", realtime.row_moved, queues, ticket.public_id, counts=True)


def ticket_changed(ticket: Ticket, fields: tuple[str, ...], *, left: tuple[int | None, ...] = ()) -> None:
    """Fields of a case changed; `left` names the team (None: no team) whose queue it left, which is told too."""
    mine = _gathering.get()
    if mine is not None:
        mine.changed.setdefault(ticket.public_id, (ticket, {}))[1].update(dict.fromkeys(fields))
        mine.queues.update({queue_group(ticket.team_id), *(queue_group(team_id) for team_id in left)})
        if "status" in fields:
            _tell_customer(ticket, PublicStageChanged())
        return
    groups = (ticket_group(ticket.public_id),)
    event = TicketChanged(ticket=ticket.public_id, version=ticket.version, fields=fields)
    after_commit("ticket changed", realtime.publish, groups, event)
    queues = {queue_group(ticket.team_id), *(queue_group(team_id) for team_id in left)}
    after_commit("row changed", realtime.row_moved, sorted(queues), ticket.public_id, counts=True)
    if "status" in fields:
        _tell_customer(ticket, PublicStageChanged())


def message_added(ticket: Ticket, message: Message) -> None:
    """A message joined the timeline."""
    mine = _gathering.get()
    if mine is not None and message.public_seq is None:
        mine.said[ticket.public_id] = (ticket, message)
        mine.queues.add(queue_group(ticket.team_id))
        return
    groups = (ticket_group(ticket.public_id),)
    event = MessageAdded(ticket=ticket.public_id, seq=message.seq, public_seq=message.public_seq)
    after_commit("message added", realtime.publish, groups, event)
    queues = (queue_group(ticket.team_id),)
    after_commit("row changed", realtime.row_moved, queues, ticket.public_id, counts=False)
    if message.public_seq is not None:
        _tell_customer(ticket, PublicMessageAdded(public_seq=message.public_seq))


def message_changed(ticket: Ticket, message: Message) -> None:
    """A message was withdrawn or its delivery moved."""
    groups = (ticket_group(ticket.public_id),)
    after_commit("message changed", realtime.publish, groups, MessageChanged(ticket=ticket.public_id, seq=message.seq))
    if message.public_seq is not None:
        _tell_customer(ticket, PublicMessageChanged(public_seq=message.public_seq))


def _tell_customer(ticket: Ticket, event: PublicEvent) -> None:
    """Nobody listens on the customer's side but in a chat."""
    if ticket.channel == Channel.CHAT:
        after_commit("customer told", realtime.publish_to_customer, ticket.public_id, event)


def assignment_due() -> None:
    """Something waits for somebody, or somebody may be free: look who gets what."""
    ring("tickets.assign_waiting")


def calendar_due(feed: int) -> None:
    """Somebody is to look at an iCal feed."""
    ring("tickets.fetch_calendar", feed)


def pushes_owed(rows: Iterable[int]) -> None:
    """Devices are to be told; what nobody hears is rung for again."""
    for row in rows:
        ring("tickets.deliver_push", row)


def notices_changed(people: Iterable[str]) -> None:
    """What concerns these people (by public id) has grown, or was looked at: they alone are told."""
    groups = tuple(staff_group(public_id) for public_id in people)
    if groups:
        after_commit("notices changed", realtime.publish, groups, RowsChanged(tickets=(), counts=True))


def review_changed() -> None:
    """The review queue grew or shrank."""
    after_commit("counts changed", realtime.row_moved, (queue_group(None),), counts=True)


def alarms_changed() -> None:
    """An alarm opened, was acknowledged, or is over."""
    after_commit("counts changed", realtime.row_moved, (queue_group(None),), counts=True)


def escalations_changed() -> None:
    """Somebody was told of an escalation, or one is over."""
    after_commit("counts changed", realtime.row_moved, (queue_group(None),), counts=True)


def approvals_changed() -> None:
    """What waits for somebody's approval may have changed."""
    after_commit("counts changed", realtime.row_moved, (queue_group(None),), counts=True)


def documents_marked(attachments: Sequence[Attachment]) -> None:
    """Have identity documents moved; one whose bell is lost is rung for again."""
    for attachment in attachments:
        after_commit("document marked", _ring_to_move, attachment)


def _ring_to_move(attachment: Attachment) -> None:
    """The row has its key only now, as below."""
    ring_now("tickets.move_document", attachment.pk)


def post_queued(post: SocialPost, *, delay_s: float) -> None:
    """Ring for the delivery of a social message once the undo window is over."""
    ring("tickets.deliver_post", post.pk, delay_s=delay_s)


def mail_queued(outbound: OutboundMail, *, delay_s: float) -> None:
    """Ring for delivery once the undo window is over."""
    after_commit("mail queued", _ring_for, outbound, delay_s)


def _ring_for(outbound: OutboundMail, delay_s: float) -> None:
    """The row has its key only now, when it may have been written together with others."""
    ring_now("tickets.deliver_email", outbound.pk, delay_s=delay_s)
