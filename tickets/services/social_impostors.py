"""Members of a server or a group who are called like us and are not: one row a day, which raises an alarm."""

import structlog
from django.db import transaction
from django.db.models import Q

from accounts.models import Staff
from core import audit
from core.clock import now
from tickets.channels.discord.events import looks_of
from tickets.channels.social.shapes import ShowsMembers, Sighting, VendorRefused
from tickets.models import SocialAccount, SocialImpostor
from tickets.services.discord_events import names_of

log = structlog.get_logger(__name__)


def look(*, account: SocialAccount, seen: Sighting) -> SocialImpostor | None:
    """Note a member who is called like us without the role of our people; None for others, and once they are noted.

    Inside the caller's transaction. What looks the same is the same: Unicode Technical Standard #39, section 4.
    """
    if not account.official_role or account.official_role in seen.roles:
        return None
    like = _resembled(account, seen)
    return _note(account, seen, like[0]) if like else None


def watch(*, account: SocialAccount, vendor: ShowsMembers, raw: bytes) -> None:
    """Note whom an event shows who is called like us and is, as the vendor says when asked, none of us.

    Nobody is asked about twice a day once they are noted. Raises VendorAway.
    """
    for seen in vendor.seen_in(account, raw):
        like = _resembled(account, seen)
        if like is None or SocialImpostor.objects.filter(_same(account, seen)).exists():
            continue
        try:
            is_ours = vendor.is_one_of_us(account, seen)
        except VendorRefused as error:
            log.info("member_not_judged", account=account.public_id, reason=str(error))
            continue
        if not is_ours:
            with transaction.atomic():
                _note(account, seen, like[0])


def _same(account: SocialAccount, seen: Sighting) -> Q:
    return Q(account=account, member_id=seen.member_id, day=now().date())


def _resembled(account: SocialAccount, seen: Sighting) -> tuple[Staff | None] | None:
    """Return whose name a member has: a person's, or the account's own (None within); None when nobody's."""
    looks = frozenset[str]().union(*(looks_of(name) for name in seen.names))
    like = next(
        (one for one in Staff.objects.filter(is_active=True).order_by("pk") if looks_of(one.name) & looks), None
    )
    if like is None and not any(looks_of(name) & looks for name in names_of(account)):
        return None
    return (like,)


def _note(account: SocialAccount, seen: Sighting, like: Staff | None) -> SocialImpostor | None:
    row, is_new = SocialImpostor.objects.get_or_create(
        account=account,
        member_id=seen.member_id,
        day=now().date(),
        defaults={"server_id": seen.server_id, "staff": like},
    )
    if not is_new:
        return None
    audit.record(
        "social_impostor.seen",
        actor=audit.SYSTEM,
        obj=("social_account", account.public_id),
        detail={"server": seen.server_id, "member": seen.member_id},
    )
    return row
