"""Inbox and outbox rows that should have been handled by now, through the partial indexes of what waits."""

from django.db import connection

# Rows that a worker has locked are at work; cost follows what is due, not what is stored.
DUE = """
SELECT id FROM {table}
 WHERE state = %s AND next_attempt_at <= core.clock() - make_interval(secs => %s)
   AND (lease_until IS NULL OR lease_until < core.clock())
 ORDER BY next_attempt_at LIMIT %s
   FOR NO KEY UPDATE SKIP LOCKED
"""
UNREPORTED = """
SELECT id FROM tickets_outboundmail
 WHERE NOT is_reported AND state IN ('sent', 'bounced', 'failed') AND next_attempt_at <= core.clock()
 ORDER BY next_attempt_at, id LIMIT %s
   FOR NO KEY UPDATE SKIP LOCKED
"""
DOCUMENTS = """
SELECT id FROM tickets_attachment
 WHERE restricted_at <= core.clock() - make_interval(secs => %s) AND file_id IS NOT NULL
 ORDER BY restricted_at LIMIT %s
"""
INBOUND = DUE.format(table="tickets_inboundmail").replace("ORDER BY", "  AND size > %s\n ORDER BY")
OUTBOUND = DUE.format(table="tickets_outboundmail")
SOCIAL_EVENTS = DUE.format(table="tickets_socialevent")
SOCIAL_POSTS = DUE.format(table="tickets_socialpost")
UNREPORTED_POSTS = """
SELECT id FROM tickets_socialpost
 WHERE NOT is_reported AND state IN ('sent', 'failed') AND next_attempt_at <= core.clock()
 ORDER BY next_attempt_at, id LIMIT %s
   FOR NO KEY UPDATE SKIP LOCKED
"""
NOTICES = DUE.format(table="core_notice")


def inbound(*, late_s: float, limit: int, over_bytes: int = -1) -> list[int]:
    """Ids of stored mail that is `late_s` seconds late and larger than `over_bytes`, oldest first."""
    return _ids(INBOUND, ["stored", late_s, over_bytes, limit])


def outbound(*, late_s: float, limit: int) -> list[int]:
    """Ids of owed mail that is `late_s` seconds late, oldest first."""
    return _ids(OUTBOUND, ["queued", late_s, limit])


def notices(*, late_s: float, limit: int) -> list[int]:
    """Ids of system mail that is `late_s` seconds late, oldest first."""
    return _ids(NOTICES, ["queued", late_s, limit])


def social_events(*, late_s: float, limit: int) -> list[int]:
    """Ids of stored social events that are `late_s` seconds late, oldest first."""
    return _ids(SOCIAL_EVENTS, ["stored", late_s, limit])


def social_posts(*, late_s: float, limit: int) -> list[int]:
    """Ids of owed social messages that are `late_s` seconds late, oldest first."""
    return _ids(SOCIAL_POSTS, ["queued", late_s, limit])


def unreported_posts(*, limit: int) -> list[int]:
    """Ids of sent or failed social messages whose consequences have not been written, the oldest first."""
    return _ids(UNREPORTED_POSTS, [limit])


def unreported(*, limit: int) -> list[int]:
    """Ids of sent or failed mail whose consequences have not been written, those that have waited longest first."""
    return _ids(UNREPORTED, [limit])


def documents(*, late_s: float, limit: int) -> list[int]:
    """Ids of attachments that have waited `late_s` seconds to be moved into restricted storage, oldest first."""
    return _ids(DOCUMENTS, [late_s, limit])


def _ids(query: str, parameters: list[str | float]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return [int(row[0]) for row in cursor.fetchall()]
