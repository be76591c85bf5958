"""Social channels as the desk shows them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from core.clock import from_now
from tickets import sms_alphabet
from tickets.models import SocialAccount, SocialChat, SocialItem, SocialKind, SocialTemplate, SocialThread, Ticket
from tickets.models.channel import Channel


@dataclass(frozen=True, slots=True)
class TemplateShown:
    """An approved text, with the numbers of what has to be filled in."""

    pk: int
    name: str
    language: str
    body: str
    variables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Alphabet:
    """The characters that an SMS sends short, and those of them that count twice."""

    basic: str
    extended: str


SMS_ALPHABET = Alphabet(sms_alphabet.BASIC, sms_alphabet.EXTENDED)


@dataclass(frozen=True, slots=True)
class Answering:
    """By which channel and account a reply goes, and until when it may; `until` is None where that is always."""

    by: str
    until: datetime | None
    is_over: bool
    is_public: bool
    # Its person wants no more messages.
    is_stopped: bool
    # The alphabet by which the length is counted, where that is told.
    alphabet: Alphabet | None
    templates: tuple[TemplateShown, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """By which channel and account a reply goes, and whether everybody can read it."""

    name: str
    is_public: bool


def way(ticket: Ticket) -> Way | None:
    """Return how a reply of this ticket goes; None when it came by no social channel. At most one query."""
    thread = _thread(ticket)
    return Way(_name(thread.chat.account), thread.chat.is_public) if thread else None


def answering(ticket: Ticket) -> Answering | None:
    """Return how a reply of this ticket goes, or None when it came by no social channel."""
    thread = _thread(ticket)
    if thread is None:
        return None
    chat = thread.chat
    is_over = not chat.is_answerable()
    return Answering(
        by=_name(chat.account),
        until=chat.answer_until,
        is_over=is_over,
        is_public=chat.is_public,
        is_stopped=chat.stopped_at is not None,
        alphabet=SMS_ALPHABET if chat.account.kind == SocialKind.SMS else None,
        templates=_templates(chat.account_id) if is_over else (),
    )


def listened() -> list[SocialAccount]:
    """Return the accounts whose vendor tells what happens on a connection of ours."""
    found = SocialAccount.objects.filter(kind=SocialKind.DISCORD, is_active=True).exclude(token="")
    return list(found.order_by("pk"))


def latest_items(account: SocialAccount, *, since: timedelta, limit: int) -> list[str]:
    """Return the last message that we know of each conversation heard of lately, by the vendor's name of it."""
    latest = SocialItem.objects.filter(chat=OuterRef("pk")).order_by("-pk").values("external_id")[:1]
    chats = SocialChat.objects.filter(account=account, heard_at__gt=from_now(-since)).order_by("-heard_at")
    return [name for name in chats.annotate(latest=Subquery(latest)).values_list("latest", flat=True)[:limit] if name]


def _thread(ticket: Ticket) -> SocialThread | None:
    if ticket.channel != Channel.SOCIAL:
        return None
    return SocialThread.objects.filter(ticket=ticket).select_related("chat__account").first()


def _name(account: SocialAccount) -> str:
    return f"{account.get_kind_display()} · {account.name}"


def _templates(account_id: int) -> tuple[TemplateShown, ...]:
    rows = SocialTemplate.objects.filter(account=account_id, is_active=True)
    return tuple(TemplateShown(row.pk, row.name, row.language, row.body, tuple(row.variables)) for row in rows)


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
