"""What Discord's gateway says: whatever concerns us is kept sealed before anybody reads it; the rest is let go."""

from datetime import UTC

from django.conf import settings

from accounts.models import Staff
from core import clock
from tickets.channels.discord.events import (
    DELETED_BULK,
    EDITED,
    Event,
    Wanted,
    impostor,
    listed,
    looks_of,
    number,
    packed,
    packed_member,
    told_by,
    why,
)
from tickets.models import SocialAccount, SocialEvent, SocialRoute
from tickets.services import social_raw


def wanted(account: SocialAccount) -> Wanted:
    """Return what of its servers concerns an account now."""
    forums = SocialRoute.objects.filter(account=account, is_watched_forum=True, is_active=True)
    names = names_of(account) + list(Staff.objects.filter(is_active=True).values_list("name", flat=True))
    return Wanted(
        forums=frozenset(forums.values_list("channel_id", flat=True)),
        names=frozenset().union(*(looks_of(name) for name in names)),
        role=account.official_role,
    )


def names_of(account: SocialAccount) -> list[str]:
    """Return what an account is called, by us and at its vendor."""
    return [name for name in (account.name, account.handle.lstrip("@")) if name]


def take(*, account: SocialAccount, event: Event, wanted: Wanted) -> int:
    """Keep what concerns the account of one event, and return how many new ones were kept; committed at the return.

    Every event of the gateway goes through here. Raises django.db.OperationalError when the database is away: then
    the same event has to be handed in again.
    """
    kept = 0
    reason = why(event, wanted)
    if reason == "perhaps":
        reason = "known" if _is_known(account, event) else ""
    if reason:
        kept += social_raw.store(account=account, raw=packed(event, reason))
    member = impostor(event, wanted)
    if member is not None:
        day = clock.now().astimezone(UTC).date().isoformat()
        kept += social_raw.store(account=account, raw=packed_member(member, day))
    return kept


def keep_unread(*, account: SocialAccount, raw: bytes) -> bool:
    """Keep what is no event at all, for review; of more than an event's size its beginning."""
    return social_raw.store(account=account, raw=raw[: settings.MAX_EVENT_BYTES])


def _is_known(account: SocialAccount, event: Event) -> bool:
    """Whether we have kept a message that is corrected or taken back."""
    ids = listed(event.data.get("ids")) if event.name == DELETED_BULK else [event.data.get("id")]
    names = [told_by(found) for one in ids if (found := number(one))]
    if event.name == EDITED and not event.data.get("edited_timestamp"):
        return False
    return SocialEvent.objects.filter(account=account, event_id__in=names).exists()
