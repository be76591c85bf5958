"""Queues: views with live counts and keyset pages of rows."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.masking import masked
from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import Alarm, InboundMail, OutboundMail, Tag, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.selectors.people import PersonShown, customer_name, staff_shown

PAGE_SIZE = 50
COUNT_CAP = 1000
TEAM_PREFIX = "team-"


class BadCursorError(ValueError):
    """The cursor is not one that this list gave out."""


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the left pane."""

    slug: str
    name: str
    icon: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class RowRequester:
    """Who asks, in a queue row."""

    name: str
    proof: str
    address: str


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in a queue."""

    public_id: str
    number: int
    subject: str
    channel: str
    requester: RowRequester
    last_line: str
    last_is_ours: bool
    tags: tuple[Tag, ...]
    status: str
    priority: str
    assignee: PersonShown | None
    updated_at: datetime
    is_unread: bool
    has_failed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, and the cursor of the next page or ''."""

    rows: tuple[Row, ...]
    next_cursor: str


def views() -> tuple[View, ...]:
    """Return the views everybody has."""
    return (
        View("mine", _("Mine"), "person", "m"),
        View("unassigned", _("Unassigned"), "person-none", "u"),
        View("open", _("All open"), "stack", "o"),
        View("resolved", _("Resolved"), "check-circle", "r"),
        View("spam", _("Spam"), "shield-alert"),
    )


def visible_teams(person: Staff) -> list[Team]:
    """Return the teams whose queues `person` may see."""
    return list(Team.objects.visible_to(person).order_by("name"))


def team_views(teams: Sequence[Team]) -> tuple[View, ...]:
    """Return one view for each team."""
    return tuple(View(f"{TEAM_PREFIX}{team.slug}", team.name, "people") for team in teams)


def tickets_of(view: str, person: Staff) -> TicketQuerySet | None:
    """Return the visible tickets of a view, unordered; None for a view that is not there for `person`."""
    visible = Ticket.objects.visible_to(person)
    if view == "mine":
        return visible.active().filter(assignee=person)
    if view == "unassigned":
        return visible.unassigned()
    if view == "open":
        return visible.active()
    if view == "resolved":
        return visible.resolved()
    if view == "spam":
        return visible.filter(is_spam=True)
    team = Team.objects.visible_to(person).filter(slug=view.removeprefix(TEAM_PREFIX)).first()
    return visible.active().filter(team=team) if team and view.startswith(TEAM_PREFIX) else None


def page(*, tickets: TicketQuerySet, after: str = "", size: int = PAGE_SIZE) -> Page:
    """Return `size` rows after the cursor, newest activity first, in two queries. Raises BadCursorError."""
    found = tickets.order_by("-updated_at", "-id")
    if after:
        at, pk = read_cursor(after)
        found = found.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=pk), updated_at__lte=at)
    listed = list(_listed(found)[: size + 1])
    rows = tuple(_row(ticket) for ticket in listed[:size])
    last = listed[size - 1] if len(listed) > size else None
    return Page(rows, write_cursor(last.updated_at, last.pk) if last else "")


def one(*, tickets: TicketQuerySet, public_id: str) -> Row | None:
    """Return one ticket's row if it is in the view."""
    ticket = _listed(tickets.filter(public_id=public_id)).first()
    return _row(ticket) if ticket else None


def counts(person: Staff, teams: Sequence[Team] | None = None) -> dict[str, int]:
    """Return how many tickets each view holds, none counted beyond 1,000, in one query and a bounded time.

    `teams` are the visible ones where the caller has read them already.
    """
    wanted: dict[str, str] = {}
    params: list[Any] = []
    visible = Ticket.objects.visible_to(person)
    sets: list[tuple[str, TicketQuerySet]] = [
        ("mine", visible.active().filter(assignee=person)),
        ("unassigned", visible.unassigned()),
        ("open", visible.active()),
        ("resolved", visible.resolved()),
        ("spam", visible.filter(is_spam=True)),
    ]
    if teams is None:
        teams = visible_teams(person)
    sets += [(f"{TEAM_PREFIX}{team.slug}", visible.active().filter(team=team)) for team in teams]
    for slug, found in sets:
        sql, values = found.order_by().values("pk")[:COUNT_CAP].query.sql_with_params()
        wanted[slug] = _counted(sql)
        params += values
    if person.has(Permission.QUARANTINE_VIEW):
        seen = Q(mailbox__team__isnull=True) | Q(mailbox__team__in=[team.pk for team in teams])
        waiting = InboundMail.objects.filter(seen, state="quarantined").values("pk")[:COUNT_CAP]
        sql, values = waiting.query.sql_with_params()
        wanted["quarantine"] = _counted(sql)
        params += values
    if person.has(Permission.SYSTEM_WATCH):
        for slug, alarms in (("alarms", Alarm.objects.open()), ("alarms-new", Alarm.objects.open().unattended())):
            sql, values = alarms.order_by().values("pk")[:COUNT_CAP].query.sql_with_params()
            wanted[slug] = _counted(sql)
            params += values
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(wanted.values()), params)
        found_counts = cursor.fetchone()
    return dict(zip(wanted, found_counts, strict=True))


def _counted(sql: str) -> str:
    return f"(SELECT count(*) FROM ({sql}) AS counted)"  # noqa: S608 -- compiled by the ORM, values stay parameters


def shown_count(count: int) -> str:
    """Return a count as the desk shows it: `1,000+` at the cap; nothing at all means that it is not known."""
    return "1,000+" if count >= COUNT_CAP else str(count)


def write_cursor(at: datetime, pk: int) -> str:
    """Pack a place in the order."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Unpack a place in the order; raises BadCursorError."""
    try:
        at, _space, pk = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().rpartition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise BadCursorError(cursor)
        return moment, int(pk)
    except (binascii.Error, ValueError, UnicodeDecodeError) as error:
        raise BadCursorError(cursor) from error


def _listed(tickets: TicketQuerySet) -> TicketQuerySet:
    failed = OutboundMail.objects.filter(message__ticket=OuterRef("pk"), state__in=["bounced", "failed"])
    return tickets.select_related("requester", "assignee").prefetch_related("tags").annotate(has_failed=Exists(failed))


def _row(ticket: Ticket) -> Row:
    active = ticket.status not in {"resolved", "closed"}
    return Row(
        public_id=ticket.public_id,
        number=ticket.number,
        subject=ticket.subject,
        channel=ticket.channel,
        requester=RowRequester(
            customer_name(ticket.requester, ticket.requester_address),
            "proven" if ticket.is_requester_proven else "unproven",
            _address(ticket),
        ),
        last_line=ticket.last_line,
        last_is_ours=ticket.last_direction == "out",
        tags=_tags(ticket.tags.all()),
        status=ticket.status,
        priority=ticket.priority,
        assignee=staff_shown(ticket.assignee),
        updated_at=ticket.updated_at,
        is_unread=active and ticket.last_direction == "in",
        has_failed=bool(getattr(ticket, "has_failed", False)),
    )


def _address(ticket: Ticket) -> str:
    """Return the masked address, which stands beside every name that customers give themselves."""
    address = ticket.requester_address
    return masked("email" if "@" in address else "phone", address) if address else ""


def _tags(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    return tuple(sorted(tags, key=lambda tag: tag.name))
