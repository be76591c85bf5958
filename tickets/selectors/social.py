"""Social channels as the desk shows them."""

from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from tickets.models import SocialThread, Ticket
from tickets.models.channel import Channel


@dataclass(frozen=True, slots=True)
class Way:
    """By which channel and account a reply goes, and whether everybody can read it."""

    name: str
    is_public: bool


def way(ticket: Ticket) -> Way | None:
    """Return how a reply of this ticket goes; None when it came by no social channel. At most one query."""
    if ticket.channel != Channel.SOCIAL:
        return None
    thread = SocialThread.objects.filter(ticket=ticket).select_related("chat__account").first()
    if thread is None:
        return None
    account = thread.chat.account
    return Way(f"{account.get_kind_display()} · {account.name}", thread.chat.is_public)


def words_to_move(language: str) -> str:
    """Return the words that ask a customer to go on in private: in their language, and without anything of the case."""
    try:
        spoken = get_supported_language_variant(language)
    except LookupError:
        spoken = settings.LANGUAGE_CODE
    with translation.override(spoken):
        return _(
            "To help you we need to speak in private. Please write us a direct message, or open your requests at "
            "%(portal)s. Never post codes, addresses or amounts here."
        ) % {"portal": f"{settings.SITE_URL}/portal/"}
