"""What waits in the inbox and the outbox."""

from django.db import connection

# Mail that came in is measured from when it came, however often it is tried: a passing failure sets its next try anew.
# What a person has released from review waits since then.
OLDEST = """
SELECT 'inbox', coalesce(extract(epoch FROM core.clock()
                                 - min(CASE reason WHEN 'released' THEN next_attempt_at ELSE received_at END)), 0)
  FROM tickets_inboundmail WHERE state = 'stored'
UNION ALL
SELECT 'outbox', coalesce(extract(epoch FROM core.clock() - min(next_attempt_at)), 0)
  FROM tickets_outboundmail WHERE state = 'queued'
"""
BY_STATE = """
SELECT 'inbox', state, count(*) FROM tickets_inboundmail WHERE state IN ('stored', 'quarantined') GROUP BY state
UNION ALL
SELECT 'outbox', state, count(*) FROM tickets_outboundmail WHERE state = 'queued' GROUP BY state
"""


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
