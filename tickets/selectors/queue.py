"""Queues: views with live counts and keyset pages of rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core.clock import DatabaseNow
from core.compiled import Compiled, compiled, counted, stand_in
from security import fund_states
from tickets.models import Alarm, InboundMail, OutboundMail, Snooze, Tag, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import escalations, orders, staff_notices
from tickets.selectors.orders import Order
from tickets.selectors.people import PersonShown, masked_address, name_of_customer, staff_named

PAGE_SIZE = 50
COUNT_CAP = 1000
TEAM_PREFIX = "team-"
QUARANTINE, ALARMS, ALARMS_NEW, APPROVALS = "quarantine", "alarms", "alarms-new", "approvals"
ESCALATIONS: Final = "escalations"
NOTICES: Final = "notices"
# The views everybody has.
COMMON: Final = ("mine", "unassigned", "due", "open", "snoozed", "resolved", "spam")
DUE: Final = "due"
# What one has put to sleep, what wakes first on top.
SNOOZED: Final = "snoozed"
# In these views what is missed first comes first; in the others the newest activity.
_ORDERS: Final = {DUE: orders.DEADLINES, "mine": orders.MINE, SNOOZED: orders.WAKING}
SETTLED: Final = frozenset({"resolved", "closed"})
TEAM_COLUMNS: Final = tuple(field.attname for field in Team._meta.concrete_fields)
# Stand-in 0 is the person.
FIRST_TEAM = 1
# Roles times numbers of teams times views: compiled statements kept in a process.
SHAPES_KEPT = 256


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the left pane."""

    slug: str
    name: str
    icon: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class RowRequester:
    """Who asks, in a queue row."""

    name: str
    proof: str
    address: str


@dataclass(frozen=True, slots=True)
class Due:
    """The promise that is missed next, or was: when, when that was near, and the database's time beside it."""

    metric: str
    at: datetime
    warn_at: datetime | None
    now: datetime

    @property
    def tone(self) -> str:
        """Return how urgent it looks."""
        if self.at <= self.now:
            return "tone-bad"
        return "tone-warn" if self.warn_at and self.warn_at <= self.now else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in a queue."""

    public_id: str
    number: int
    subject: str
    channel: str
    requester: RowRequester
    last_line: str
    last_is_ours: bool
    tags: tuple[str, ...]
    status: str
    priority: str
    assignee: PersonShown | None
    updated_at: datetime
    is_unread: bool
    has_failed: bool
    due: Due | None
    # Values of columns that a view has chosen, and of the group that it belongs to there.
    more: tuple[Any, ...] = ()
    group: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and the cursor of the next page or ''."""

    rows: tuple[Row, ...]
    next_cursor: str


def views() -> tuple[View, ...]:
    """Return the views everybody has."""
    return (
        View("mine", _("Mine"), "person", "m"),
        View("unassigned", _("Unassigned"), "person-none", "u"),
        View(DUE, _("Due first"), "clock", "d"),
        View("open", _("All open"), "stack", "o"),
        View(SNOOZED, _("Snoozed"), "moon", "s"),
        View("resolved", _("Resolved"), "check-circle", "r"),
        View("spam", _("Spam"), "shield-alert"),
    )


def visible_teams(person: Staff) -> list[Team]:
    """Return the teams whose queues `person` may see; one query."""
    statement = _teams(Shape.of(person, ()))
    found = statement.run(keys_of(person, ())) if statement else []
    return [Team.from_db(None, TEAM_COLUMNS, values) for values in found]


def team_views(teams: Sequence[Team]) -> tuple[View, ...]:
    """Return one view for each team."""
    return tuple(View(f"{TEAM_PREFIX}{team.slug}", team.name, "people") for team in teams)


def tickets_of(view: str, person: Staff, teams: Sequence[Team] | None = None) -> TicketQuerySet | None:
    """Return the visible tickets of a view, unordered; None for a view that is not there for `person`.

    `teams` are the visible ones where the caller has read them already.
    """
    if view.startswith(TEAM_PREFIX):
        team = _team_of(view, visible_teams(person) if teams is None else teams)
        # What belongs to a visible team is visible.
        return Ticket.objects.active().filter(~_asleep_for(person), team=team) if team else None
    visible = Ticket.objects.visible_to(person, teams)
    if view == SNOOZED:
        return visible.active().filter(_asleep_for(person))
    awake = visible.filter(~_asleep_for(person))
    if view == "mine":
        return awake.active().filter(assignee=person)
    if view == "unassigned":
        return awake.unassigned()
    if view == DUE:
        return awake.due()
    if view == "open":
        return awake.active()
    if view == "resolved":
        return visible.resolved()
    return visible.filter(is_spam=True) if view == "spam" else None


