"""Querysets compiled once: their SQL is kept, and run again with other values.

For the statements of the busiest page, where Django's compiling took longer than PostgreSQL's running. The queryset
stays the one place that says what is wanted; only its text is remembered.
"""

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

# Far outside of every key of ours, so that a stand-in is never mistaken for a value that is meant.
FIRST_STAND_IN = -(2**62)
STAND_INS = 1_000_000
TEXT_STAND_IN = "\ufdd0"  # a noncharacter of Unicode
_PLACE = re.compile("(%%|%s)")
M = TypeVar("M", bound=Model)


def stand_in(number: int) -> int:
    """Return the key that a queryset is built with where each run has another one."""
    return FIRST_STAND_IN + number


def stand_in_text(number: int) -> str:
    """Return the text that a queryset is built with where each run has another one."""
    return f"{TEXT_STAND_IN}{number}"


class Among(Func):
    """Whether a field has one of several values: each run puts a list in place of the stand-in `values`."""

    arg_joiner = " = ANY("
    template = "%(expressions)s)"

    def __init__(self, field: str, values: int | str) -> None:
        super().__init__(F(field), Value(values), output_field=BooleanField())


class PairAmong(Func):
    """Whether two numbers of a row are among several pairs: each run gives a list of firsts and one of seconds."""

    arg_joiner = " IN (SELECT "
    template = "%(expressions)s)"

    def __init__(self, fields: tuple[str, str], values: tuple[int, int]) -> None:
        pair = Func(*map(F, fields), template="(%(expressions)s)")
        lists = [Func(Value(one), template="unnest(%(expressions)s::bigint[])") for one in values]
        super().__init__(pair, Func(*lists, template="%(expressions)s"), output_field=BooleanField())


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement whose only parameters are its stand-ins; whatever else the queryset said is written into it.

    So PostgreSQL, too, plans it once for each connection (settings: PHAROS_DATABASE_PREPARES): it can tell from the
    text alone which partial indexes serve.
    """

    sql: str
    stand_ins: tuple[int | str, ...]

    def run(self, keys: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Return the rows with these keys in place of their stand-ins; one query."""
        values = [keys.get(one, one) for one in self.stand_ins]
        params = [_typed(value) for value in values]
        with connection.cursor() as cursor:
            # Django's own cursor writes parameters into the text, and what differs each time is never prepared.
            cursor.cursor.close()
            cursor.cursor = psycopg.Cursor(connection.connection)
            cursor.execute(self.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class Rows(Generic[M]):
    """A queryset of whole rows, with what it joins by `select_related`, compiled once by each thread that asks.

    `build` is called once for each thread and must not depend on anything that changes.
    """

    def __init__(self, build: "Callable[[], QuerySet[M]]") -> None:
        self.build = build
        self.kept = threading.local()

    def run(self, keys: Mapping[Any, Any]) -> list[M]:
        """Return the rows with these keys in place of their stand-ins; one query.

        Raises TransactionManagementError for rows to be locked outside of a transaction.
        """
        found: QuerySet[M] | None = getattr(self.kept, "found", None)
        if found is None:
            found = self.kept.found = _kept(self.build())
        if found.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError
        vars(found.query)["get_compiler"](using=found.db).keys = keys
        return list(ModelIterable(found))


class Values:
    """A queryset of values, compiled once, when it is first asked for; `build` as of `Rows`."""

    def __init__(self, build: "Callable[[], QuerySet[Any, Any]]") -> None:
        self.build = build

    @cached_property
    def statement(self) -> "Compiled | None":
        """The statement, or None where there cannot be rows."""
        return compiled(self.build())

    def run(self, keys: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Return the rows with these keys in place of their stand-ins; one query."""
        return self.statement.run(keys) if self.statement else []


class _KeptCompiler:
    """What Django's rows ask of a compiler, whose SQL is there already and runs with the keys of the moment."""

    def __init__(self, compiler: SQLCompiler) -> None:
        sql, params = compiler.as_sql()
        self.statement = _written(sql, params)
        self.select = compiler.select
        self.klass_info = compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        self.results_iter = compiler.results_iter
        self.keys: Mapping[Any, Any] = {}

    def execute_sql(self, **_how: Any) -> Iterable[Any]:
        """Return one chunk: all rows."""
        return [self.statement.run(self.keys)]


def _kept(found: "QuerySet[M]") -> "QuerySet[M]":
    kept = _KeptCompiler(found.query.get_compiler(connection=connection))
    vars(found.query)["get_compiler"] = lambda **_where: kept
    return found


def compiled(found: "QuerySet[Any, Any]") -> Compiled | None:
    """Compile a queryset of values; None for one that cannot have rows.

    Raises TypeError for a column whose values Django converts when it reads them: here nobody does.
    """
    compiler = found.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return None
    if converted := compiler.get_converters([expression for expression, _sql, _alias in compiler.select]):
        message = f"Not to be compiled, its values are converted: {[column for _all, column in converted.values()]}"
        raise TypeError(message)
    return _written(sql, params)


def counted(sets: Sequence["QuerySet[Any, Any]"], *, cap: int) -> Compiled:
    """Compile one statement that counts each of `sets`, none beyond `cap`, into one row."""
    parts = [compiled(found.order_by().values("pk")[:cap]) for found in sets]
    selected = ", ".join(f"(SELECT count(*) FROM ({part.sql}) AS counted)" if part else "0" for part in parts)  # noqa: S608 -- compiled by the ORM, values stay parameters
    return Compiled(f"SELECT {selected}", tuple(one for part in parts if part for one in part.stand_ins))


def _written(sql: str, params: Sequence[Any]) -> Compiled:
    """Write every parameter into the text but the stand-ins."""
    connection.ensure_connection()
    pieces: list[str] = []
    stand_ins: list[int | str] = []
    waiting = iter(params)
    for piece in _PLACE.split(sql):
        if piece != "%s":
            pieces.append(piece)
            continue
        value = next(waiting)
        if _is_stand_in(value):
            stand_ins.append(value)
            pieces.append(piece)
        else:
            pieces.append(Literal(value).as_string(connection.connection).replace("%", "%%"))
    return Compiled("".join(pieces), tuple(stand_ins))


def _typed(value: Any) -> Any:  # noqa: ANN401 -- whatever a column holds
    """One type for numbers of any size: each type would be another statement to prepare."""
    if isinstance(value, list):
        return [_typed(one) for one in value]
    return Int8(value) if type(value) is int else value


def _is_stand_in(value: object) -> bool:
    if isinstance(value, str):
        return value.startswith(TEXT_STAND_IN)
    # Django may have wrapped it in a type of its own.
    return isinstance(value, int) and FIRST_STAND_IN <= value < FIRST_STAND_IN + STAND_INS
