"""New and changed rows of one transaction, written by one statement per table: a small row costs its round trip."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, TypeVar, cast

from django.db import connection, models
from psycopg import sql

from core.clock import DatabaseNow

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows of one `together` block by their model, and how many savepoints deep it began."""

    depth: int
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)
    read: dict[str, object] = field(default_factory=dict)


_waiting: ContextVar[_Waiting | None] = ContextVar("writes_waiting", default=None)
# Columns that wait to be written, by model and key.
_Changes = dict[type[models.Model], dict[int, dict[str, Any]]]
_changing: ContextVar[_Changes | None] = ContextVar("writes_changing", default=None)
_Removals = dict[type[models.Model], list[int]]
_removing: ContextVar[_Removals | None] = ContextVar("writes_removing", default=None)


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


@contextmanager
def updates_together() -> Iterator[None]:
    """Let what is changed by `update` and `remove` within the block wait for its end; inside a `together` block.

    Until then no query finds it, but for those after `write_now`. For many rows alike that the caller has locked.
    """
    tokens = _changing.set({}), _removing.set({})
    try:
        yield
        write_now()
    finally:
        _changing.reset(tokens[0])
        _removing.reset(tokens[1])


def are_updates_waiting() -> bool:
    """Whether this is within an `updates_together` block."""
    return _changing.get() is not None


def update(row: models.Model, fields: Mapping[str, Any]) -> None:
    """Write columns of one row: at the end of the `updates_together` block, otherwise at once."""
    changing = _changing.get()
    if changing is None:
        type(row)._default_manager.filter(pk=row.pk).update(**fields)
        return
    changing.setdefault(type(row), {}).setdefault(row.pk, {}).update(fields)


def remove(model: type[models.Model], keys: Sequence[int]) -> None:
    """Delete rows by key: at the end of the `updates_together` block, otherwise at once."""
    removing = _removing.get()
    if removing is None:
        model._default_manager.filter(pk__in=keys).delete()
        return
    removing.setdefault(model, []).extend(keys)


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
    """Write what waits: changes first, then removals, then new rows, what is named before what names it."""
    _update_now()
    _remove_now()
    mine = _waiting.get()
    if mine is None:
        return
    rows = dict(mine.rows)
    mine.rows.clear()
    for model in TopologicalSorter({one: _named_by(one) & set(rows) for one in rows}).static_order():
        model._default_manager.bulk_create(rows[model])


def _update_now() -> None:
    changing = _changing.get()
    if not changing:
        return
    changes = dict(changing)
    changing.clear()
    for model, rows in changes.items():
        alike: dict[tuple[tuple[str, bool], ...], dict[int, dict[str, Any]]] = {}
        for pk, fields in rows.items():
            shape = tuple((name, isinstance(value, DatabaseNow)) for name, value in sorted(fields.items()))
            alike.setdefault(shape, {})[pk] = fields
        for shape, same in alike.items():
            _update_alike(model, shape, same)


def _remove_now() -> None:
    removing = _removing.get()
    if not removing:
        return
    removals = dict(removing)
    removing.clear()
    for model, keys in removals.items():
        model._default_manager.filter(pk__in=keys).delete()


def _update_alike(
    model: type[models.Model], shape: Sequence[tuple[str, bool]], rows: Mapping[int, Mapping[str, Any]]
) -> None:
    """Change the same columns of many rows by one statement; those of `shape` that say so become the time of it."""
    known = {field.attname: field for field in model._meta.concrete_fields}
    known |= {field.name: field for field in model._meta.concrete_fields}
    given = [known[name] for name, is_now in shape if not is_now]
    now = [known[name] for name, is_now in shape if is_now]
    sets = [sql.SQL("{0} = core.clock()").format(_column(one)) for one in now]
    sets += [sql.SQL("{0} = changed.{0}").format(_column(one)) for one in given]
    columns = [sql.Identifier("id"), *(_column(one) for one in given)]
    types = ["bigint", *(_array_type(one) for one in given)]
    values: list[list[Any]] = [list(rows)]
    for name, is_now in shape:
        if not is_now:
            prepared = known[name]
            values.append([prepared.get_db_prep_save(fields[name], connection) for fields in rows.values()])
    statement = sql.SQL("UPDATE {table} AS kept SET {sets} FROM unnest({arrays}) AS changed ({columns}) WHERE {same}")
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(
                table=sql.Identifier(model._meta.db_table),
                sets=sql.SQL(", ").join(sets),
                arrays=sql.SQL(", ").join(sql.SQL(f"%s::{kind}[]") for kind in types),
                columns=sql.SQL(", ").join(columns),
                same=sql.SQL("kept.{0} = changed.id").format(sql.Identifier(cast("str", model._meta.pk.column))),
            ),
            values,
        )


def _column(one: "models.Field[Any, Any]") -> sql.Identifier:
    return sql.Identifier(cast("str", one.column))


def _array_type(one: "models.Field[Any, Any]") -> str:
    """Return the type of an array of a column; a cast to a length would cut what is too long instead of refusing it."""
    kind = str(one.rel_db_type(connection) if one.is_relation else one.db_type(connection))
    return "text" if kind.startswith("varchar") else kind


def _named_by(model: type[models.Model]) -> set[type[models.Model]]:
    named = {one.related_model for one in model._meta.concrete_fields if one.is_relation}
    return {one for one in named if isinstance(one, type) and one is not model}


def _unwritten(row: models.Model) -> Iterator[models.Model]:
    """Yield the rows named by `row` that have not been written yet."""
    for named in row._state.fields_cache.values():  # noqa: SLF001 -- a documented attribute of Django's models
        if isinstance(named, models.Model) and named._state.adding:  # noqa: SLF001 -- the same
            yield named
