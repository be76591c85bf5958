"""The address that an anonymous visitor gives for answers by mail: asked, confirmed from both sides, ended.

Confirming takes the link of a mail and the number that the chat shows. So nobody makes a stranger take part by typing
their address, and a mistyped one leads nobody into the conversation.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, notices
from core.clock import DatabaseNow, from_now
from core.storable_text import storable
from livechat import effects
from livechat.models import Chat, ChatAddress, Visitor
from livechat.services.leaving import BadAddress, NoMail, SignedIn
from security import digests
from tickets.models import Mailbox
from tickets.services import errors

LIFE = timedelta(days=1)
TOKEN_BYTES = 32
PER_VISITOR_PER_H = 3
# Whoever reads mail there is asked so often, by whichever visitors.
PER_ADDRESS_PER_DAY = 2
ONE_AFTER_THE_OTHER = "SELECT pg_advisory_xact_lock(hashtextextended('livechat.chat_address', 0))"
BATCH = 1_000


class NothingSaidYet(errors.Refused):
    """Without a conversation there is nothing that could follow by mail."""

    code = "nothing_said_yet"
    message = _("Write your question first: then answers can follow you by mail.")


class Outcome(StrEnum):
    """What became of an attempt to confirm."""

    CONFIRMED = "confirmed"
    WRONG_NUMBER = "wrong_number"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """An address that waits for its confirmation, and the token for its mail."""

    row: ChatAddress
    token: str


def ask(*, visitor: Visitor, address: str) -> None:
    """Mail a link to an address by which answers may follow, in fixed words; a former address counts no more.

    An address that has been asked enough today is sent nothing, and nobody is told.
    Raises BadAddress, SignedIn, NothingSaidYet, NoMail, TooManyRequests.
    """
    address = storable(address).strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadAddress from error
    with transaction.atomic():
        locked = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=visitor.pk)
        if locked.is_proven:
            raise SignedIn
        if locked.customer is None or not Chat.objects.filter(visitor=locked).exists():
            raise NothingSaidYet
        if not Mailbox.objects.filter(is_active=True).exists():
            raise NoMail
        mine = ChatAddress.objects.filter(visitor=locked)
        if mine.filter(asked_at__gt=from_now(-timedelta(hours=1))).count() >= PER_VISITOR_PER_H:
            raise errors.TooManyRequests
        is_mailed = _has_room(address)
        _end(locked)
        asked = _made(locked, address)
        audit.record(
            "chat.mail_asked",
            actor=locked.customer.actor,
            obj=("visitor", locked.public_id),
            detail={"mailed": is_mailed},
        )
        if is_mailed:
            _mail(asked)


def of_token(token: str) -> ChatAddress | None:
    """Return the address behind a mailed link, while it can still be confirmed."""
    mine = ChatAddress.objects.open().filter(token_digest=digests.of_token(token))
    return mine.select_related("visitor__inbox").first()


def confirm(*, token: str, number: str) -> Outcome:
    """Confirm an address by its link and the number in the chat; after three wrong numbers the link is over."""
    with transaction.atomic():
        found = of_token(token)
        if found is None:
            return Outcome.OVER
        locked = Visitor.objects.select_for_update(of=("self",), no_key=True).get(pk=found.visitor_id)
        same = ChatAddress.objects.open().filter(pk=found.pk)
        actor = locked.customer.actor if locked.customer else audit.ANONYMOUS
        if not secrets.compare_digest(number.strip().encode(), found.number.encode()):
            if not same.update(misses=F("misses") + 1):
                return Outcome.OVER
            audit.record("chat.mail_not_confirmed", actor=actor, obj=("visitor", locked.public_id))
            return Outcome.WRONG_NUMBER
        if locked.is_proven or not same.update(confirmed_at=DatabaseNow()):
            return Outcome.OVER
        audit.record("chat.mail_confirmed", actor=actor, obj=("visitor", locked.public_id), fields=["address"])
        # What was answered before in this conversation may have to follow now.
        latest = Chat.objects.filter(visitor=locked).order_by("-pk").values("pk")[:1]
        Chat.objects.filter(pk__in=latest, mail_owed_since__isnull=True).update(mail_owed_since=DatabaseNow())
        effects.visitor_mail_changed(locked)
    return Outcome.CONFIRMED


def stop(*, visitor: Visitor) -> None:
    """Let nothing follow by mail any more."""
    with transaction.atomic():
        if _end(visitor):
            actor = visitor.customer.actor if visitor.customer else audit.ANONYMOUS
            audit.record("chat.mail_stopped", actor=actor, obj=("visitor", visitor.public_id), fields=["address"])


def tidy() -> int:
    """Delete addresses that were not confirmed in time, once they count for no limit any more; returns how many."""
    old = ChatAddress.objects.filter(confirmed_at__isnull=True, asked_at__lt=from_now(-2 * LIFE))
    gone = 0
    while count := old.filter(pk__in=old.order_by("pk").values("pk")[:BATCH]).delete()[0]:
        gone += count
    if gone:
        audit.record("chat_addresses.deleted", actor=audit.SYSTEM, detail={"count": gone})
    return gone


def _end(visitor: Visitor) -> int:
    return ChatAddress.objects.filter(visitor=visitor, ended_at__isnull=True).update(ended_at=DatabaseNow())


def _made(visitor: Visitor, address: str) -> Asked:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = ChatAddress.objects.create(
        visitor=visitor,
        address=address,
        token_digest=digests.of_token(token),
        number=f"{secrets.randbelow(10_000):04}",
        expires_at=from_now(LIFE),
    )
    return Asked(row, token)


def _has_room(address: str) -> bool:
    """Whether a mail may go there, and one more at all; others who ask meanwhile wait."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_AFTER_THE_OTHER)
    lately = ChatAddress.objects.filter(asked_at__gt=from_now(-timedelta(minutes=1))).count()
    theirs = ChatAddress.objects.annotate(lower=Lower("address")).filter(lower=address, asked_at__gt=from_now(-LIFE))
    return lately < settings.AUTOMATIC_MAILS_PER_MIN and theirs.count() < PER_ADDRESS_PER_DAY


def _mail(asked: Asked) -> None:
    """Nothing that the visitor wrote is in it: it can be sent to anybody (A7)."""
    visitor = asked.row.visitor
    known = {code for code, _name in settings.LANGUAGES}
    language = visitor.locale if visitor.locale in known else settings.LANGUAGE_CODE
    with translation.override(language):
        body = gettext(
            "Somebody in our chat wants answers sent to this address when they have left.\n\n"
            "If that is you, open this link within a day and type the number that stands in the chat:\n\n%(link)s\n\n"
            "If it is not you, do nothing: nothing will be sent here.\n\n"
            "We will never ask you for your password, a code or a recovery phrase."
        ) % {"link": settings.SITE_URL + reverse("chat:confirm_mail", args=[asked.token])}
        subject = gettext("Answers of our chat by mail?")
    notices.send(kind="chat_address", to=asked.row.address, subject=subject, body=body, language=language)
