"""Counting what the sources of reports tell: by group, in quantiles, and one by one; by one statement each."""

# ruff: noqa: S608 -- statements are put together from constants of ours; every value stays a parameter

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import SlaPolicy, Topic
from tickets.models.channel import Channel
from tickets.models.ticket import Priority
from tickets.reports.asked import NONE, Asked, Unanswerable
from tickets.selectors.reports_sources import RETAGGED, SOURCES, TAGGED, Source
from tickets.sla.vocabulary import Metric

PAGE = 50
# Ages of what is open, in seconds: from, and below.
BUCKETS: dict[str, tuple[int, int]] = {
    "1h": (0, 3_600),
    "4h": (3_600, 14_400),
    "1d": (14_400, 86_400),
    "3d": (86_400, 259_200),
    "7d": (259_200, 604_800),
    "30d": (604_800, 2_592_000),
    "older": (2_592_000, 2**40),
}
_AGES = " ".join(f"WHEN fact.seconds < {below} THEN '{name}'" for name, (_from, below) in BUCKETS.items())
# How a case stood at a moment: the first change after it says what there was before, else nothing has changed.
WAS = """
was AS MATERIALIZED (
    SELECT first.ticket_id,
           max(first.before) FILTER (WHERE first.event = 'status_changed') AS status,
           max(first.before) FILTER (WHERE first.event = 'priority_changed') AS priority,
           max(coalesce(first.before, '')) FILTER (WHERE first.event = 'team_changed' AND first.says) AS team,
           max(coalesce(first.before, '')) FILTER (WHERE first.event = 'topic_changed' AND first.says) AS topic,
           max(first.after) FILTER (WHERE first.event = 'spam_changed') AS spam
      FROM (
        SELECT DISTINCT ON (message.ticket_id, message.event) message.ticket_id, message.event,
               message.event_data ->> 'from' AS before, message.event_data ->> 'to' AS after,
               message.event_data ? 'from' AS says
          FROM tickets_message AS message
         WHERE message.event IN ('status_changed', 'priority_changed', 'team_changed', 'topic_changed', 'spam_changed')
           AND message.created_at > %(then)s
         ORDER BY message.ticket_id, message.event, message.seq) AS first
     GROUP BY first.ticket_id)
"""
TOLD = """
WITH {was}, source AS ({source}), told AS (
    SELECT source.fact_id, source.ticket_id, source.at, source.figure, ticket.channel, {columns}
      FROM source
      JOIN tickets_ticket AS ticket ON ticket.id = source.ticket_id
      LEFT JOIN was ON was.ticket_id = ticket.id
      LEFT JOIN accounts_team AS team_was ON team_was.public_id = was.team
      LEFT JOIN tickets_topic AS topic_was ON topic_was.slug = was.topic
     WHERE NOT CASE WHEN was.spam IS NULL THEN ticket.is_spam ELSE was.spam = '0' END AND {visible}
), fact AS (SELECT * FROM told WHERE {only})
"""
OF_CASE = {
    "metric": "''",
    "version_id": "NULL::bigint",
    "team_id": "CASE WHEN was.team IS NULL THEN ticket.team_id ELSE team_was.id END",
    "priority": "coalesce(was.priority, ticket.priority)",
    "topic_id": "CASE WHEN was.topic IS NULL THEN ticket.topic_id ELSE topic_was.id END",
}
OF_PROMISE = {**OF_CASE} | {name: f"source.{name}" for name in ("metric", "version_id", "team_id", "priority")}
OWN = {"seconds": "NULL::float8", "tag": "''"}
# What figures are grouped by.
GROUPS = {
    "figure": "fact.figure",
    "metric": "fact.metric",
    "policy": "(SELECT version.policy_id FROM tickets_slapolicyversion AS version WHERE version.id = fact.version_id)",
    "team": "fact.team_id",
    "channel": "fact.channel",
    "priority": "fact.priority",
    "topic": "fact.topic_id",
    "tag": "fact.tag",
    "weekday": "extract(isodow FROM fact.at AT TIME ZONE %(zone)s)::int",
    "hour": "extract(hour FROM fact.at AT TIME ZONE %(zone)s)::int",
    "day": "(fact.at AT TIME ZONE %(zone)s)::date",
    "bucket": f"CASE {_AGES} END",
}
_NUMBERED = {"weekday": [str(day) for day in range(1, 8)], "hour": [str(hour) for hour in range(24)]}
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was counted, of one case."""

    id: int
    at: datetime
    public_id: str
    number: int
    subject: str
    status: str
    channel: str
    team: str
    assignee: str
    metric: str
    seconds: Mapping[str, float]


def counted(asked: Asked, person: Staff, figure: str, by: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], Any]:
    """Return how many there are of the source of `figure`, for each of several groupings: {grouping: {key: count}}."""
    names = sorted({name for group in by for name in group})
    sets = ", ".join(f"({', '.join(f'g_{name}' for name in group)})" for group in by)
    columns = ", ".join(f"{GROUPS[name]} AS g_{name}" for name in names)
    marks = ", ".join(f"grouping(g_{name})" for name in names)
    chosen = ", ".join(f"g_{name}" for name in names)
    sql = (
        f"{_told(figure, asked, person)}, grouped AS (SELECT {columns} FROM fact)"
        f" SELECT ARRAY[{marks}], {chosen}, count(*) FROM grouped GROUP BY GROUPING SETS ({sets})"
    )
    found: dict[tuple[str, ...], dict[Key, int]] = {group: {} for group in by}
    for left_out, *values, count in _rows(sql, _parameters(figure, asked, person)):
        told = dict(zip(names, zip(left_out, values, strict=True), strict=True))
        group = next(one for one in by if all((name not in one) == bool(told[name][0]) for name in names))
        found[group][tuple(told[name][1] for name in group)] = int(count)
    return found


def measured(
    asked: Asked, person: Staff, figure: str, by: Sequence[str]
) -> dict[str, dict[Any, tuple[int, float, float]]]:
    """Return for each grouping and group, and for all of it as None: how many, the median and what nine of ten took.

    In seconds; cases without a team are the group "none".
    """
    keys = ", ".join(f"g_{name}" for name in by)
    columns = ", ".join(f"{GROUPS[name]} AS g_{name}" for name in by)
    sql = (
        f"{_told(figure, asked, person)}, grouped AS (SELECT {columns}, fact.seconds FROM fact"
        " WHERE fact.figure = %(figure)s)"
        f" SELECT ARRAY[{', '.join(f'grouping(g_{name})' for name in by)}], {keys}, count(*),"
        " percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds)"
        f" FROM grouped GROUP BY GROUPING SETS ((), {', '.join(f'(g_{name})' for name in by)})"
    )
    found: dict[str, dict[Any, tuple[int, float, float]]] = {name: {} for name in by}
    for left_out, *values, count, half, most in _rows(sql, _parameters(figure, asked, person) | {"figure": figure}):
        for name, is_left_out, key in zip(by, left_out, values, strict=True):
            if count and (all(left_out) or not is_left_out):
                group = None if is_left_out else (NONE if key is None else key)
                found[name][group] = (int(count), float(half), float(most))
    return found


def summed(asked: Asked, person: Staff, by: str) -> dict[Any, tuple[int, ...]]:
    """Return for each group, and for all of it as None, how many cases were split, and the four sums in seconds."""
    columns = SOURCES["split"].columns
    sums = ", ".join(f"coalesce(sum({name}), 0)" for name in columns)
    sql = (
        f"{_told('split', asked, person)}, grouped AS (SELECT {GROUPS[by]} AS key, {', '.join(columns)} FROM fact)"
        f" SELECT grouping(key), key, count(*), {sums} FROM grouped GROUP BY GROUPING SETS ((), (key))"
    )
    return {
        None if is_all else (NONE if key is None else key): tuple(int(value) for value in values)
        for is_all, key, *values in _rows(sql, _parameters("split", asked, person))
        if values[0]
    }


def number(asked: Asked, person: Staff, figure: str) -> int:
    """Return how many there are of one figure."""
    sql = f"{_told(figure, asked, person)} SELECT count(*) FROM fact WHERE fact.figure = %(figure)s"
    return int(_rows(sql, _parameters(figure, asked, person) | {"figure": figure})[0][0])


def listed(
    asked: Asked, person: Staff, figure: str, *, after: tuple[datetime, int] | None, limit: int = PAGE
) -> list[Fact]:
    """Return what one figure counts, the newest first; `after` is moment and id of the last one seen."""
    own = [name for name in SOURCES[figure].columns if name != "tag"]
    values = ", ".join(f"'{name}', fact.{name}" for name in own)
    sql = (
        f"{_told(figure, asked, person)}"
        " SELECT fact.fact_id, fact.at, ticket.public_id, ticket.number, ticket.subject, ticket.status, fact.channel,"
        " coalesce(team.name, ''), coalesce(staff.name, ''), fact.metric,"
        f" jsonb_build_object({values}) FROM fact JOIN tickets_ticket AS ticket ON ticket.id = fact.ticket_id"
        " LEFT JOIN accounts_team AS team ON team.id = fact.team_id"
        " LEFT JOIN accounts_staff AS staff ON staff.id = ticket.assignee_id"
        " WHERE fact.figure = %(figure)s"
        + (" AND (fact.at, fact.fact_id) < (%(after_at)s, %(after_id)s)" if after else "")
        + " ORDER BY fact.at DESC, fact.fact_id DESC LIMIT %(limit)s"
    )
    more = {"figure": figure, "limit": limit}
    if after:
        more |= {"after_at": after[0], "after_id": after[1]}
    rows = _rows(sql, _parameters(figure, asked, person) | more)
    return [Fact(*(*row[:-1], json.loads(row[-1]))) for row in rows]


def _told(figure: str, asked: Asked, person: Staff) -> str:
    source = SOURCES[figure]
    own = {name: f"source.{name}" for name in source.columns}
    columns = {**(OF_PROMISE if source.is_promise else OF_CASE), **OWN, **own}
    was = f"{WAS}, {RETAGGED}" if source.sql == TAGGED else WAS
    return TOLD.format(
        was=was,
        source=source.sql,
        columns=", ".join(f"{expression} AS {name}" for name, expression in columns.items()),
        visible=_visible(person),
        only=" AND ".join(["true", *_only(source, asked)]),
    )


def _visible(person: Staff) -> str:
    """The same as `Ticket.objects.visible_to` says."""
    if not person.has(Permission.TICKET_VIEW):
        return "false"
    if person.has(Permission.TICKET_VIEW_RESTRICTED):
        return "true"
    within = "ticket.team_id = ANY(%(teams)s)"
    return within if person.role == "vendor" else f"(ticket.team_id IS NULL OR {within})"


def _only(source: Source, asked: Asked) -> Iterable[str]:
    for name in asked.only:
        if name in {"team", "topic"}:
            yield f"told.{name}_id IS NOT DISTINCT FROM %(only_{name})s"
        elif name == "policy":
            yield _under_policy(source)
        elif name == "bucket":
            yield "told.seconds >= %(only_bucket_from)s AND told.seconds < %(only_bucket_below)s"
        elif name != "figure":
            yield f"{GROUPS[name].replace('fact.', 'told.')} = %(only_{name})s"


def _under_policy(source: Source) -> str:
    version = "SELECT version.id FROM tickets_slapolicyversion AS version WHERE version.policy_id = %(only_policy)s"
    if source.is_promise:
        return f"told.version_id IN ({version})"
    return (
        "EXISTS (SELECT FROM tickets_slastep AS step WHERE step.ticket_id = told.ticket_id AND step.what = 'begun'"
        f" AND step.recorded_at <= %(as_of)s AND step.version_id IN ({version}))"
    )


def _parameters(figure: str, asked: Asked, person: Staff) -> dict[str, Any]:
    then = asked.until if SOURCES[figure].then == "until" else asked.as_of
    found: dict[str, Any] = {
        "start": asked.start,
        "until": asked.until,
        "as_of": asked.as_of,
        "then": then,
        "zone": str(asked.zone),
        "teams": list(Team.objects.visible_to(person).values_list("pk", flat=True)),
    }
    for name, value in asked.only.items():
        found |= _value(name, value)
    return found


def _value(name: str, value: str) -> dict[str, Any]:
    """Return what a filter compares with; raises Unanswerable."""
    if name == "bucket":
        if value not in BUCKETS:
            raise Unanswerable
        return dict(zip(("only_bucket_from", "only_bucket_below"), BUCKETS[value], strict=True))
    known: dict[str, Iterable[str]] = {"channel": Channel.values, "priority": Priority.values, "metric": Metric.values}
    if name in known and value not in known[name]:
        raise Unanswerable
    if name in _NUMBERED:
        if value not in _NUMBERED[name]:
            raise Unanswerable
        return {f"only_{name}": int(value)}
    if name == "day":
        return {"only_day": _day(value)}
    return {f"only_{name}": _key(name, value) if name in {"team", "policy", "topic"} else value}


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Unanswerable from error


def _key(name: str, value: str) -> int | None:
    """Return the key of what a filter names, None for cases without one."""
    if value == NONE and name != "policy":
        return None
    models: dict[str, Any] = {"team": (Team, "public_id"), "policy": (SlaPolicy, "public_id"), "topic": (Topic, "slug")}
    model, column = models[name]
    key: int | None = model.objects.filter(**{column: value}).values_list("pk", flat=True).first()
    if key is None:
        raise Unanswerable
    return key


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
