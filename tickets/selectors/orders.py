"""Orders of lists of cases, and the places in them that pages begin behind."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import models
from django.db.models import Case, F, OrderBy, OuterRef, Q, Subquery, Value, When

from tickets.models import Snooze
from tickets.models.ticket import URGENCY, Status, TicketQuerySet

LARGEST = 2**63 - 1


class BadCursorError(ValueError):
    """The cursor is not one that this list gave out."""


class Key(NamedTuple):
    """One thing that is compared. What has no value comes last, whatever the direction."""

    name: str
    expression: Any
    kind: type
    is_descending: bool = False
    is_nullable: bool = False

    @property
    def alias(self) -> str:
        """The name of its column in the answer."""
        return f"key_{self.name}"

    @property
    def ordering(self) -> OrderBy:
        """What stands behind ORDER BY."""
        nulls = {"nulls_last": True} if self.is_nullable else {}
        return F(self.alias).desc(**nulls) if self.is_descending else F(self.alias).asc(**nulls)

    def same(self, value: object) -> Q:
        """Rows that are equal in it."""
        return Q(**{f"{self.alias}__isnull": True}) if value is None else Q(**{self.alias: value})

    def beyond(self, value: object) -> Q | None:
        """Rows that come later by it alone; None where nothing can."""
        if value is None:
            return None
        later = Q(**{f"{self.alias}__{'lt' if self.is_descending else 'gt'}": value})
        return later | Q(**{f"{self.alias}__isnull": True}) if self.is_nullable else later


@dataclass(frozen=True, slots=True)
class Order:
    """Keys, the last of which no two cases share; the first `group_size` of them put cases together."""

    name: str
    keys: tuple[Key, ...]
    group_size: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a page reads beside its own."""
        return tuple(key.alias for key in self.keys)

    def listed(self, tickets: TicketQuerySet, after: str = "") -> TicketQuerySet:
        """Put in order, behind the place of a cursor if there is one. Raises BadCursorError."""
        found = tickets.annotate(**{key.alias: key.expression for key in self.keys})
        if after:
            found = found.filter(self._behind(self._read(after)))
        return found.order_by(*(key.ordering for key in self.keys))

    def cursor(self, values: Sequence[object]) -> str:
        """Pack the place of a row with these values of the keys."""
        packed = [value.isoformat() if isinstance(value, datetime) else value for value in values]
        return base64.urlsafe_b64encode(json.dumps([self.name, *packed]).encode()).decode().rstrip("=")

    def group_at(self, after: str) -> tuple[object, ...]:
        """Return the group in which the page before ended. Raises BadCursorError."""
        return tuple(self._read(after)[: self.group_size]) if after else ()

    def _behind(self, values: Sequence[object]) -> Q:
        behind, equal = Q(pk__in=()), Q()
        for key, value in zip(self.keys, values, strict=True):
            if (later := key.beyond(value)) is not None:
                behind |= equal & later
            equal &= key.same(value)
        first, value = self.keys[0], values[0]
        if first.is_nullable or value is None:
            return behind
        # Said once more in a way that an index serves.
        return behind & Q(**{f"{first.alias}__{'lte' if first.is_descending else 'gte'}": value})

    def _read(self, cursor: str) -> list[object]:
        try:
            found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
            name, *values = found
            if name != self.name or len(values) != len(self.keys):
                raise BadCursorError(cursor)
            return [_value(key, value) for key, value in zip(self.keys, values, strict=True)]
        except (binascii.Error, ValueError, TypeError, RecursionError) as error:
            raise BadCursorError(cursor) from error


def _value(key: Key, value: object) -> object:
    if value is None and key.is_nullable:
        return None
    if key.kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment
    is_number = key.kind is int and type(value) is int and abs(value) <= LARGEST
    if is_number or (key.kind is str and isinstance(value, str) and "\0" not in value):
        return value
    raise ValueError(value)


_STATUS: Final = Case(
    *(When(status=value, then=Value(rank)) for rank, value in enumerate(Status.values)),
    default=Value(len(Status.values)),
    output_field=models.SmallIntegerField(),
)
_ID: Final = Key("id", F("id"), int)
_ID_BACK: Final = Key("id", F("id"), int, is_descending=True)


def _by(name: str, column: Any, kind: type, *, is_nullable: bool = False) -> dict[str, tuple[Key, ...]]:  # noqa: ANN401 -- an expression or its name
    expression = F(column) if isinstance(column, str) else column
    rising = Key(name, expression, kind, is_nullable=is_nullable)
    return {name: (rising, _ID), f"-{name}": (rising._replace(is_descending=True), _ID_BACK)}


_URGENT: Final = Key("priority", URGENCY, int)
SORTS: Final[dict[str, tuple[Key, ...]]] = {
    **_by("updated", "updated_at", datetime),
    **_by("created", "created_at", datetime),
    **_by("waiting", "waiting_since", datetime, is_nullable=True),
    **_by("due", "due_at", datetime, is_nullable=True),
    # The rank of what is most urgent is the lowest.
    "-priority": (_URGENT, _ID),
    "priority": (_URGENT._replace(is_descending=True), _ID_BACK),
    **_by("number", "number", int),
}
GROUPS: Final[dict[str, tuple[Key, ...]]] = {
    "": (),
    "status": (Key("group", _STATUS, int),),
    "priority": (Key("group", URGENCY, int),),
    "assignee": (
        Key("group", F("assignee__name"), str, is_nullable=True),
        Key("group_id", F("assignee_id"), int, is_nullable=True),
    ),
    "team": (
        Key("group", F("team__name"), str, is_nullable=True),
        Key("group_id", F("team_id"), int, is_nullable=True),
    ),
}
USUAL: Final = Order("usual", SORTS["-updated"])
# Where every case has a deadline.
DEADLINES: Final = Order("deadlines", (Key("due", F("due_at"), datetime), _ID))
# What is missed first; without a promise the newest activity.
MINE: Final = Order("mine", (Key("due", F("due_at"), datetime, is_nullable=True), *SORTS["-updated"]))
_SLEEPS: Final = Snooze.objects.filter(ticket=OuterRef("pk"), ended_at__isnull=True)
WAKING: Final = Order("waking", (Key("wakes", Subquery(_SLEEPS.values("until")[:1]), datetime, is_nullable=True), _ID))


def order(sort: str, grouping: str = "") -> Order:
    """Return the order of a view. Raises KeyError for one that is not there."""
    groups = GROUPS[grouping]
    return Order(f"{sort}|{grouping}", (*groups, *SORTS[sort]), len(groups))


def write_cursor(at: datetime, pk: int) -> str:
    """Pack a place in a list by time alone."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Unpack a place in a list by time alone; raises BadCursorError."""
    try:
        at, _space, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().rpartition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise BadCursorError(cursor)
        return moment, int(pk)
    except (binascii.Error, ValueError, UnicodeDecodeError) as error:
        raise BadCursorError(cursor) from error
