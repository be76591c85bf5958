"""What may be said where everybody reads it: no files, nothing personal, nothing about somebody's funds."""

import re
from collections.abc import Sequence
from typing import Final

import phonenumbers

from core import audit
from security.assets import ASSETS
from security.redaction import redact
from tickets.models import SocialThread, Ticket
from tickets.models.channel import Channel
from tickets.services import errors
from tickets.services.senders import Sender

# Some posts one below the other; whoever has more to say says it in private.
LONGEST: Final = 1_000
_MAIL: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,}")
_HASH: Final = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{64}(?![0-9A-Za-z])")
_ASSETS: Final = "|".join(sorted(ASSETS, key=len, reverse=True))
_AMOUNT: Final = re.compile(rf"(?<![\w.])\d[\d.,' ]{{0,30}}(?:{_ASSETS})\b|\b(?:{_ASSETS}) ?\d", re.IGNORECASE)


def check(*, ticket: Ticket, sender: Sender, text: str, attached: Sequence[object]) -> None:
    """Hold back what must not stand in public, whoever of us wrote it; that somebody tried is recorded.

    Raises NotInPublic.
    """
    if sender.is_customer_side or ticket.channel != Channel.SOCIAL or not ticket.pk or not is_public(ticket):
        return
    found = _found(text, attached)
    if found:
        why: dict[str, audit.Detail] = {"dangers": f"public:{','.join(sorted(found))}", "role": sender.role}
        audit.record_now("message.held_back", actor=sender.actor, obj=("ticket", ticket.public_id), detail=why)
        raise errors.NotInPublic(found)


def is_public(ticket: Ticket) -> bool:
    """Whether everybody can read the conversation by which the ticket came."""
    return SocialThread.objects.filter(ticket=ticket, chat__is_public=True).exists()


def _found(text: str, attached: Sequence[object]) -> frozenset[str]:
    numbers = phonenumbers.PhoneNumberMatcher(text, None)
    signs = {
        "file": bool(attached),
        "secret": bool(redact(text).findings),
        "contact": bool(_MAIL.search(text)) or numbers.has_next(),
        "funds": bool(_HASH.search(text) or _AMOUNT.search(text)),
        "length": len(text) > LONGEST,
    }
    return frozenset(name for name, is_there in signs.items() if is_there)