def _asleep_for(person: Staff) -> Exists:
    """Whether a case was put to sleep out of this person's queues."""
    return Exists(Snooze.objects.filter(ticket=OuterRef("pk"), owner=person, ended_at__isnull=True))


def _team_of(view: str, teams: Sequence[Team]) -> Team | None:
    return next((team for team in teams if f"{TEAM_PREFIX}{team.slug}" == view), None)


def order_of(view: str) -> Order:
    """Return the order of a view that everybody or a team has."""
    return _ORDERS.get(view, orders.USUAL)


def page(
    *, tickets: TicketQuerySet, order: Order, after: str = "", size: int = PAGE_SIZE, more: tuple[str, ...] = ()
) -> Page:
    """Return `size` rows after the cursor, with `more` columns, in one query. Raises BadCursorError."""
    found = order.listed(tickets, after)
    return _page(list(_listed(found, (*more, *order.columns))[: size + 1]), size, order)


def first_page(view: str, person: Staff, teams: Sequence[Team]) -> Page | None:
    """Return what `page` returns for the beginning of a view; None for a view that is not there for `person`.

    `teams` are the visible ones. Its statement is compiled once for people alike (see Shape).
    """
    if view.startswith(TEAM_PREFIX):
        team = _team_of(view, teams)
        if team is None:
            return None
        view, teams = f"{TEAM_PREFIX}{FIRST_TEAM}", [team]
    elif view not in COMMON:
        return None
    statement = _first_page(view, Shape.of(person, teams))
    return _page(statement.run(keys_of(person, teams)) if statement else [], PAGE_SIZE, order_of(view))


def some(
    *, tickets: TicketQuerySet, public_ids: Collection[str], order: Order, more: tuple[str, ...] = ()
) -> list[Row]:
    """Return the rows of those of these tickets that are in the view, in its order; one query."""
    found = order.listed(tickets.filter(public_id__in=public_ids))
    return [_row(values, order) for values in _listed(found, (*more, *order.columns))]


def rows_of(tickets: TicketQuerySet, keys: Collection[int]) -> dict[int, Row]:
    """Return the rows of those of these tickets that have such keys, by key; one query."""
    return {values[0]: _row(values) for values in _listed(tickets.filter(pk__in=keys))}


def counts(person: Staff, teams: Sequence[Team] | None = None) -> dict[str, int]:
    """Return how many tickets each view holds, none counted beyond 1,000, in one query and a bounded time.

    `teams` are the visible ones where the caller has read them already.
    """
    if teams is None:
        teams = visible_teams(person)
    (found,) = _counting(Shape.of(person, teams), COUNT_CAP).run(keys_of(person, teams))
    return dict(zip(_counted(person, teams), found, strict=True))


def _counted(person: Staff, teams: Sequence[Team]) -> list[str]:
    names = [*COMMON, *(f"{TEAM_PREFIX}{team.slug}" for team in teams)]
    if person.has(Permission.QUARANTINE_VIEW):
        names.append(QUARANTINE)
    if person.has(Permission.SYSTEM_WATCH):
        names += [ALARMS, ALARMS_NEW]
    if person.has(Permission.FUND_APPROVE):
        names.append(APPROVALS)
    names += [ESCALATIONS, NOTICES]
    return names


def shown_count(count: int) -> str:
    """Return a count as the desk shows it: `1,000+` at the cap; nothing at all means that it is not known."""
    return "1,000+" if count >= COUNT_CAP else str(count)


class _Columns(NamedTuple):
    """What the one query returns for a row: values, because three instances a row took longer than the query."""

    pk: int
    public_id: str
    number: int
    subject: str
    channel: str
    requester__name: str
    requester__public_id: str
    requester_address: str
    is_requester_proven: bool
    last_line: str
    last_direction: str
    tag_names: list[str]
    status: str
    priority: str
    assignee__public_id: str | None
    assignee__name: str | None
    updated_at: datetime
    has_failed: bool
    due_metric: str
    due_at: datetime | None
    warn_at: datetime | None
    now: datetime


class Shape(NamedTuple):
    """What the text of a statement depends on. Who asks, and for which teams, are values in it."""

    role: str
    is_active: bool
    teams: int

    @classmethod
    def of(cls, person: Staff, teams: Sequence[Team]) -> Self:
        """Return the shape that this person shares with those of the same role and number of teams."""
        return cls(person.role, person.is_active, len(teams))

    def stand_ins(self) -> tuple[Staff, list[Team]]:
        """Return a person and teams to build querysets with, for whom `keys_of` has the keys."""
        person = Staff(pk=stand_in(0), role=self.role, is_active=self.is_active)
        return person, [Team(pk=stand_in(number), slug=str(number)) for number in range(FIRST_TEAM, self.teams + 1)]


