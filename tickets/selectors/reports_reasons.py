"""Reasons: what customers contacted us about, by topic and by tag."""

from django.utils.translation import gettext as _

from accounts.models import Staff
from tickets.reports.asked import Asked
from tickets.reports.shapes import Cell, Column, Row, Section, Table, Tile, parts, percent
from tickets.selectors import reports_facts
from tickets.selectors.reports_names import groups

MOST_LISTED = 200


def section(asked: Asked, person: Staff) -> Section:
    """Return the page; two statements for its figures."""
    topics = reports_facts.counted(asked, person, "opened", (("topic",),))["topic",]
    tags = reports_facts.counted(asked, person, "tagged", (("tag",),))["tag",]
    named = groups("topic")
    opened = sum(topics.values())
    by_topic = [(named[key].name, named[key].value, count) for (key,), count in topics.items()]
    by_tag = [(name, name, count) for (name,), count in tags.items()]
    return Section(
        slug="reasons",
        tiles=(Tile(_("Contacts"), "opened", Cell(opened, query=asked.query(figure="opened"))),),
        tables=(
            _table(asked, by="topic", titles=(_("By topic"), _("Topic")), found=by_topic, whole=opened),
            _table(asked, by="tag", titles=(_("By tag"), _("Tag")), found=by_tag, whole=opened),
        ),
    )


def _table(asked: Asked, *, by: str, titles: tuple[str, str], found: list[tuple[str, str, int]], whole: int) -> Table:
    figure = "opened" if by == "topic" else "tagged"
    ordered = sorted(found, key=lambda one: (-one[2], one[0]))[:MOST_LISTED]
    most = ordered[0][2] if ordered else 0
    rows = tuple(
        Row(
            name,
            (Cell(count, query=asked.query(figure=figure, **{by: value})), Cell(percent(count, whole), "percent")),
            parts([(count, "accent")], most),
        )
        for name, value, count in ordered
    )
    columns = (Column(_("Contacts"), "reason" if by == "topic" else "tagged"), Column(_("Share")))
    return Table(by, *titles, columns, rows)
