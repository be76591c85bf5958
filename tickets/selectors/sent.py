"""Whether a message that somebody holds was sent by us to the address they name; everybody else learns nothing."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from accounts.masking import masked_email
from tickets import fingerprints
from tickets.models import Mailbox, SentFingerprint

MAX_CHARS = 100_000
HEADER = re.compile(
    r"\s*[>*]*\s*(?:from|to|cc|date|sent|subject|reply-to|发件人|收件人|抄送|日期|时间|主题)\s*\*?[:：]", re.IGNORECASE
)
QUOTED = re.compile(r"\s*[>|]")
# The line that stands above quoted words.
ATTRIBUTION = re.compile(r"[:：]\s*$")


class Found(StrEnum):
    """What we say."""

    SENT = "sent"
    PARTLY = "partly"
    ALTERED = "altered"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """The answer, and when and where to, as far as the asker has said it themselves."""

    found: Found
    sent_at: datetime | None = None
    channel: str = ""
    masked: str = ""
    # What of it is ours, where that is not all.
    words: str = ""


NOTHING = SentAnswer(Found.NOT_FOUND)


def by_text(*, text: str, address: str, message_id: str = "") -> SentAnswer:
    """Answer for a text and the Message-ID it came with, under the address it went to; all else is one answer.

    PARTLY: more stands around our words than headers, our signature and quoted history. ALTERED: it begins like a
    message of ours, or carries its Message-ID, and the words are others.
    """
    wholes, starts = fingerprints.of_passages(text[:MAX_CHARS])
    identities = fingerprints.identities(message_id)
    to = Q()
    for recipient in fingerprints.recipients(address):
        to |= Q(recipients__contains=[recipient])
    known = Q(text_digest__in=wholes) | Q(start_digest__in=starts) | Q(identity_digest__in=identities)
    rows = list(SentFingerprint.objects.filter(known).filter(to).order_by("-sent_at")[:50])
    for row in rows:
        if row.text_digest in wholes:
            lines, (first, last) = fingerprints.lines_of(text[:MAX_CHARS]), wholes[row.text_digest]
            is_all = not _rest(lines[:first], lines[last:])
            words = "" if is_all else "\n".join(lines[first:last])
            found = Found.SENT if is_all else Found.PARTLY
            return SentAnswer(found, row.sent_at, row.channel, masked_email(address.strip()), words)
    return SentAnswer(Found.ALTERED) if rows else NOTHING


def _rest(before: list[str], after: list[str]) -> list[str]:
    """Return the lines around our words that are neither headers, nor our signature, nor quoted history."""
    rest = [line for line in before if not HEADER.match(line)]
    signatures = {fingerprints.canonical(one) for one in Mailbox.objects.values_list("signature", flat=True)}
    closing = [line for line in after if not QUOTED.match(line)]
    if len(closing) < len(after) and closing and ATTRIBUTION.search(closing[-1]):
        closing.pop()
    if fingerprints.canonical("\n".join(line for line in closing if line.strip() != "--")) in signatures:
        closing = []
    return rest + closing
