"""Keeping a social event under its vendor's id before anybody reads it; every way in calls this."""

from django.db import connection, transaction

from core import audit, doorbell, sealing
from core.ids import new_public_id
from tickets.channels.social.registry import channel
from tickets.models import SocialAccount, SocialEvent

INGEST = "tickets.social_ingest"
INSERT = """
INSERT INTO tickets_socialevent (
    public_id, account_id, event_id, stream, raw, size, state, attempts, last_error, reason, explanation
) VALUES (%s, %s, %s, %s, %s, %s, %s, 0, '', '', '')
ON CONFLICT (account_id, event_id) DO NOTHING
RETURNING id
"""


def store(*, account: SocialAccount, raw: bytes) -> bool:
    """Keep each event of `raw` sealed and return whether one is new; committed when this returns, unless nested.

    All of them are kept or none. The same event again changes nothing.
    Raises django.db.OperationalError when the database is away or full: then nothing was kept.
    """
    with transaction.atomic():
        news = [_store_one(account, event) for event in channel(account.kind).split(raw)]
    return any(news)


def _store_one(account: SocialAccount, raw: bytes) -> bool:
    envelope = channel(account.kind).envelope(raw)
    public_id = new_public_id()
    state = SocialEvent.State.STORED
    values = (public_id, account.pk, envelope.event_id, envelope.stream, sealing.seal(raw), len(raw), state)
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        found = cursor.fetchone()
    if found is None:
        return False
    audit.record("social.stored", actor=audit.SYSTEM, obj=("social_event", public_id))
    doorbell.ring(INGEST, int(found[0]))
    return True
