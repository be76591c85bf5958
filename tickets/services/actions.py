"""Doing a list of actions to one ticket, behind its lock: all or none, each by the service of that wish.

What somebody may not do by hand they may not do by a macro or to many tickets either.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.storable_text import storable
from tickets import actions as vocabulary
from tickets.actions import ME, NOBODY, YES, Action, BadActions, Kind
from tickets.models import Draft, Message, Ticket, Topic
from tickets.models.ticket import DONE, LEGAL_MOVES, Status
from tickets.selectors import canned as texts
from tickets.selectors import snoozes as asleep
from tickets.services import canned_texts, errors, following, properties, replies, snoozes, status, timeline
from tickets.services.senders import Sender


class NoSuchAction(errors.Refused):
    """Something that is named there is gone, or was never there."""

    code = "no_such_action"
    message = _("One of the actions names something that is not there, or not for you.")


class NotAllowed(errors.Refused):
    """The role may not do one of them by hand either."""

    code = "not_allowed"
    message = _("You may not do this to a ticket, so no macro does it for you.")


class NothingToDo(errors.Refused):
    """No action at all."""

    code = "nothing_to_do"
    message = _("Choose at least one action.")


class Contradiction(errors.Refused):
    """Two actions that do not go together."""

    code = "contradiction"
    message = _("A ticket that is resolved or closed cannot be put to sleep. Choose one of the two.")


class DraftHere(errors.Refused):
    """Sending to many would take away what its person is writing here."""

    code = "draft_here"
    message = _("You have an unsent reply here. Send it or delete it first.")


@dataclass(frozen=True, slots=True)
class Plan:
    """Actions with the rows that they name, for one person."""

    by: Staff
    actions: tuple[Action, ...]
    assignee: Staff | None = None
    team: Team | None = None
    topic: Topic | None = None
    values: dict[str, str] = field(default_factory=dict)

    def has(self, kind: str) -> bool:
        """Whether one of the actions is of this kind."""
        return kind in self.values


def read(given: Any) -> tuple[Action, ...]:  # noqa: ANN401 -- JSON
    """Return actions that came from outside or were kept. Raises NoSuchAction."""
    try:
        return vocabulary.read(given)
    except BadActions as error:
        raise NoSuchAction from error


def plan(actions: Iterable[Action], *, by: Staff) -> Plan:
    """Look up what the actions name, as `by` may name it.

    Raises NoSuchAction, NotAllowed, Contradiction, UnknownPlaceholder, NotToBeSent.
    """
    try:
        ordered = vocabulary.in_order(actions)
    except BadActions as error:
        raise NoSuchAction from error
    if not by.is_active or not all(by.has(right) for action in ordered for right in action.needs):
        raise NotAllowed
    values = {str(action.kind): action.value for action in ordered}
    if values.get(Kind.STATUS) in DONE and Kind.SNOOZE in values:
        raise Contradiction
    for action in ordered:
        if action.kind in vocabulary.TEXTS:
            canned_texts.check([action.value, action.value_zh], is_sent=action.kind == Kind.REPLY)
        if action.kind in vocabulary.TAGGING:
            properties.check_tags(action.tags)
    return Plan(
        by,
        ordered,
        assignee=_assignee(values.get(Kind.ASSIGNEE, NOBODY), by),
        team=_team(values.get(Kind.TEAM, NOBODY), by),
        topic=_topic(values.get(Kind.TOPIC, NOBODY)),
        values=values,
    )


def refusal(ticket: Ticket, wish: Plan) -> errors.Refused | None:
    """Return why the actions cannot be done to a ticket as it stands, before anything is written; None if they can.

    What only the writing finds out is refused by `apply`.
    """
    values = wish.values
    is_changed = bool(set(values) - {Kind.NOTE, Kind.FOLLOW})
    if ticket.status == Status.CLOSED and is_changed:
        return errors.CaseClosed()
    to = values.get(Kind.STATUS, ticket.status)
    if to != ticket.status and to not in LEGAL_MOVES[ticket.status]:
        return errors.IllegalMove()
    is_spam = values[Kind.SPAM] == YES if Kind.SPAM in values else ticket.is_spam
    has_topic = wish.topic is not None if Kind.TOPIC in values else ticket.topic_id is not None
    if to != ticket.status and to in DONE and not has_topic and not (to == Status.CLOSED and is_spam):
        return errors.TopicNeeded()
    if Kind.SNOOZE in values and to in DONE:
        return snoozes.NothingToSnooze()
    return None


def apply(*, ticket: Ticket, wish: Plan, version: int | None = None) -> Ticket:
    """Do everything to a ticket that its person sees, in one transaction; return it as it is then.

    Raises what the services of the single wishes refuse, StaleChange, Refused for a ticket out of sight.
    """
    with timeline.locked(ticket) as locked, timeline.holding([locked]):
        if not Ticket.objects.visible_to(wish.by).filter(pk=locked.pk).exists():
            raise errors.Refused
        if version is not None and version != locked.version:
            raise errors.StaleChange
        refused = refusal(locked, wish)
        if refused is not None:
            raise refused
        apply_held(ticket=locked, wish=wish)
        return locked


def apply_held(*, ticket: Ticket, wish: Plan) -> None:
    """Do everything to a ticket that `timeline.holding` holds and whose `refusal` is None."""
    for action in wish.actions:
        _do(action, ticket, wish)


def with_message(*, ticket: Ticket, wish: Plan | None, client_key: str, write: Callable[[], Message]) -> Message:
    """Write a message and do the actions of a macro: both or neither, and neither for a `client_key` that is known.

    Raises as both.
    """
    if wish is None:
        return write()
    with transaction.atomic():
        locked = timeline.lock(ticket)
        is_known = bool(client_key) and locked.messages.filter(client_key=storable(client_key)).exists()
        message = write()
        if not is_known:
            apply(ticket=locked, wish=wish)
    return message


def _do(action: Action, ticket: Ticket, wish: Plan) -> None:
    by = wish.by
    match action.kind:
        case Kind.TEAM:
            properties.move_to_team(ticket=ticket, to=wish.team, by=by)
        case Kind.ASSIGNEE:
            properties.assign(ticket=ticket, to=wish.assignee, by=by)
        case Kind.TOPIC:
            properties.set_topic(ticket=ticket, to=wish.topic, by=by)
        case Kind.PRIORITY:
            properties.set_priority(ticket=ticket, to=action.value, by=by)
        case Kind.ADD_TAGS:
            properties.add_tags(ticket=ticket, names=action.tags, by=by)
        case Kind.REMOVE_TAGS:
            properties.remove_tags(ticket=ticket, names=action.tags, by=by)
        case Kind.SPAM:
            properties.set_spam(ticket=ticket, is_spam=action.value == YES, by=by)
        case Kind.STATUS:
            status.move(ticket=ticket, to=action.value, by=by)
        case _:
            _do_else(action, ticket, by)


def _do_else(action: Action, ticket: Ticket, by: Staff) -> None:
    match action.kind:
        case Kind.NOTE:
            said = texts.said(action.value, action.value_zh, ticket, by)
            replies.add_note_locked(ticket=ticket, author=by, text=said)
        case Kind.REPLY:
            if Draft.objects.filter(ticket=ticket, staff=by, kind=Draft.Kind.REPLY).exclude(text="").exists():
                raise DraftHere
            replies.add(
                ticket=ticket,
                sender=Sender.of_staff(by),
                channel="email" if "@" in ticket.requester_address else ticket.channel,
                words=replies.Words(text=texts.said(action.value, action.value_zh, ticket, by)),
            )
        case Kind.SNOOZE:
            until = asleep.moment(action.value)
            if until is None:
                raise snoozes.NoSuchTime
            snoozes.put_to_sleep(ticket=ticket, until=until, by=by)
        case Kind.FOLLOW:
            following.follow(ticket=ticket, person=by, by=by)


def _assignee(value: str, by: Staff) -> Staff | None:
    if value == NOBODY:
        return None
    if value == ME:
        return by
    found = Staff.objects.filter(public_id=value, is_active=True).first()
    if found is None or not found.has(Permission.TICKET_REPLY):
        raise NoSuchAction
    return found


def _team(value: str, by: Staff) -> Team | None:
    found = Team.objects.visible_to(by).filter(slug=value).first() if value != NOBODY else None
    if found is None and value != NOBODY:
        raise NoSuchAction
    return found


def _topic(value: str) -> Topic | None:
    found = Topic.objects.filter(slug=value, is_active=True, parent__isnull=False).first() if value != NOBODY else None
    if found is None and value != NOBODY:
        raise NoSuchAction
    return found