def keys_of(person: Staff, teams: Sequence[Team]) -> dict[int, int]:
    """Return the keys that stand for those of `Shape.stand_ins`."""
    return {stand_in(number): one.pk for number, one in enumerate([person, *teams])}


@lru_cache(maxsize=SHAPES_KEPT)
def _teams(shape: Shape) -> Compiled | None:
    person, _none = shape.stand_ins()
    return compiled(Team.objects.visible_to(person).order_by("name").values_list(*TEAM_COLUMNS))


@lru_cache(maxsize=SHAPES_KEPT)
def _counting(shape: Shape, cap: int) -> Compiled:
    person, teams = shape.stand_ins()
    return counted([_set(view, person, teams) for view in _counted(person, teams)], cap=cap)


def _set(view: str, person: Staff, teams: Sequence[Team]) -> "QuerySet[Any]":
    if view == QUARANTINE:
        seen = Q(mailbox__team__isnull=True) | Q(mailbox__team__in=[team.pk for team in teams])
        return InboundMail.objects.filter(seen, state="quarantined")
    if view == ALARMS:
        return Alarm.objects.open()
    if view == ALARMS_NEW:
        return Alarm.objects.open().unattended()
    if view == APPROVALS:
        return fund_states.waiting_for(person)
    if view == ESCALATIONS:
        return escalations.waiting_for(person, Ticket.objects.visible_to(person, teams))
    if view == NOTICES:
        return staff_notices.new_for(person, Ticket.objects.visible_to(person, teams))
    tickets = tickets_of(view, person, teams)
    return Ticket.objects.none() if tickets is None else tickets


@lru_cache(maxsize=SHAPES_KEPT)
def _first_page(view: str, shape: Shape) -> Compiled | None:
    tickets = tickets_of(view, *shape.stand_ins())
    return None if tickets is None else compiled(_listed_first(tickets, order_of(view)))


def forget_statements() -> None:
    """Compile the statements of all shapes anew at their next use."""
    for kept in (_teams, _counting, _first_page):
        kept.cache_clear()


def _listed_first(tickets: TicketQuerySet, order: Order) -> "QuerySet[Ticket, tuple[Any, ...]]":
    return _listed(order.listed(tickets), order.columns)[: PAGE_SIZE + 1]


def _listed(tickets: TicketQuerySet, more: tuple[str, ...] = ()) -> "QuerySet[Ticket, tuple[Any, ...]]":
    failed = OutboundMail.objects.filter(message__ticket=OuterRef("pk"), state__in=OutboundMail.BROKEN)
    tags = ArraySubquery(Tag.objects.filter(tickets=OuterRef("pk")).order_by().values("name"))
    shown = tickets.annotate(has_failed=Exists(failed), tag_names=tags, now=DatabaseNow())
    return shown.values_list(*_Columns._fields, *more)


def _page(listed: Sequence[tuple[Any, ...]], size: int, order: Order) -> Page:
    rows = tuple(_row(values, order) for values in listed[:size])
    has_more = len(listed) > size
    return Page(rows, order.cursor(listed[size - 1][-len(order.keys) :]) if has_more else "")


def _row(values: tuple[Any, ...], order: Order | None = None) -> Row:
    own = len(_Columns._fields)
    found = _Columns._make(values[:own])
    keys = len(order.keys) if order else 0
    grouped = values[len(values) - keys :][: order.group_size] if order else ()
    address = found.requester_address
    return Row(
        public_id=found.public_id,
        number=found.number,
        subject=found.subject,
        channel=found.channel,
        requester=RowRequester(
            name_of_customer(found.requester__name, found.requester__public_id, address),
            "proven" if found.is_requester_proven else "unproven",
            masked_address(address),
        ),
        last_line=found.last_line,
        last_is_ours=found.last_direction == "out",
        tags=tuple(sorted(found.tag_names)),
        status=found.status,
        priority=found.priority,
        assignee=staff_named(found.assignee__public_id, found.assignee__name)
        if found.assignee__public_id and found.assignee__name is not None
        else None,
        updated_at=found.updated_at,
        is_unread=found.status not in SETTLED and found.last_direction == "in",
        has_failed=found.has_failed,
        due=Due(found.due_metric, found.due_at, found.warn_at, found.now)
        if found.due_at and found.status not in SETTLED
        else None,
        more=values[own : len(values) - keys],
        group=grouped,
    )
