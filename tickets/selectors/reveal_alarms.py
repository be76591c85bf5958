"""What nobody's work explains: reveals without a ticket, many in a day, a few for months, of watched customers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from django.db import connection

LATELY: Final = timedelta(hours=24)
# More tickets than anybody works on in a day.
MANY_VIEWS: Final = 120
SLOW: Final = timedelta(days=30)
# More customers than anybody has to call or write to in a month, and far more than colleagues.
MANY_CUSTOMERS: Final = 60
TIMES_THE_OTHERS: Final = 3
# Beyond a budget of an hour: more than a slip or two.
MANY_REFUSED: Final = 5
MOST: Final = 20
Found = tuple[str, str, str]

_REFUSED: Final = """
SELECT s.public_id, s.name, count(*) FROM security_revealrefusal r JOIN accounts_staff s ON s.id = r.staff_id
WHERE r.refused_at > core.clock() - %s AND r.why = ANY(%s)
GROUP BY s.id HAVING count(*) >= %s ORDER BY count(*) DESC LIMIT %s
"""
_VIEWED: Final = """
SELECT s.public_id, s.name, v.seen FROM (
    SELECT actor_id, count(DISTINCT object_id) AS seen FROM core_auditentry
    WHERE action = 'ticket.viewed' AND at > core.clock() - %s GROUP BY actor_id HAVING count(DISTINCT object_id) >= %s
) v JOIN accounts_staff s ON s.public_id = v.actor_id ORDER BY v.seen DESC LIMIT %s
"""
_SLOW: Final = """
WITH theirs AS (
    SELECT staff_id, count(DISTINCT customer_id) AS customers FROM security_reveal
    WHERE revealed_at > core.clock() - %s GROUP BY staff_id
)
SELECT s.public_id, s.name, t.customers FROM theirs t JOIN accounts_staff s ON s.id = t.staff_id
WHERE t.customers >= %s AND t.customers > %s * coalesce(
    (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY o.customers) FROM theirs o WHERE o.staff_id <> t.staff_id), 0)
ORDER BY t.customers DESC LIMIT %s
"""
_HONEY: Final = """
SELECT s.public_id, s.name, count(*) FROM (
    SELECT staff_id, customer_id FROM security_reveal WHERE revealed_at > core.clock() - %s
    UNION ALL SELECT staff_id, customer_id FROM security_revealrefusal WHERE refused_at > core.clock() - %s
) r JOIN security_honeycustomer h USING (customer_id) JOIN accounts_staff s ON s.id = r.staff_id
GROUP BY s.id ORDER BY count(*) DESC LIMIT %s
"""
# Asked for in a browser that its person had not signed in with before that day, or in the night of their time zone
# and on no shift. Who signs in for the first time has no habits yet.
_UNUSUAL: Final = """
SELECT DISTINCT ON (s.public_id) s.public_id, s.name, n.is_new FROM security_reveal r
JOIN accounts_staff s ON s.id = r.staff_id
LEFT JOIN security_staffsession i ON i.id = r.session_id AND i.staff_id = r.staff_id
CROSS JOIN LATERAL (SELECT coalesce(i.opened_at > r.revealed_at - interval '24 hours'
    AND EXISTS (SELECT FROM security_staffsession o WHERE o.staff_id = s.id
                AND o.opened_at < r.revealed_at - interval '24 hours')
    AND NOT EXISTS (SELECT FROM security_staffsession o WHERE o.staff_id = s.id AND o.browser = i.browser
                    AND o.opened_at < r.revealed_at - interval '24 hours'), false) AS is_new) n
WHERE r.revealed_at > core.clock() - %s AND (n.is_new OR (
    extract(hour FROM r.revealed_at AT TIME ZONE s.time_zone) NOT BETWEEN 6 AND 21
    AND EXISTS (SELECT FROM accounts_shift f WHERE f.staff_id = s.id AND f.cancelled_at IS NULL)
    AND NOT EXISTS (SELECT FROM accounts_shift f WHERE f.staff_id = s.id AND f.cancelled_at IS NULL
                    AND f.starts_at <= r.revealed_at AND f.ends_at >= r.revealed_at)))
ORDER BY s.public_id, n.is_new DESC LIMIT %s
"""


def found() -> Iterator[Found]:
    """Yield (kind of alarm, id of one of ours, one sentence); for a day: no machine sees that it was looked into."""
    for who, name, count in _rows(_REFUSED, LATELY, ["unassigned", "foreign"], 1, MOST):
        yield "reveal-unassigned", who, f"{name}: {count} within a day"
    bulk = {who: f"{name}: budget of a day used up" for who, name, _n in _rows(_REFUSED, LATELY, ["day"], 1, MOST)}
    for who, name, count in _rows(_REFUSED, LATELY, ["hour"], MANY_REFUSED, MOST):
        bulk.setdefault(who, f"{name}: {count} beyond the budget of an hour")
    for who, name, count in _rows(_VIEWED, LATELY, MANY_VIEWS, MOST):
        bulk[who] = f"{name}: {count} tickets opened within a day"
    for who, said in bulk.items():
        yield "reveal-bulk", who, said
    for who, name, count in _rows(_SLOW, SLOW, MANY_CUSTOMERS, TIMES_THE_OTHERS, MOST):
        yield "reveal-slow", who, f"{name}: {count} customers within {SLOW.days} days"
    for who, name, _count in _rows(_HONEY, LATELY, LATELY, MOST):
        yield "reveal-honey", who, name
    for who, name, is_new in _rows(_UNUSUAL, LATELY, MOST):
        yield "reveal-unusual", who, f"{name}: {'in a new browser' if is_new else 'at night, on no shift'}"


def _rows(statement: str, *given: Any) -> list[tuple[str, str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(given))
        return [(str(who), str(name), told) for who, name, told in cursor.fetchall()]
