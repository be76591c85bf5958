"""Requests that a vendor's people wait for: kept like every event, and answered at once with fixed words."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from security.models import OfficialChannel
from tickets.channels.social.shapes import Asked, Interactive
from tickets.models import SocialAccount
from tickets.services import social_raw
from tickets.services.social_handling import SUPPORT, words_of_command

VERIFY, OFFICIAL = "verify", "official"
# Longer ones would not fit into an answer: the page has them all.
MOST_SHOWN, LONGEST_SHOWN = 20, 60


def answer(*, account: SocialAccount, vendor: Interactive, raw: bytes) -> bytes:
    """Keep a genuine request and return what its asker is told, without waiting for anybody.

    A sign of life is not kept. Raises django.db.OperationalError when the database is away: then nothing was kept.
    """
    asked = vendor.asked(raw)
    if asked.is_ping:
        return vendor.pong()
    social_raw.store(account=account, raw=raw)
    with translation.override(_language(asked, account)):
        return vendor.told(_words(asked.command, account))


def _words(command: str, account: SocialAccount) -> str:
    if command == SUPPORT:
        return _(
            "Thank you. We go on in private: look into your direct messages with %(bot)s, where a person answers. If "
            "nothing is there in a minute, allow direct messages from this server and write to us."
        ) % {"bot": account.handle or account.name}
    if command == VERIFY:
        return words_of_command(VERIFY)
    return _official(account) if command == OFFICIAL else _("We do not know this command.")


def _official(account: SocialAccount) -> str:
    """Say who is official; never that somebody is safe."""
    rows = OfficialChannel.objects.filter(state=OfficialChannel.State.OFFICIAL).order_by("kind", "pk")
    shown = [f"- {row.get_kind_display()}: {row.value}" for row in rows if len(row.value) <= LONGEST_SHOWN]
    parts = [_("These are ours:") + "\n" + "\n".join(shown[:MOST_SHOWN])] if shown else []
    if account.official_role:
        parts.append(
            _("On this server only members with the role %(role)s are from us, and this bot. Nobody else is.")
            % {"role": f"<@&{account.official_role}>"}
        )
    parts.append(
        _("Never send passwords, codes, keys or seed phrases here. We never ask for them, and they prove nothing.")
    )
    verify = f"{settings.SITE_URL}/verify/"
    parts.append(_("Whether a message is really from us you can check here: %(verify)s") % {"verify": verify})
    return "\n\n".join(parts)


def _language(asked: Asked, account: SocialAccount) -> str:
    """The language of ours that is nearest to theirs, else the account's."""
    for code in (asked.language, account.language):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
