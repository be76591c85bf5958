"""New rows of one transaction, written by one statement per table: most of what a small row costs is its round trip."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TypeVar, cast

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows of one `together` block by their model, and how many savepoints deep it began."""

    depth: int
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)
    read: dict[str, object] = field(default_factory=dict)


_waiting: ContextVar[_Waiting | None] = ContextVar("writes_waiting", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Let what is inserted within the block wait for its end; inside the caller's transaction.

    Until then those rows have no key, and no query finds them: whoever needs one looks in `waiting`,
    or calls `write_now`. An error that leaves the block drops them.
    """
    mine = _Waiting(len(connection.savepoint_ids))
    token = _waiting.set(mine)
    try:
        yield
        write_now()
    finally:
        _waiting.reset(token)


def insert(rows: Sequence[M]) -> None:
    """Insert new rows of one model: at the end of the `together` block, otherwise at once.

    They may name rows that wait as well. What is inserted below a further savepoint is written at once, since
    that may be undone alone, and must not name any that wait: Django raises ValueError.
    """
    if not rows:
        return
    model = type(rows[0])
    mine = _waiting.get()
    if mine is None or mine.depth != len(connection.savepoint_ids):
        model._default_manager.bulk_create(rows)
        return
    if any(isinstance(named, model) for row in rows for named in _unwritten(row)):
        write_now()
    mine.rows.setdefault(model, []).extend(rows)


def waiting(model: type[M]) -> Sequence[M]:
    """Return the rows of a model that wait to be written."""
    mine = _waiting.get()
    return [row for row in mine.rows.get(model, ()) if isinstance(row, model)] if mine is not None else []


def once(name: str, read: Callable[[], T]) -> T:
    """Return what `read` returns; within a `together` block it is read once under this name."""
    mine = _waiting.get()
    if mine is None:
        return read()
    if name not in mine.read:
        mine.read[name] = read()
    return cast("T", mine.read[name])


def write_now() -> None:
    """Write what waits, what is named before what names it."""
    mine = _waiting.get()
    if mine is None:
        return
    rows = dict(mine.rows)
    mine.rows.clear()
    for model in TopologicalSorter({one: _named_by(one) & set(rows) for one in rows}).static_order():
        model._default_manager.bulk_create(rows[model])


def _named_by(model: type[models.Model]) -> set[type[models.Model]]:
    named = {one.related_model for one in model._meta.concrete_fields if one.is_relation}
    return {one for one in named if isinstance(one, type) and one is not model}


def _unwritten(row: models.Model) -> Iterator[models.Model]:
    """Yield the rows named by `row` that have not been written yet."""
    for named in row._state.fields_cache.values():  # noqa: SLF001 -- a documented attribute of Django's models
        if isinstance(named, models.Model) and named._state.adding:  # noqa: SLF001 -- the same
            yield named
