"""Reports as their doors ask for them: one section, the cases behind one figure, and both as rows of a file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from tickets.models.ticket import Status
from tickets.reports.asked import Asked, Unanswerable, written
from tickets.reports.csv_text import Value
from tickets.reports.definitions import DEFINITIONS
from tickets.reports.shapes import Section, Table, duration
from tickets.selectors import (
    reports_facts,
    reports_levels,
    reports_reasons,
    reports_spent,
    reports_times,
    reports_volume,
)
from tickets.selectors.reports_facts import Fact
from tickets.selectors.reports_names import groups
from tickets.selectors.reports_sources import SOURCES

SECTIONS: dict[str, tuple[Promise, Callable[[Asked, Staff], Section]]] = {
    "levels": (gettext_lazy("Service levels"), reports_levels.section),
    "volume": (gettext_lazy("Volume"), reports_volume.section),
    "times": (gettext_lazy("Times"), reports_times.section),
    "reasons": (gettext_lazy("Reasons"), reports_reasons.section),
    "spent": (gettext_lazy("Time spent"), reports_spent.section),
}
FIGURES: dict[str, Promise] = {
    "kept": gettext_lazy("Kept promises"),
    "missed": gettext_lazy("Missed promises"),
    "running": gettext_lazy("Running promises"),
    "overdue": gettext_lazy("Open and missed promises"),
    "opened": gettext_lazy("Opened cases"),
    "resolved": gettext_lazy("Resolutions"),
    "reopened": gettext_lazy("Cases opened again"),
    "backlog": gettext_lazy("Open cases"),
    "answered": gettext_lazy("First answers"),
    "first_contact": gettext_lazy("Resolved at the first contact"),
    "more_contacts": gettext_lazy("Resolved after more contacts"),
    "split": gettext_lazy("Whose the time was"),
    "tagged": gettext_lazy("Tagged cases"),
}
PARTS = {"bot": gettext_lazy("Bot"), "queue": gettext_lazy("Queue"), "agent": gettext_lazy("Agent"),
         "customer": gettext_lazy("Customer")}  # fmt: skip
# More than this is no file for a person.
MOST_EXPORTED = 100_000
READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FactShown:
    """One line of the list behind a figure."""

    fact: Fact
    status: str
    metric: str
    took: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The cases behind one figure: how many there are, one page of them, and where the next page begins."""

    figure: str
    title: str
    definition: str
    total: int
    rows: tuple[FactShown, ...]
    after: str


def section(slug: str, asked: Asked, person: Staff) -> Section | None:
    """Return one section; None where there is no such. Raises Unanswerable."""
    return SECTIONS[slug][1](asked, person) if slug in SECTIONS else None


def listed(asked: Asked, person: Staff, *, after: str = "") -> Listed:
    """Return the cases behind the figure that is asked for, those opened where none is. Raises Unanswerable."""
    figure = _figure(asked)
    total = reports_facts.number(asked, person, figure)
    rows = reports_facts.listed(asked, person, figure, after=_read(after), limit=reports_facts.PAGE + 1)
    page, is_more = rows[: reports_facts.PAGE], len(rows) > reports_facts.PAGE
    return Listed(
        figure,
        str(FIGURES[figure]),
        str(DEFINITIONS["resolution" if figure == "resolved" else figure]),
        total,
        tuple(_shown(one) for one in page),
        f"{page[-1].at.isoformat()}_{page[-1].id}" if is_more else "",
    )


def total(asked: Asked, person: Staff) -> int:
    """Return how many cases are behind the figure that is asked for. Raises Unanswerable."""
    return reports_facts.number(asked, person, _figure(asked))


def table_rows(table: Table, asked: Asked) -> Iterator[tuple[Value, ...]]:
    """Return a table as rows of a file: whole counts, percent, and seconds."""
    units = [row.unit for row in table.rows[0].cells] if table.rows else []
    names = [
        f"{column.name} (s)" if unit == "seconds" else f"{column.name} (%)" if unit == "percent" else column.name
        for column, unit in zip(table.columns, units or ["count"] * len(table.columns), strict=True)
    ]
    yield (table.first, *names, *_columns_of(asked))
    for row in table.rows:
        yield (row.name, *(cell.raw for cell in row.cells), *_values_of(asked))


def case_rows(asked: Asked, person: Staff) -> Iterator[tuple[Value, ...]]:
    """Return the cases behind a figure as rows of a file, read a few hundred at a time."""
    figure = _figure(asked)
    own = [name for name in SOURCES[figure].columns if name != "tag"]
    yield ("number", "subject", "status", "channel", "team", "assignee", "promise", "at", *(f"{one}_s" for one in own),
           *_columns_of(asked))  # fmt: skip
    after: tuple[datetime, int] | None = None
    while page := reports_facts.listed(asked, person, figure, after=after, limit=READ_AT_ONCE):
        for one in page:
            seconds = (round(one.seconds[name]) for name in own)
            yield (one.number, one.subject, one.status, one.channel, one.team, one.assignee, one.metric, one.at,
                   *seconds, *_values_of(asked))  # fmt: skip
        after = (page[-1].at, page[-1].id)


def narrowed_by(asked: Asked) -> list[str]:
    """Return in words what a list is narrowed to."""
    found = []
    for name, value in asked.only.items():
        if name in {"team", "channel", "policy", "priority", "topic", "metric"}:
            found.append(next((one.name for one in groups(name).values() if one.value == value), value))
        elif name == "tag":
            found.append(_("tag %(tag)s") % {"tag": value})
        elif name == "hour":
            found.append(f"{value}:00")
        elif name == "weekday":
            found.append(reports_levels.weekday(int(value)))
        elif name == "day":
            found.append(value)
        elif name == "bucket":
            found.append(reports_volume.ages()[value])
    return found


def _figure(asked: Asked) -> str:
    figure = asked.only.get("figure", "opened")
    if figure not in SOURCES:
        raise Unanswerable
    return figure


def _shown(fact: Fact) -> FactShown:
    metric = groups("metric")[fact.metric].name if fact.metric else ""
    times: Mapping[str, Any] = fact.seconds
    took = (
        duration(times["seconds"])
        if "seconds" in times
        else " · ".join(f"{PARTS[name]} {duration(times[name])}" for name in PARTS if times.get(name))
    )
    return FactShown(fact, str(Status(fact.status).label), metric, took)


def _read(after: str) -> tuple[datetime, int] | None:
    if not after:
        return None
    moment, _mark, identity = after.partition("_")
    try:
        at = datetime.fromisoformat(moment)
        number = int(identity)
    except ValueError as error:
        raise Unanswerable from error
    if at.tzinfo is None or not 0 < number < 2**63:
        raise Unanswerable
    return at, number


def _columns_of(asked: Asked) -> tuple[str, ...]:
    return ("from", "to", "as_of", *(name for name in sorted(asked.only) if name != "figure"))


def _values_of(asked: Asked) -> tuple[Value, ...]:
    own = (asked.only[name] for name in sorted(asked.only) if name != "figure")
    return (asked.first_day.isoformat(), asked.last_day.isoformat(), written(asked.as_of), *own)
