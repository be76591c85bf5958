"""What waits: in the inbox and the outbox, at the exchange, and of what the exchange has told."""

from dataclasses import dataclass

from django.db import connection

# Mail that came in is measured from when it came, however often it is tried: a passing failure sets its next try anew.
# What a person has released from review waits since then.
OLDEST = """
SELECT 'inbox', coalesce(extract(epoch FROM core.clock() - least(
    (SELECT min(CASE reason WHEN 'released' THEN next_attempt_at ELSE received_at END)
       FROM tickets_inboundmail WHERE state = 'stored'),
    (SELECT min(CASE reason WHEN 'released' THEN next_attempt_at ELSE received_at END)
       FROM tickets_socialevent WHERE state = 'stored'))), 0)
UNION ALL
SELECT 'outbox', coalesce(extract(epoch FROM core.clock() - least(
    (SELECT min(next_attempt_at) FROM tickets_outboundmail WHERE state = 'queued'),
    (SELECT min(next_attempt_at) FROM tickets_socialpost WHERE state = 'queued'))), 0)
"""
BY_STATE = """
SELECT kind, state, count(*) FROM (
    SELECT 'inbox', state FROM tickets_inboundmail WHERE state IN ('stored', 'quarantined')
    UNION ALL SELECT 'inbox', state FROM tickets_socialevent WHERE state IN ('stored', 'quarantined')
    UNION ALL SELECT 'outbox', state FROM tickets_outboundmail WHERE state = 'queued'
    UNION ALL SELECT 'outbox', state FROM tickets_socialpost WHERE state = 'queued'
) AS waiting (kind, state) GROUP BY kind, state
"""
# What the exchange owes an answer, factors that it has let go and we have not, and what it has told and nobody has
# handled; each is an alarm's kind. What cannot be
# read is told of for a day.
AT_THE_EXCHANGE = """
SELECT kind, count(*), extract(epoch FROM core.clock() - min(since)) FROM (
    SELECT 'freeze-unanswered', created_at FROM security_freezeorder WHERE state = 'waiting'
    UNION ALL SELECT 'fund-order-unanswered', created_at FROM security_fundorder WHERE state = 'waiting'
    UNION ALL SELECT 'factors-not-ended', owed_at FROM security_factorstoend WHERE ended_at IS NULL
    UNION ALL SELECT 'event-overdue', received_at FROM security_exchangeevent WHERE state = 'stored'
    UNION ALL SELECT 'event-unreadable', core.clock() - make_interval(secs => %(late_s)s)
      FROM security_exchangeevent WHERE state = 'quarantined' AND received_at > core.clock() - interval '1 day'
) AS waiting (kind, since)
 WHERE since <= core.clock() - make_interval(secs => %(late_s)s) GROUP BY kind ORDER BY kind
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of a kind are late, and how long the oldest has waited, in seconds."""

    kind: str
    count: int
    age_s: float


def at_the_exchange(*, late_s: float) -> list[Waiting]:
    """Return what the exchange has not answered, and what it has told and nobody has handled, for `late_s` seconds."""
    with connection.cursor() as cursor:
        cursor.execute(AT_THE_EXCHANGE, {"late_s": late_s})
        return [Waiting(str(kind), int(count), float(age_s)) for kind, count, age_s in cursor.fetchall()]


def oldest_waiting_s() -> dict[str, float]:
    """Return by queue how many seconds the oldest waiting row has waited; never negative."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST)
        return {name: max(0.0, float(age)) for name, age in cursor.fetchall()}


def by_state() -> dict[str, dict[str, int]]:
    """Return the number of waiting rows by queue and state."""
    found: dict[str, dict[str, int]] = {"inbox": {}, "outbox": {}}
    with connection.cursor() as cursor:
        cursor.execute(BY_STATE)
        for queue, state, count in cursor.fetchall():
            found[queue][state] = int(count)
    return found
