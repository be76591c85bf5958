"""What a section of a report is made of: tiles, tables and charts, and how a value is said."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tickets.reports.definitions import DEFINITIONS

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: a count, a share in percent, or seconds; `query` leads to the cases behind it."""

    value: float | None
    unit: str = "count"
    query: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        if self.unit == "seconds":
            return duration(self.value)
        shown = number_format(round(self.value), use_l10n=True, force_grouping=True)
        return _("%(number)s %%") % {"number": shown} if self.unit == "percent" else shown

    @property
    def raw(self) -> int | None:
        """Return it as a file has it: whole counts, percent and seconds."""
        return None if self.value is None else round(self.value)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar across a row: where it begins and how wide it is, in percent, and its tone."""

    x: float
    width: float
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; `parts` are drawn as a bar beside what the cells say."""

    name: str
    cells: tuple[Cell, ...]
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, which figure it shows (for its definition), and its tone in the bar."""

    name: str
    figure: str = ""
    tone: str = ""

    @property
    def definition(self) -> str:
        """Return what it counts; nothing where its name says all."""
        return str(DEFINITIONS[self.figure]) if self.figure else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `slug` names its file."""

    slug: str
    title: str
    first: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""

    @property
    def has_bars(self) -> bool:
        """Whether any line has a bar."""
        return any(row.parts for row in self.rows)


@dataclass(frozen=True, slots=True)
class Tile:
    """One large figure with its name and definition."""

    name: str
    figure: str
    cell: Cell
    tone: str = ""

    @property
    def definition(self) -> str:
        """Return what it counts."""
        return str(DEFINITIONS[self.figure])


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One hour of a weekday: how many, how strongly it is shown (0 to 5), and what it is called."""

    value: int
    level: int
    query: str
    label: str


@dataclass(frozen=True, slots=True)
class Heat:
    """Hours of a day across, weekdays down."""

    slug: str
    title: str
    figure: str
    hours: tuple[int, ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]

    @property
    def definition(self) -> str:
        """Return what it counts."""
        return str(DEFINITIONS[self.figure])


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle of a chart, in the units of its view box."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Columns over time."""

    slug: str
    title: str
    summary: str
    series: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[tuple[float, str], ...]
    # The same in words: label and one value for each series.
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Section:
    """One page of a report."""

    slug: str
    tiles: tuple[Tile, ...] = ()
    charts: tuple[Chart, ...] = ()
    heats: tuple[Heat, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = field(default_factory=tuple)

    def table(self, slug: str) -> Table | None:
        """Return one of its tables."""
        return next((one for one in self.tables if one.slug == slug), None)


def duration(seconds: float) -> str:
    """Return how long in the two largest units, to the minute; below a minute in seconds."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return _("%(seconds)s s") % {"seconds": whole}
    if whole < HOUR:
        return _("%(minutes)s min") % {"minutes": whole // MINUTE}
    if whole < DAY:
        return _("%(hours)s h %(minutes)s min") % {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}
    return _("%(days)s d %(hours)s h") % {"days": whole // DAY, "hours": whole % DAY // HOUR}


def percent(part: float, whole: float) -> float | None:
    """Return how much of the whole a part is; None of nothing."""
    return 100 * part / whole if whole else None


def parts(values: Sequence[tuple[float, str]], most: float) -> tuple[Part, ...]:
    """Return a bar of parts beside each other, where `most` is the whole width."""
    found, x = [], 0.0
    for value, tone in values:
        width = 100 * value / most if most else 0.0
        if width > 0:
            found.append(Part(round(x, 2), round(width, 2), tone))
        x += width
    return tuple(found)
