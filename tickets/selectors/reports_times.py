"""Times: how long customers wait for the first answer and for a solution, and whose that time was."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Staff
from tickets.reports.asked import NONE, Asked
from tickets.reports.shapes import Cell, Column, Row, Section, Table, Tile, parts, percent
from tickets.selectors import reports_facts
from tickets.selectors.reports_levels import Counts, all_of
from tickets.selectors.reports_names import groups
from tickets.selectors.reports_sources import MOST_TOLD, SOURCES

TONES = {"bot": "violet", "queue": "bad", "agent": "accent", "customer": "mute"}
Measured = Mapping[Any, tuple[int, float, float]]


def section(asked: Asked, person: Staff) -> Section:
    """Return the page; four statements for its figures."""
    answered = reports_facts.measured(asked, person, "answered", ("channel", "team"))
    resolved = reports_facts.measured(asked, person, "resolved", ("channel", "team"))
    split = reports_facts.summed(asked, person, "channel")
    contacts = reports_facts.counted(asked, person, "first_contact", (("figure", "channel"),))["figure", "channel"]
    first, more = all_of(contacts, "first_contact"), all_of(contacts, "more_contacts")
    note = _("Of the latest %(number)s resolutions of the period.") % {"number": f"{MOST_TOLD:,}"}
    tables = [
        _measured(asked, "answered", by, answered[by]) for by in ("channel", "team")
    ] + [_measured(asked, "resolved", by, resolved[by]) for by in ("channel", "team")]  # fmt: skip
    return Section(
        slug="times",
        tiles=(
            _tile(asked, _("First answer, median"), "answered", answered["channel"], 1),
            _tile(asked, _("First answer, 9 of 10"), "answered", answered["channel"], 2),
            _tile(asked, _("Resolution, median"), "resolved", resolved["channel"], 1),
            _tile(asked, _("Resolution, 9 of 10"), "resolved", resolved["channel"], 2),
            Tile(_("First contact"), "first_contact_share", Cell(percent(first, first + more), "percent")),
        ),
        tables=(_split(asked, split), _contacts(asked, contacts), *tables),
        notes=(note,) if split.get(None, (0,))[0] >= MOST_TOLD else (),
    )


def _tile(asked: Asked, name: str, figure: str, found: Measured, place: int) -> Tile:
    whole = found.get(None)
    definition = "answered" if figure == "answered" else "resolution"
    return Tile(name, definition, Cell(whole[place] if whole else None, "seconds", asked.query(figure=figure)))


def _measured(asked: Asked, figure: str, by: str, found: Measured) -> Table:
    title = {
        ("answered", "channel"): _("First answer by channel"),
        ("answered", "team"): _("First answer by team"),
        ("resolved", "channel"): _("Resolution by channel"),
        ("resolved", "team"): _("Resolution by team"),
    }[figure, by]
    most = max((row[2] for row in found.values()), default=0.0)
    columns = (
        Column(_("Cases"), "answered" if figure == "answered" else "resolution"),
        Column(_("Median"), "median", "accent"),
        Column(_("9 of 10"), "most", "mute"),
    )
    rows = tuple(
        Row(
            named.name,
            (
                Cell(row[0], query=asked.query(figure=figure, **{by: named.value})),
                Cell(row[1], "seconds"),
                Cell(row[2], "seconds"),
            ),
            parts([(row[1], "accent"), (row[2] - row[1], "mute")], most),
        )
        for key, named in groups(by).items()
        if (row := found.get(NONE if key is None else key))
    )
    slug = f"{'answer' if figure == 'answered' else 'resolution'}-{by}"
    return Table(slug, title, _("Channel") if by == "channel" else _("Team"), columns, rows)


def _split(asked: Asked, found: Mapping[Any, tuple[int, ...]]) -> Table:
    names = {"bot": _("Bot"), "queue": _("Queue"), "agent": _("Agent"), "customer": _("Customer")}
    columns = (Column(_("Cases"), "split"), *(Column(names[one], one, TONES[one]) for one in SOURCES["split"].columns))
    rows = []
    for key, named in groups("channel").items():
        if row := found.get(key):
            query = asked.query(figure="split", channel=named.value)
            rows.append(_shares(named.name, row, query))
    if whole := found.get(None):
        rows.append(_shares(_("All"), whole, asked.query(figure="split")))
    return Table(
        "split",
        _("Whose the time was"),
        _("Channel"),
        columns,
        tuple(rows),
        note=_("Average for each case; the bar shows the shares."),
    )


def _shares(name: str, row: tuple[int, ...], query: str) -> Row:
    number, *sums = row
    cells = (Cell(number, query=query), *(Cell(seconds / number, "seconds") for seconds in sums))
    return Row(name, cells, parts(list(zip(sums, TONES.values(), strict=True)), sum(sums)))


def _contacts(asked: Asked, counts: Counts) -> Table:
    columns = (
        Column(_("First contact"), "first_contact", "good"),
        Column(_("More contacts"), "more_contacts", "mute"),
        Column(_("Share"), "first_contact_share"),
    )
    rows = []
    for key, named in groups("channel").items():
        values = [counts.get((figure, key), 0) for figure in ("first_contact", "more_contacts")]
        if any(values):
            cells = [
                Cell(value, query=asked.query(figure=figure, channel=named.value))
                for figure, value in zip(("first_contact", "more_contacts"), values, strict=True)
            ]
            share = Cell(percent(values[0], sum(values)), "percent")
            bar = parts([(values[0], "good"), (values[1], "mute")], sum(values))
            rows.append(Row(named.name, (*cells, share), bar))
    return Table("contacts", _("Resolved at the first contact"), _("Channel"), columns, tuple(rows))
