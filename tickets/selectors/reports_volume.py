"""Volume: what was opened, resolved and opened again, and how old what stands open is."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Staff
from tickets.reports import charts
from tickets.reports.asked import Asked
from tickets.reports.shapes import Cell, Column, Row, Section, Table, Tile, parts
from tickets.selectors import reports_facts
from tickets.selectors.reports_levels import Counts, all_of, points
from tickets.selectors.reports_names import groups

FLOW = ("opened", "resolved", "reopened")


def section(asked: Asked, person: Staff) -> Section:
    """Return the page; three statements for its figures."""
    axis = "hour" if asked.is_one_day else "day"
    by = (("figure", axis), ("figure", "channel"), ("figure", "team"))
    opened, moved = (reports_facts.counted(asked, person, figure, by) for figure in ("opened", "resolved"))
    flow = {group: {**opened[group], **moved[group]} for group in by}
    backlog = reports_facts.counted(asked, person, "backlog", (("bucket",), ("figure",)))
    time = flow["figure", axis]
    return Section(
        slug="volume",
        tiles=(
            *(Tile(_name(one), one, Cell(all_of(time, one), query=asked.query(figure=one))) for one in FLOW),
            Tile(
                pgettext("report", "Open"),
                "backlog",
                Cell(all_of(backlog["figure",], "backlog"), query=asked.query(figure="backlog")),
            ),
        ),
        charts=(
            charts.columns(
                "time",
                title=_("Opened and resolved over time"),
                summary=_("%(opened)s opened and %(resolved)s resolved in the period.")
                % {"opened": all_of(time, "opened"), "resolved": all_of(time, "resolved")},
                series=((pgettext("report", "Opened"), "accent"), (_("Resolved"), "good")),
                points=[(label, [time.get((one, key), 0) for one in FLOW[:2]]) for key, label in points(asked)],
                is_stacked=False,
            ),
        ),
        tables=(
            _over_time(asked, time, axis),
            _ages(asked, backlog["bucket",]),
            _by(asked, "channel", _("By channel"), _("Channel"), flow["figure", "channel"]),
            _by(asked, "team", _("By team"), _("Team"), flow["figure", "team"]),
        ),
    )


def ages() -> dict[str, str]:
    """Return what the ages of what is open are called."""
    return {
        "1h": _("Less than 1 hour"),
        "4h": _("1 to 4 hours"),
        "1d": _("4 to 24 hours"),
        "3d": _("1 to 3 days"),
        "7d": _("3 to 7 days"),
        "30d": _("7 to 30 days"),
        "older": _("30 days and more"),
    }


def _name(figure: str) -> str:
    return {"opened": pgettext("report", "Opened"), "resolved": _("Resolved"), "reopened": _("Opened again")}[figure]


def _columns() -> tuple[Column, ...]:
    return tuple(Column(_name(figure), figure) for figure in FLOW)


def _over_time(asked: Asked, counts: Counts, axis: str) -> Table:
    rows = tuple(
        Row(
            label,
            tuple(
                Cell(counts.get((figure, key), 0), query=asked.query(figure=figure, **{axis: key})) for figure in FLOW
            ),
        )
        for key, label in points(asked)
    )
    return Table("time", _("Over time"), _("Hour") if axis == "hour" else _("Day"), _columns(), rows)


def _by(asked: Asked, by: str, title: str, first: str, counts: Counts) -> Table:
    most = max((count for key, count in counts.items() if key[0] == "opened"), default=0)
    rows = tuple(
        Row(
            named.name,
            tuple(
                Cell(counts.get((figure, key), 0), query=asked.query(figure=figure, **{by: named.value}))
                for figure in FLOW
            ),
            parts([(counts.get(("opened", key), 0), "accent")], most),
        )
        for key, named in groups(by).items()
        if any(counts.get((figure, key)) for figure in FLOW)
    )
    return Table(by, title, first, _columns(), rows)


def _ages(asked: Asked, counts: Counts) -> Table:
    most = max(counts.values(), default=0)
    rows = tuple(
        Row(
            name,
            (Cell(counts.get((bucket,), 0), query=asked.query(figure="backlog", bucket=bucket)),),
            parts([(counts.get((bucket,), 0), "warn" if bucket in {"7d", "30d", "older"} else "accent")], most),
        )
        for bucket, name in ages().items()
    )
    return Table("ages", _("Age of what is open"), _("Age"), (Column(pgettext("report", "Open"), "backlog"),), rows)
