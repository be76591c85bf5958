"""The search over everything: what a query finds among the tickets that its reader may see, the best first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.contrib.postgres.search import SearchRank
from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Staff
from tickets.models import SearchEntry
from tickets.models.search import Matches
from tickets.models.ticket import TicketQuerySet
from tickets.search.language import Query, Term, read
from tickets.selectors import orders, queue, search_snippets
from tickets.selectors.orders import BadCursorError
from tickets.selectors.queue import Row
from tickets.selectors.search_snippets import Snippet
from tickets.selectors.search_terms import Meaning, meaning, together, within

PAGE_SIZE = 50
# So many entries are ranked; beyond them the search says that there are more.
MOST_HITS = 1_000
SNIPPETS_EACH = 2
# So many of the newest entries are looked through first: what is common is among them.
NEWEST: Final = 50_000
_CURSOR: Final = re.compile(r"(\d{1,18})\.([01])\.(\d{1,9})\.(\d{1,18})")
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """One ticket that was found, and where in it."""

    row: Row
    snippets: tuple[Snippet, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of what was found; `count` is of tickets, or None where nobody counted."""

    hits: tuple[Hit, ...]
    next_cursor: str
    count: int | None
    has_more_than_ranked: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """A ticket's place in the order: found in the head, how well, how new."""

    ticket: int
    is_head: int
    rank: int
    newest: int
    entries: tuple[int, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        return self.is_head, self.rank, self.newest


class _Entry(NamedTuple):
    pk: int
    ticket_id: int
    is_head: bool


def find(query: Query, *, person: Staff, after: str = "") -> Found:
    """Return a page of what `person` may see of it, in at most eight queries beside the names that it looks up.

    Raises QueryError for names that are not there, BadCursorError.
    """
    if not query.terms:
        return Found((), "", 0, has_more_than_ranked=False)
    asked = meaning(query, person)
    tickets = within(asked, person)
    if asked.query is None:
        return _newest(tickets, asked, after)
    return _ranked(tickets, asked, query.terms, after)


def found_for(text: str, *, person: Staff, after: str = "") -> Found:
    """Read the query and find. Raises QueryError, BadCursorError."""
    return find(read(text), person=person, after=after)


def _newest(tickets: TicketQuerySet, asked: Meaning, after: str) -> Found:
    """Return what fits operators alone, newest activity first, all of it page by page."""
    if asked.days:
        tickets = tickets.filter(Exists(SearchEntry.objects.filter(asked.days, ticket=OuterRef("pk"))))
    page = queue.page(tickets=tickets, order=orders.USUAL, after=after, size=PAGE_SIZE)
    return Found(tuple(Hit(row, ()) for row in page.rows), page.next_cursor, None, has_more_than_ranked=False)


def _ranked(tickets: TicketQuerySet, asked: Meaning, terms: Sequence[Term], after: str) -> Found:
    anchor, beyond = _read_cursor(after) if after else (_last_entry(), None)
    entries = SearchEntry.objects.filter(Matches("vector", asked.query), asked.days, pk__lte=anchor)
    hits = _hits(entries.filter(ticket__in=tickets.order_by().values("pk")), anchor)
    has_more, hits = len(hits) > MOST_HITS, hits[:MOST_HITS]
    places = _in_order(hits, asked)
    count = len(places)
    if beyond is not None:
        places = [place for place in places if place.key < beyond]
    page = places[:PAGE_SIZE]
    rows = queue.rows_of(tickets, [place.ticket for place in page])
    chosen = [key for place in page for key in place.entries[:SNIPPETS_EACH]]
    snippets = search_snippets.of_entries(chosen, words=together(asked.words), terms=terms) if chosen else {}
    return Found(
        tuple(
            Hit(rows[place.ticket], tuple(snippets[key] for key in place.entries[:SNIPPETS_EACH] if key in snippets))
            for place in page
            if place.ticket in rows
        ),
        _write_cursor(anchor, page[-1]) if len(places) > PAGE_SIZE else "",
        count,
        has_more_than_ranked=has_more,
    )


def _last_entry() -> int:
    """Return the newest entry: what comes later does not move the pages."""
    return SearchEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _hits(entries: "QuerySet[SearchEntry]", anchor: int) -> list[_Entry]:
    """Return the newest that match, one more than are ranked, looking no further back than that takes.

    In at most three queries: the newest entries, twice as many as should hold enough by what was found there, all.
    """
    # A sum has no index to come from in order: else PostgreSQL takes every word that is looked for by its beginning to
    # be in one of twenty entries, and reads them from the newest on, rather than asking the index of words.
    in_order = entries.order_by((F("pk") + 0).desc()).values_list("pk", "ticket_id", "message_id")
    window = NEWEST
    while True:
        listed = in_order.filter(pk__gt=anchor - window)[: MOST_HITS + 1]
        found = [_Entry(pk, ticket, message is None) for pk, ticket, message in listed]
        if len(found) > MOST_HITS or window >= anchor:
            return found
        window = anchor if window > NEWEST else 2 * NEWEST * MOST_HITS // max(len(found), 1)


def _in_order(hits: Sequence[_Entry], asked: Meaning) -> list[_Place]:
    """Return the tickets of the hits: those whose head fits first, then by rank, then the newer."""
    ranks = _ranks([hit.pk for hit in hits], asked)
    theirs: dict[int, list[_Entry]] = {}
    for hit in hits:
        theirs.setdefault(hit.ticket_id, []).append(hit)
    places = [
        _Place(
            ticket,
            int(any(one.is_head for one in entries)),
            max(ranks.get(one.pk, 0) for one in entries),
            max(one.pk for one in entries),
            tuple(
                one.pk
                for one in sorted(entries, key=lambda one: (ranks.get(one.pk, 0), one.pk), reverse=True)
                if not one.is_head
            ),
        )
        for ticket, entries in theirs.items()
    ]
    return sorted(places, key=lambda place: place.key, reverse=True)


def _ranks(keys: Sequence[int], asked: Meaning) -> dict[int, int]:
    """Return how well each entry fits the words, in millionths."""
    words = together(asked.words)
    if words is None or len(keys) <= 1:
        return {}
    ranked = SearchEntry.objects.filter(pk__in=keys).annotate(rank=SearchRank(F("vector"), words, cover_density=True))
    return {pk: min(int(rank * _MICRO), 999_999_999) for pk, rank in ranked.values_list("pk", "rank")}


def _write_cursor(anchor: int, place: _Place) -> str:
    return f"{anchor}.{place.is_head}.{place.rank}.{place.newest}"


def _read_cursor(cursor: str) -> tuple[int, tuple[int, int, int]]:
    found = _CURSOR.fullmatch(cursor)
    if found is None or not cursor.isascii():
        raise BadCursorError(cursor)
    return int(found[1]), (int(found[2]), int(found[3]), int(found[4]))
