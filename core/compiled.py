"""Querysets compiled once: their SQL is kept, and run again with other values.

For the statements of the busiest page, where Django's compiling took longer than PostgreSQL's running. The queryset
stays the one place that says what is wanted; only its text is remembered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

# Far outside of every key of ours, so that a stand-in is never mistaken for a value that is meant.
FIRST_STAND_IN = -(2**62)
STAND_INS = 1_000_000
TEXT_STAND_IN = "\ufdd0"  # a noncharacter of Unicode
_PLACE = re.compile("(%%|%s)")


def stand_in(number: int) -> int:
    """Return the key that a queryset is built with where each run has another one."""
    return FIRST_STAND_IN + number


def stand_in_text(number: int) -> str:
    """Return the text that a queryset is built with where each run has another one."""
    return f"{TEXT_STAND_IN}{number}"


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
        # One type for keys of any size: each type would be another statement to prepare.
        params = [Int8(value) if type(value) is int else value for value in values]
        with connection.cursor() as cursor:
            # Django's own cursor writes parameters into the text, and what differs each time is never prepared.
            cursor.cursor.close()
            cursor.cursor = psycopg.Cursor(connection.connection)
            cursor.execute(self.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


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


def _is_stand_in(value: object) -> bool:
    if isinstance(value, str):
        return value.startswith(TEXT_STAND_IN)
    return type(value) is int and FIRST_STAND_IN <= value < FIRST_STAND_IN + STAND_INS
