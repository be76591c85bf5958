"""What our side does with a chat in hand: hand it over, take it over, end it and wrap it up."""

from django.db import transaction

from accounts.models import Presence, Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from livechat import effects
from livechat.models import Chat
from livechat.refusals import NotReachable, SummaryNeeded
from livechat.services import bots, routing
from tickets.models import Ticket, Topic
from tickets.models.ticket import Status
from tickets.services import errors, properties, replies, status, timeline

LEAST_SUMMARY = 10
AFTERWARDS = (Status.RESOLVED, Status.PENDING, Status.ON_HOLD)


def transfer(*, chat: Chat, to: Staff | Team, by: Staff, summary: str) -> None:
    """Hand a chat over, with a summary that becomes a note: to a person who is online now, or to a team, whom it rings.

    Raises SummaryNeeded, NotReachable, CaseClosed, Refused.
    """
    if len(summary.strip()) < LEAST_SUMMARY:
        raise SummaryNeeded
    with transaction.atomic():
        ticket = _open_ticket(chat)
        before = ticket.assignee
        replies.add_note(ticket=ticket, author=by, text=summary.strip())
        timeline.append_event(timeline.lock(ticket), "chat_transferred", {"to": to.public_id}, by=by)
        if isinstance(to, Staff):
            if to == by or not Presence.objects.reachable().filter(staff=to).exists():
                raise NotReachable
            properties.assign(ticket=ticket, to=to, by=by)
        else:
            properties.move_to_team(ticket=ticket, to=to, by=by)
            properties.assign(ticket=ticket, to=None, by=by)
            Chat.objects.filter(pk=chat.pk).update(queued_at=DatabaseNow(), accepted_at=None)
        _record("transferred", chat, by, detail={"to": to.public_id})
        _tell(chat, before, to if isinstance(to, Staff) else None, by)


def take_over(*, chat: Chat, by: Staff) -> None:
    """Take a chat out of a colleague's hands, as a lead. Raises CaseClosed, Refused."""
    if not by.has(Permission.CHAT_LEAD):
        raise errors.Refused
    with transaction.atomic():
        ticket = _open_ticket(chat)
        before = ticket.assignee
        if before == by:
            return
        properties.assign(ticket=ticket, to=by, by=by)
        timeline.append_event(timeline.lock(ticket), "chat_taken_over", {}, by=by)
        _record("taken_over", chat, by, detail={"from": before.public_id if before else None})
        _tell(chat, before, by, by)


def wrap_up(*, chat: Chat, by: Staff, topic: Topic | None, then: str) -> None:
    """End a chat on our side and say what it was about; its ticket is resolved, or waits.

    `then` is resolved, pending or on hold. The contact reason is required, as for resolving: one that the ticket has
    already counts. Raises TopicNeeded, IllegalMove, CaseClosed, Refused.
    """
    if then not in AFTERWARDS:
        raise errors.Refused
    with transaction.atomic():
        ticket = timeline.lock(chat.ticket)
        if ticket.status == Status.CLOSED:
            raise errors.CaseClosed
        if topic is not None:
            ticket = properties.set_topic(ticket=ticket, to=topic, by=by)
        if ticket.topic_id is None:
            raise errors.TopicNeeded
        before = ticket.assignee
        now = {"wrapped_at": DatabaseNow()}
        ended = Chat.objects.filter(pk=chat.pk, ended_at__isnull=True).update(ended_at=DatabaseNow(), **now)
        if not ended and not Chat.objects.filter(pk=chat.pk, wrapped_at__isnull=True).update(**now):
            return
        timeline.append_event(timeline.lock(ticket), "chat_wrapped_up", {}, by=by)
        status.move(ticket=ticket, to=then, by=by)
        _record("wrapped_up", chat, by, detail={"then": then, "ended": bool(ended)})
        _tell(chat, before, by, by)
    # Behind the ticket's lock, which comes after that of presence: whose turn it is may be lost in a crash.
    Presence.objects.filter(staff=before).update(idle_since=DatabaseNow())


def _open_ticket(chat: Chat) -> Ticket:
    """Lock the ticket of a chat that goes on, which is people's from now on. Raises CaseClosed."""
    ticket = timeline.lock(chat.ticket)
    still = Chat.objects.filter(pk=chat.pk, ended_at__isnull=True).exists()
    if ticket.status == Status.CLOSED or not still:
        raise errors.CaseClosed
    bots.end(chat=chat)
    return ticket


def _record(step: str, chat: Chat, by: Staff, *, detail: dict[str, audit.Detail]) -> None:
    audit.record(f"chat.{step}", actor=by.actor, obj=("chat", chat.public_id), detail=detail)
    audit.record(f"ticket.chat_{step}", actor=by.actor, obj=("ticket", chat.ticket.public_id))


def _tell(chat: Chat, *people: Staff | None) -> None:
    """The visitor sees who answers now; those concerned, what is theirs; and somebody may be free."""
    routing.left_the_queue(chat)
    effects.console_changed(*sorted({person.public_id for person in people if person is not None}))
    effects.routing_due()
