"""Time spent: what people wrote down on cases, by person and by team."""

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Staff, Team
from tickets.models import SlaPolicy, Ticket, TimeEntry
from tickets.reports.asked import NONE, Asked, Unanswerable
from tickets.reports.shapes import Cell, Column, Row, Section, Table, Tile, parts

MINUTE = 60
Spent = Sequence[tuple[str, int, int]]


def section(asked: Asked, person: Staff) -> Section:
    """Return the page; three statements for its figures."""
    entries = _entries(asked, person)
    people = _by(entries, "staff")
    teams = _by(entries, "team")
    whole = entries.aggregate(minutes=Sum("minutes"), cases=Count("ticket", distinct=True))
    return Section(
        slug="spent",
        tiles=(
            Tile(_("Time spent"), "spent", Cell((whole["minutes"] or 0) * MINUTE, "seconds")),
            Tile(_("Cases with time"), "spent_cases", Cell(whole["cases"])),
        ),
        tables=(
            _table("agents", _("Time spent by person"), _("Person"), people),
            _table("teams", _("Time spent by team"), _("Team"), teams),
        ),
    )


def _entries(asked: Asked, person: Staff) -> QuerySet[TimeEntry]:
    """Return what counts: of cases that `person` may see and that are no spam, as it stood at the moment asked for."""
    stood = Q(created_at__lte=asked.as_of) & (Q(taken_back_at__isnull=True) | Q(taken_back_at__gt=asked.as_of))
    found = TimeEntry.objects.filter(
        stood,
        day__gte=asked.first_day,
        day__lte=asked.last_day,
        ticket__in=Ticket.objects.visible_to(person).filter(is_spam=False).order_by().values("pk"),
    )
    for name, value in asked.only.items():
        if name in {"channel", "priority"}:
            found = found.filter(**{f"ticket__{name}": value})
        elif name == "team":
            found = found.filter(team__isnull=True) if value == NONE else found.filter(team=_known(Team, value))
        elif name == "policy":
            found = found.filter(ticket__sla_version__policy=_known(SlaPolicy, value))
    return found


def _known(model: type[Team] | type[SlaPolicy], public_id: str) -> int:
    key = model.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    if key is None:
        raise Unanswerable
    return key


def _by(entries: QuerySet[TimeEntry], whose: str) -> Spent:
    """Return name, minutes and cases of each, the most first: two of one name are two."""
    name = f"{whose}__name"
    rows = entries.order_by().values(whose, name).annotate(spent=Sum("minutes"), cases=Count("ticket", distinct=True))
    return sorted(((row[name] or "", row["spent"], row["cases"]) for row in rows), key=lambda row: (-row[1], row[0]))


def _table(slug: str, title: str, first: str, found: Spent) -> Table:
    most = max((minutes for _name, minutes, _cases in found), default=0)
    rows = tuple(
        Row(
            name or _("No team"),
            (Cell(minutes * MINUTE, "seconds"), Cell(cases)),
            parts([(minutes, "accent")], most),
        )
        for name, minutes, cases in found
    )
    return Table(
        slug, title, first, (Column(_("Time spent"), "spent", "accent"), Column(_("Cases"), "spent_cases")), rows
    )
