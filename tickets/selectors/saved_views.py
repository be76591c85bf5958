"""Saved views as their reader has them: which there are, what their conditions mean, how many cases each holds."""

from collections.abc import Sequence
from functools import lru_cache

from accounts.models import Staff, Team
from core.compiled import Compiled, counted
from tickets.models import SavedView, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.search.conditions import read_conditions
from tickets.search.language import Query, QueryError
from tickets.selectors import queue
from tickets.selectors.queue import Shape, keys_of
from tickets.selectors.search_names import Keys, Names
from tickets.selectors.search_terms import meaning

PREFIX = "v-"
# So many stand in the left pane, whose counts are one statement: whoever is in many teams has no more either.
MOST_LISTED = 60
# Combinations of views that are counted together: compiled statements kept in a process.
KEPT = 128


def slug_of(view: SavedView) -> str:
    """Return what a view is called in addresses."""
    return f"{PREFIX}{view.public_id}"


def listed(person: Staff) -> list[SavedView]:
    """Return the views that `person` may look at: their own, their teams', everybody's, each in order; one query."""
    found = SavedView.objects.usable_by(person).select_related("team").order_by("position", "pk")[:MOST_LISTED]
    places = {"own": 0, "team": 1, "everyone": 2}
    return sorted(found, key=lambda view: places[view.scope])


def find(slug: str, person: Staff) -> SavedView | None:
    """Return a view by its slug if `person` may look at it."""
    if not slug.startswith(PREFIX):
        return None
    views = SavedView.objects.usable_by(person).select_related("team")
    return views.filter(public_id=slug.removeprefix(PREFIX)).first()


def editable(person: Staff, slug: str) -> SavedView | None:
    """Return a view by its slug if `person` may change it."""
    views = SavedView.objects.editable_by(person).select_related("team")
    return views.filter(public_id=slug.removeprefix(PREFIX)).first() if slug.startswith(PREFIX) else None


def tickets_of(view: SavedView, person: Staff, teams: Sequence[Team] | None = None) -> TicketQuerySet:
    """Return the visible cases that fit, unordered. Raises QueryError for conditions that no longer mean anything."""
    asked = meaning(read_conditions(view.query), person, Names(person, all_tags=True))
    return Ticket.objects.visible_to(person, teams).filter(asked.tickets)


def narrowed(tickets: TicketQuerySet, text: str, person: Staff) -> TicketQuerySet:
    """Return those of these cases that fit what was typed. Raises QueryError."""
    # Whether spam is among them is said by the list that is narrowed.
    return tickets.filter(meaning(read_conditions(text), person, is_spam_told=True).tickets)


def fitting(text: str, person: Staff) -> TicketQuerySet:
    """Return the visible cases that fit; spam only where it is asked for. Raises QueryError."""
    return Ticket.objects.visible_to(person).filter(meaning(read_conditions(text), person).tickets)


def how_many(text: str, person: Staff) -> int:
    """Return how many visible cases fit, none counted beyond the cap. Raises QueryError."""
    tickets = fitting(text, person)
    return tickets.order_by()[: queue.COUNT_CAP + 1].count()


def counts(views: Sequence[SavedView], person: Staff, teams: Sequence[Team]) -> dict[str, int | None]:
    """Return how many cases each view holds, by slug, none counted beyond 1,000; None for one that is broken.

    One query, and one for each kind of name that the views look up; `teams` are the visible ones.
    """
    if not views:
        return {}
    texts = tuple(view.query for view in views)
    names = Names.of((query for text in texts if (query := _read(text))), person, teams)
    statement, broken = _counting(Shape.of(person, teams), texts, names.key, queue.COUNT_CAP)
    (found,) = statement.run(keys_of(person, teams))
    return {
        slug_of(view): None if is_broken else number
        for view, number, is_broken in zip(views, found, broken, strict=True)
    }


def _read(text: str) -> Query | None:
    try:
        return read_conditions(text)
    except QueryError:
        return None


@lru_cache(maxsize=KEPT)
def _counting(
    shape: Shape, texts: tuple[str, ...], known: tuple[tuple[tuple[str, str], Keys], ...], cap: int
) -> tuple[Compiled, tuple[bool, ...]]:
    person, teams = shape.stand_ins()
    names = Names(person, all_tags=True, known=dict(known))
    sets: list[TicketQuerySet] = []
    broken: list[bool] = []
    for text in texts:
        try:
            asked = meaning(read_conditions(text), person, names)
        except QueryError:
            sets.append(Ticket.objects.none())
            broken.append(True)
        else:
            sets.append(Ticket.objects.visible_to(person, teams).filter(asked.tickets))
            broken.append(False)
    return counted(sets, cap=cap), tuple(broken)
