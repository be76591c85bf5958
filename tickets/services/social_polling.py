"""Asking vendors what has happened, for accounts that they cannot reach. Two who ask at once keep nothing twice."""

import structlog
from django.db.models.functions import Greatest

from tickets.channels.social.registry import channel
from tickets.channels.social.shapes import VendorAway, VendorRefused
from tickets.models import SocialAccount
from tickets.services import social_accounts, social_raw

log = structlog.get_logger(__name__)


def poll_all() -> int:
    """Ask for each account that is polled; return how many new events were kept."""
    polled = SocialAccount.objects.filter(is_active=True, inbound=SocialAccount.Inbound.POLLING)
    return sum(_poll(account) for account in polled)


def _poll(account: SocialAccount) -> int:
    try:
        events, offset = channel(account.kind).poll(account)
    except (VendorAway, VendorRefused) as error:
        log.warning("social_poll_failed", account=account.public_id, reason=str(error))
        social_accounts.note_error(account=account, error=str(error))
        return 0
    kept = sum(social_raw.store(account=account, raw=raw) for raw in events)
    mine = SocialAccount.objects.filter(pk=account.pk)
    if offset > account.poll_offset:
        # Only now that they are kept: the vendor forgets what is below it.
        mine.update(poll_offset=Greatest("poll_offset", offset))
    if account.last_error:
        mine.update(last_error="", last_error_at=None)
    return kept
