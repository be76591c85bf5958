"""Keeping a social event under its vendor's id before anybody reads it; every way in calls this."""

import hmac

from django.db import connection, transaction

from core import audit, doorbell, sealing
from core.ids import new_public_id
from tickets.channels.social.registry import channel
from tickets.channels.social.shapes import Shared
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
        news = [_store_one(_whose(account, event), event) for event in channel(account.kind).split(raw)]
    return any(news)


def _whose(account: SocialAccount, raw: bytes) -> SocialAccount:
    """Return whose event it is: the webhook's own, or another account of the application that has signed it."""
    vendor = channel(account.kind)
    number = vendor.told_of(raw) if isinstance(vendor, Shared) else ""
    if not account.external_id or number in {"", account.external_id}:
        return account
    others = SocialAccount.objects.filter(kind=account.kind, external_id=number, is_active=True).order_by("pk")
    ours = (account.app_secret or "").encode()
    of_it = (one for one in others if ours and hmac.compare_digest((one.app_secret or "").encode(), ours))
    return next(of_it, account)


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
