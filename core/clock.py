"""The one clock: PostgreSQL's, read through the SQL function core.clock() (timestamptz, UTC)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, DurationField, Func, Value
from django.utils import timezone

# Two machines' clocks that are kept in step differ by less.
_AGREES_WITHIN = timedelta(seconds=2)


class DatabaseNow(Func):
    """The database's current time as an expression, usable in filters, updates and defaults."""

    function = "core.clock"
    template = "%(function)s()"
    arity = 0
    output_field = DateTimeField()


def from_now(delta: timedelta) -> Any:  # noqa: ANN401 -- the stubs take no expression for a datetime
    """Return the expression `core.clock() + delta`."""
    # One expression: Django takes ten times as long to find out what type a sum of two has, at every request.
    return Func(
        Value(delta, output_field=DurationField()),
        template="(core.clock() + %(expressions)s)",
        output_field=DateTimeField(),
    )


def now() -> datetime:
    """Return the database's current time (aware, UTC); one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.clock()")
        row = cursor.fetchone()
    return row[0]  # type: ignore[no-any-return]


def seems_older(moment: datetime, than: timedelta) -> bool:
    """Guess by this machine's clock whether `moment` lies further back than `than`.

    Only for saving a statement whose own condition the database decides anyway. A moment that has yet to come proves
    this machine's clock wrong, and nothing is saved.
    """
    return not -_AGREES_WITHIN <= timezone.now() - moment < than
