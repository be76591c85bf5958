"""Members of a server who are called like us and are not: one row a day, which raises an alarm."""

from accounts.models import Staff
from core import audit
from core.clock import now
from tickets.channels.discord.events import looks_of
from tickets.channels.social.shapes import Sighting
from tickets.models import SocialAccount, SocialImpostor
from tickets.services.discord_events import names_of


def look(*, account: SocialAccount, seen: Sighting) -> SocialImpostor | None:
    """Note a member who is called like us without the role of our people; None for others, and once they are noted.

    Inside the caller's transaction. What looks the same is the same: Unicode Technical Standard #39, section 4.
    """
    if not account.official_role or account.official_role in seen.roles:
        return None
    looks = frozenset[str]().union(*(looks_of(name) for name in seen.names))
    like = next(
        (one for one in Staff.objects.filter(is_active=True).order_by("pk") if looks_of(one.name) & looks), None
    )
    if like is None and not any(looks_of(name) & looks for name in names_of(account)):
        return None
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
