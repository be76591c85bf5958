"""Service levels: which promises were kept and missed, by whom, where and at which hour."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Staff
from tickets.reports import charts
from tickets.reports.asked import Asked
from tickets.reports.shapes import Cell, Chart, Column, Heat, HeatCell, Row, Section, Table, Tile, parts, percent
from tickets.selectors import reports_facts
from tickets.selectors.reports_names import Named, groups

HOURS = tuple(range(24))
Counts = Mapping[tuple[Any, ...], int]


def section(asked: Asked, person: Staff) -> Section:
    """Return the page; two statements for its figures."""
    axis = "hour" if asked.is_one_day else "day"
    by = (("figure", "metric"), ("figure", "policy"), ("figure", "team"), ("figure", "channel"),
          ("figure", "weekday", "hour"), ("figure", axis))  # fmt: skip
    decided = reports_facts.counted(asked, person, "kept", by)
    open_ = reports_facts.counted(asked, person, "running", (("figure", "metric"),))["figure", "metric"]
    metric = decided["figure", "metric"]
    return Section(
        slug="levels",
        tiles=_tiles(asked, metric, open_),
        charts=(_chart(asked, decided["figure", axis]),),
        heats=(_heat(asked, decided["figure", "weekday", "hour"]),),
        tables=(
            _table(asked, "metric", _("By promise"), metric, open_),
            _table(asked, "policy", _("By policy"), decided["figure", "policy"]),
            _table(asked, "team", _("By team"), decided["figure", "team"]),
            _table(asked, "channel", _("By channel"), decided["figure", "channel"]),
            _hours(asked, decided["figure", "weekday", "hour"]),
        ),
    )


def all_of(counts: Counts, figure: str) -> int:
    """Return the sum of one figure."""
    return sum(count for key, count in counts.items() if key[0] == figure)


def points(asked: Asked) -> list[tuple[Any, str]]:
    """Return the hours of the one day, or the days, that a chart runs over, and how they are called."""
    if asked.is_one_day:
        return [(hour, f"{hour:02}") for hour in HOURS]
    days = (asked.last_day - asked.first_day).days + 1
    found = [asked.first_day + timedelta(days=number) for number in range(days)]
    return [(day, date_format(day, "j N")) for day in found]


def weekday(number: int) -> str:
    """Return what a day of the week is called; Monday is 1."""
    return str(WEEKDAYS[number - 1])


def _tiles(asked: Asked, decided: Counts, open_: Counts) -> tuple[Tile, ...]:
    kept, missed = all_of(decided, "kept"), all_of(decided, "missed")
    return (
        Tile(_("Kept in time"), "kept_share", Cell(percent(kept, kept + missed), "percent")),
        Tile(pgettext("clock", "Kept"), "kept", Cell(kept, query=asked.query(figure="kept")), "good"),
        Tile(pgettext("clock", "Missed"), "missed", Cell(missed, query=asked.query(figure="missed")), "bad"),
        Tile(_("Running"), "running", Cell(all_of(open_, "running"), query=asked.query(figure="running"))),
        Tile(_("Open and missed"), "overdue", Cell(all_of(open_, "overdue"), query=asked.query(figure="overdue"))),
    )


def _chart(asked: Asked, counts: Counts) -> Chart:
    over = [(label, [counts.get((name, key), 0) for name in ("kept", "missed")]) for key, label in points(asked)]
    return charts.columns(
        "time",
        title=_("Kept and missed over time"),
        summary=_("%(kept)s kept and %(missed)s missed in the period.")
        % {"kept": all_of(counts, "kept"), "missed": all_of(counts, "missed")},
        series=((pgettext("clock", "Kept"), "good"), (pgettext("clock", "Missed"), "bad")),
        points=over,
        is_stacked=True,
    )


def _table(asked: Asked, by: str, title: str, counts: Counts, open_: Counts | None = None) -> Table:
    columns = [
        Column(pgettext("clock", "Kept"), "kept", "good"),
        Column(pgettext("clock", "Missed"), "missed", "bad"),
        Column(_("Kept in time"), "kept_share"),
    ]
    if open_ is not None:
        columns += [Column(_("Running"), "running"), Column(_("Open and missed"), "overdue")]
    rows = [
        _row(asked, by, named, {figure: counts.get((figure, key), 0) for figure in ("kept", "missed")},
             None if open_ is None else {figure: open_.get((figure, key), 0) for figure in ("running", "overdue")})
        for key, named in groups(by).items()
    ]  # fmt: skip
    seen = tuple(row for row in rows if any(cell.value for cell in row.cells))
    first = {"metric": _("Promise"), "policy": _("SLA policy"), "team": _("Team"), "channel": _("Channel")}[by]
    return Table(by, title, first, tuple(columns), seen)


def _row(asked: Asked, by: str, named: Named, decided: Mapping[str, int], open_: Mapping[str, int] | None) -> Row:
    kept, missed = decided["kept"], decided["missed"]
    cells = [Cell(count, query=_query(asked, by, named, figure)) for figure, count in decided.items()]
    cells.append(Cell(percent(kept, kept + missed), "percent"))
    for figure, count in (open_ or {}).items():
        cells.append(Cell(count, query=_query(asked, by, named, figure)))
    return Row(named.name, tuple(cells), parts([(kept, "good"), (missed, "bad")], kept + missed))


def _query(asked: Asked, by: str, named: Named, figure: str) -> str:
    return asked.query(figure=figure, **{by: named.value})


def _heat(asked: Asked, counts: Counts) -> Heat:
    highest = max((count for key, count in counts.items() if key[0] == "missed"), default=0)

    def cell(day: int, hour: int) -> HeatCell:
        missed, kept = counts.get(("missed", day, hour), 0), counts.get(("kept", day, hour), 0)
        label = _("%(missed)s missed, %(kept)s kept") % {"missed": missed, "kept": kept}
        query = asked.query(figure="missed", weekday=day, hour=hour) if missed else ""
        return HeatCell(missed, charts.level(missed, highest), query, label)

    rows = tuple((weekday(day), tuple(cell(day, hour) for hour in HOURS)) for day in range(1, 8))
    return Heat("hours", _("Missed by weekday and hour"), "missed", HOURS, rows)


def _hours(asked: Asked, counts: Counts) -> Table:
    """The same hours as a table, for files and for whoever reads no colours."""
    rows = []
    for day in range(1, 8):
        for hour in HOURS:
            values = {figure: counts.get((figure, day, hour), 0) for figure in ("kept", "missed")}
            if any(values.values()):
                cells = [
                    Cell(count, query=asked.query(figure=figure, weekday=day, hour=hour))
                    for figure, count in values.items()
                ]
                share = Cell(percent(values["kept"], sum(values.values())), "percent")
                rows.append(Row(f"{weekday(day)} {hour:02}:00", (*cells, share)))
    columns = (
        Column(pgettext("clock", "Kept"), "kept"),
        Column(pgettext("clock", "Missed"), "missed"),
        Column(_("Kept in time"), "kept_share"),
    )
    return Table("hours", _("By weekday and hour"), _("Hour"), columns, tuple(rows))
