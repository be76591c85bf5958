"""What stands in the middle pane: a view of everybody's or a saved one, narrowed and in another order if asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from accounts.models import Staff, Team
from tickets.models import SavedView
from tickets.models.saved_view import Column, Grouping, Sort, usual_columns
from tickets.models.ticket import TicketQuerySet
from tickets.search.conditions import read_conditions, written
from tickets.search.language import Query, QueryError
from tickets.selectors import orders, queue, saved_views
from tickets.selectors.orders import Order
from tickets.selectors.queue import Page, Row

# Columns that a row has to be asked for.
ASKED_FOR: Final = {
    Column.TEAM: "team__name",
    Column.TOPIC: "topic__name",
    Column.LANGUAGE: "language",
    Column.CREATED: "created_at",
    Column.WAITING: "waiting_since",
}
# When a case wakes: a column of the one view of what sleeps.
WAKES, WAKES_AT = "wakes", "wakes_at"
# What the views of everybody hold, as conditions.
_AS_CONDITIONS: Final = {
    "mine": "is:open assignee:me",
    "unassigned": "is:unassigned",
    queue.DUE: "is:open -sla:none",
    "open": "is:open",
    "resolved": "status:resolved status:closed",
    "spam": "is:spam",
    queue.SNOOZED: "is:snoozed assignee:me",
}


class UnknownOrderError(ValueError):
    """There is no such order or grouping."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for once: conditions, an order and a grouping, or nothing."""

    q: str = ""
    sort: str = ""
    group: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether the view is looked at as it is."""
        return not (self.q or self.sort or self.group)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of cases. Without `tickets` its conditions cannot be read: `wrong` says why.

    `is_broken`: what is kept of it cannot be read, and not what was asked for once.
    """

    slug: str
    name: str
    wanted: Wanted
    order: Order
    grouping: str
    columns: frozenset[str]
    more: tuple[str, ...]
    tickets: TicketQuerySet | None
    view: SavedView | None = None
    query: Query | None = None
    wrong: QueryError | None = None
    is_broken: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a view of everybody's as it is."""
        return self.view is None and self.wanted.is_nothing

    def page(self, person: Staff, teams: Sequence[Team], after: str = "") -> Page:
        """Return a page of rows, none of what is wrong; one query. Raises BadCursorError."""
        if self.is_plain and not after and not self.more:
            first = queue.first_page(self.slug, person, teams)
            return first or Page((), "")
        if self.tickets is None:
            return Page((), "")
        return queue.page(tickets=self.tickets, order=self.order, after=after, size=queue.PAGE_SIZE, more=self.more)

    def some(self, public_ids: Sequence[str]) -> list[Row]:
        """Return those of these cases that are in it, in its order; one query."""
        if self.tickets is None:
            return []
        return queue.some(tickets=self.tickets, public_ids=public_ids, order=self.order, more=self.more)

    def conditions(self) -> str:
        """Return everything that holds here as conditions, for a view to be made of it."""
        if self.view is not None:
            kept = self.view.query
        elif self.slug.startswith(queue.TEAM_PREFIX):
            kept = f"is:open {written('team', self.slug.removeprefix(queue.TEAM_PREFIX))}"
        else:
            kept = _AS_CONDITIONS.get(self.slug, "")
        return f"{kept} {self.wanted.q}".strip()


def listing(slug: str, person: Staff, teams: Sequence[Team], wanted: Wanted) -> Listing | None:
    """Return the list of this slug; None for one that is not there for `person`. Raises UnknownOrderError."""
    if slug.startswith(saved_views.PREFIX):
        view = saved_views.find(slug, person)
        return _saved(view, person, teams, wanted) if view else None
    known = queue.team_views(teams) if slug.startswith(queue.TEAM_PREFIX) else queue.views()
    fixed = next((one for one in known if one.slug == slug), None)
    tickets = queue.tickets_of(slug, person, teams) if fixed else None
    if fixed is None or tickets is None:
        return None
    order = _order(wanted, "", "") if wanted.sort or wanted.group else queue.order_of(slug)
    columns = frozenset(usual_columns())
    more: tuple[str, ...] = ()
    if slug == queue.SNOOZED:
        columns, more = columns | {WAKES}, (WAKES_AT,)
        tickets = tickets.annotate(**{WAKES_AT: orders.WAKING.keys[0].expression})
    made = Listing(slug, fixed.name, wanted, order, wanted.group, columns, more, tickets)
    return _narrowed(made, person)


def _saved(view: SavedView, person: Staff, teams: Sequence[Team], wanted: Wanted) -> Listing:
    order = _order(wanted, view.sort, view.grouping)
    columns = frozenset(view.columns)
    more = tuple(field for name, field in ASKED_FOR.items() if name in columns)
    grouping = wanted.group or view.grouping
    tickets, wrong = None, None
    try:
        tickets = saved_views.tickets_of(view, person, teams)
    except QueryError as error:
        wrong = error
    slug = saved_views.slug_of(view)
    made = Listing(
        slug, view.name, wanted, order, grouping, columns, more, tickets,
        view=view, wrong=wrong, is_broken=wrong is not None,
    )  # fmt: skip
    return _narrowed(made, person)


def _narrowed(made: Listing, person: Staff) -> Listing:
    if not made.wanted.q or made.tickets is None:
        return made
    query, tickets, wrong = None, None, None
    try:
        query = read_conditions(made.wanted.q)
        tickets = saved_views.narrowed(made.tickets, made.wanted.q, person)
    except QueryError as error:
        wrong = error
    return replace(made, tickets=tickets, query=query, wrong=wrong)


def _order(wanted: Wanted, sort: str, grouping: str) -> Order:
    sort = wanted.sort or sort or Sort.ACTIVE_LAST
    grouping = wanted.group or grouping
    if sort not in Sort.values or grouping not in Grouping.values:
        raise UnknownOrderError
    return orders.order(sort, grouping)
