"""Actions in words, in the reader's language, with the names of what they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from tickets import actions as vocabulary
from tickets.actions import ME, NOBODY, YES, Action, BadActions, Kind
from tickets.models import Ticket, Topic
from tickets.models.ticket import Priority, Status
from tickets.selectors import snoozes

BROKEN = "?"


@dataclass(frozen=True, slots=True)
class Names:
    """What people, teams and topics are called, by the ids that actions keep."""

    staff: Mapping[str, str]
    teams: Mapping[str, str]
    topics: Mapping[str, str]


def read(given: Any) -> tuple[Action, ...]:  # noqa: ANN401 -- JSON
    """Return actions that are kept; none of what a later version has kept."""
    try:
        return vocabulary.read(given)
    except BadActions:
        return ()


def names_in(lists: Iterable[Any], reader: Staff) -> Names:
    """Look up what lists of actions name, of teams those that `reader` may know of; a query for each kind."""
    meant: dict[str, set[str]] = {}
    for given in lists:
        for action in read(given):
            meant.setdefault(action.kind, set()).add(action.value)
    people = meant.get(Kind.ASSIGNEE, set()) - {ME, NOBODY}
    teams, topics = (meant.get(kind, set()) - {NOBODY} for kind in (Kind.TEAM, Kind.TOPIC))
    return Names(
        dict(Staff.objects.filter(public_id__in=people).values_list("public_id", "name")) if people else {},
        dict(Team.objects.visible_to(reader).filter(slug__in=teams).values_list("slug", "name")) if teams else {},
        dict(Topic.objects.filter(slug__in=topics).values_list("slug", "name")) if topics else {},
    )


def described(given: Any, reader: Staff, names: Names | None = None) -> list[str]:  # noqa: ANN401 -- JSON
    """Return one sentence for each action."""
    if names is None:
        names = names_in([given], reader)
    return [_sentence(action, names) for action in read(given)]


def changes(given: Any, ticket: Ticket, reader: Staff) -> list[tuple[str, str]]:  # noqa: ANN401 -- JSON
    """Return what a ticket is now beside what the actions would make of it, for each that changes a property."""
    now = {
        Kind.STATUS: Status(ticket.status).label,
        Kind.PRIORITY: Priority(ticket.priority).label,
        Kind.TEAM: ticket.team.name if ticket.team else _("No team"),
        Kind.ASSIGNEE: ticket.assignee.name if ticket.assignee else _("Nobody"),
        Kind.TOPIC: ticket.topic.name if ticket.topic else _("No topic"),
    }
    names = names_in([given], reader)
    return [(str(now.get(action.kind, "")), _sentence(action, names)) for action in read(given)]  # type: ignore[call-overload]


def _sentence(action: Action, names: Names) -> str:
    value = action.value
    match action.kind:
        case Kind.TEAM:
            return _("Move to %(team)s") % {"team": names.teams.get(value, BROKEN)} if value != NOBODY else _("No team")
        case Kind.ASSIGNEE:
            return _assigned(value, names)
        case Kind.TOPIC:
            topic = _("none") if value == NOBODY else names.topics.get(value, BROKEN)
            return _("Topic: %(topic)s") % {"topic": topic}
        case Kind.PRIORITY:
            return _("Priority: %(priority)s") % {"priority": Priority(value).label}
        case Kind.STATUS:
            return _("Status: %(status)s") % {"status": Status(value).label}
        case Kind.ADD_TAGS:
            return _("Add tags: %(tags)s") % {"tags": ", ".join(action.tags)}
        case Kind.REMOVE_TAGS:
            return _("Take off tags: %(tags)s") % {"tags": ", ".join(action.tags)}
        case _:
            return _other(action)


def _assigned(value: str, names: Names) -> str:
    if value == ME:
        return _("Assign to me")
    if value == NOBODY:
        return _("Assign to nobody")
    return _("Assign to %(name)s") % {"name": names.staff.get(value, BROKEN)}


def _other(action: Action) -> str:
    match action.kind:
        case Kind.SPAM:
            return _("Put aside as spam") if action.value == YES else _("Not spam")
        case Kind.NOTE:
            return _("Add an internal note: %(text)s") % {"text": _short(action.value)}
        case Kind.REPLY:
            return _("Send to the customer: %(text)s") % {"text": _short(action.value)}
        case Kind.SNOOZE:
            labels = {one.code: one.label for one in snoozes.presets()}
            return _("Snooze: %(until)s") % {"until": labels.get(action.value, BROKEN)}
        case _:
            return _("Follow the ticket")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[:79]}…" if len(line) > 80 else line
