"""Querysets compiled once: their SQL is kept, and run again with other values.

For the statements of the busiest page, where Django's compiling took longer than PostgreSQL's running. The queryset
stays the one place that says what is wanted; only its text is remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# Far outside of every key of ours, so that a stand-in is never mistaken for a value that is meant.
FIRST_STAND_IN = -(2**62)


def stand_in(number: int) -> int:
    """Return the key that a queryset is built with where each run has another one."""
    return FIRST_STAND_IN + number


def stand_in_text(number: int) -> str:
    """Return the text that a queryset is built with where each run has another one."""
    return f"\ufdd0 {number}"  # a noncharacter of Unicode


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement and its parameters, some of them stand-ins."""

    sql: str
    params: tuple[Any, ...]

    def run(self, keys: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """Return the rows with these keys in place of their stand-ins; one query."""
        params = [keys.get(value, value) if type(value) in (int, str) else value for value in self.params]
        with connection.cursor() as cursor:
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
    return Compiled(sql, tuple(params))


def counted(sets: Sequence["QuerySet[Any, Any]"], *, cap: int) -> Compiled:
    """Compile one statement that counts each of `sets`, none beyond `cap`, into one row."""
    parts = [compiled(found.order_by().values("pk")[:cap]) for found in sets]
    selected = ", ".join(f"(SELECT count(*) FROM ({part.sql}) AS counted)" if part else "0" for part in parts)  # noqa: S608 -- compiled by the ORM, values stay parameters
    return Compiled(f"SELECT {selected}", tuple(value for part in parts if part for value in part.params))
