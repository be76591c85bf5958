"""Actions on one ticket as macros and bulk changes keep them: a closed list, each at most once. No row is read here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.permissions import Permission
from tickets.models.ticket import Priority, Status

VERSION: Final = 1
LONGEST: Final = 5_000
MOST_TAGS: Final = 20
ME, NOBODY, YES, NO = "me", "nobody", "yes", "no"


class Kind(models.TextChoices):
    """What can be done, in the order in which it is done. Nothing here is about funds."""

    TEAM = "team", pgettext_lazy("action on a ticket", "Team")
    ASSIGNEE = "assignee", pgettext_lazy("action on a ticket", "Assignee")
    TOPIC = "topic", pgettext_lazy("action on a ticket", "Topic")
    PRIORITY = "priority", pgettext_lazy("action on a ticket", "Priority")
    ADD_TAGS = "add_tags", pgettext_lazy("action on a ticket", "Add tags")
    REMOVE_TAGS = "remove_tags", pgettext_lazy("action on a ticket", "Take off tags")
    SPAM = "spam", pgettext_lazy("action on a ticket", "Spam")
    NOTE = "note", pgettext_lazy("action on a ticket", "Internal note")
    REPLY = "reply", pgettext_lazy("action on a ticket", "Reply to the customer")
    STATUS = "status", pgettext_lazy("action on a ticket", "Status")
    SNOOZE = "snooze", pgettext_lazy("action on a ticket", "Snooze")
    FOLLOW = "follow", pgettext_lazy("action on a ticket", "Follow")


ORDER: Final = {str(kind): place for place, kind in enumerate(Kind)}
# Values that are known without asking the database.
CLOSED: Final[Mapping[str, frozenset[str]]] = {
    Kind.PRIORITY: frozenset(Priority.values),
    Kind.STATUS: frozenset(Status.values) - {Status.NEW},
    Kind.SPAM: frozenset({YES, NO}),
    Kind.SNOOZE: frozenset({"hour", "evening", "tomorrow", "monday"}),
    Kind.FOLLOW: frozenset({YES}),
}
TAGGING: Final = frozenset({Kind.ADD_TAGS, Kind.REMOVE_TAGS})
TEXTS: Final = frozenset({Kind.NOTE, Kind.REPLY})
# What each needs beside the right to see the ticket; everything else needs the right to change it.
_NEEDS: Final[Mapping[str, Permission]] = {
    Kind.NOTE: Permission.TICKET_NOTE,
    Kind.REPLY: Permission.TICKET_REPLY,
    Kind.FOLLOW: Permission.TICKET_VIEW,
}


class BadActions(ValueError):
    """What was given is no list of actions."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `value` is a word of the list, an id, tags between commas, or a text; `value_zh` its Chinese."""

    kind: str
    value: str
    value_zh: str = ""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that are meant."""
        names = (" ".join(name.lower().split()) for name in self.value.split(","))
        return tuple(dict.fromkeys(name for name in names if name))

    @property
    def needs(self) -> frozenset[Permission]:
        """Which rights it takes by hand."""
        needed = {_NEEDS.get(self.kind, Permission.TICKET_UPDATE)}
        if (self.kind, self.value) == (Kind.SPAM, NO):
            needed.add(Permission.SPAM_RELEASE)
        return frozenset(needed)


def read(given: Any) -> tuple[Action, ...]:  # noqa: ANN401 -- JSON
    """Return what is kept as JSON. Raises BadActions for everything that this version does not know."""
    if given == {}:
        return ()
    if not isinstance(given, dict) or given.keys() != {"version", "actions"} or given["version"] != VERSION:
        raise BadActions("This is no list of actions of version 1.")
    if not isinstance(given["actions"], list):
        raise BadActions("The actions are a list.")
    return in_order(_one(entry) for entry in given["actions"])


def written(actions: Iterable[Action]) -> dict[str, Any]:
    """Return actions as JSON, with the version; {} for none."""
    entries = []
    for action in in_order(actions):
        entry = {"kind": str(action.kind), "value": action.value}
        entries.append({**entry, "value_zh": action.value_zh} if action.value_zh else entry)
    return {"version": VERSION, "actions": entries} if entries else {}


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return actions in the order in which they are done. Raises BadActions for what cannot be or is there twice."""
    found = sorted(actions, key=lambda one: ORDER.get(one.kind, 0))
    for action in found:
        _check(action)
    if len({one.kind for one in found}) < len(found):
        raise BadActions("Each kind of action is there once.")
    return tuple(found)


def _one(entry: object) -> Action:
    if not isinstance(entry, dict) or not {"kind", "value"} <= entry.keys() <= {"kind", "value", "value_zh"}:
        raise BadActions("An action has a kind and a value.")
    if not all(isinstance(value, str) for value in entry.values()):
        raise BadActions("Kinds and values are texts.")
    return Action(**entry)


def _check(action: Action) -> None:
    known = CLOSED.get(action.kind)
    if action.kind not in ORDER or (known is not None and action.value not in known):
        raise BadActions("There is no such action.")
    if action.kind in TAGGING and not 0 < len(action.tags) <= MOST_TAGS:
        raise BadActions("Name one to twenty tags.")
    if action.value_zh and action.kind not in TEXTS:
        raise BadActions("Only texts have a Chinese value.")
    if not action.value.strip() or max(len(action.value), len(action.value_zh)) > LONGEST:
        raise BadActions("A value is missing, or too long.")
