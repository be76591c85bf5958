"""Remembering what left us, so that its recipient can ask whether it is ours."""

from collections.abc import Iterable

from django.conf import settings
from django.utils import translation

from tickets import fingerprints
from tickets.channels.email import automatic
from tickets.models import Message, OutboundMail, SentFingerprint
from tickets.selectors import correspondence

BATCH = 500
SENT = OutboundMail.State.SENT


def keep(*, message: Message, channel: str, recipients: Iterable[str], text: str, message_id: str = "") -> None:
    """Remember that this text left, by one INSERT in the caller's transaction; what is remembered already stays."""
    row = _row(message, channel, recipients, text, message_id)
    SentFingerprint.objects.bulk_create([row], ignore_conflicts=True)


def keep_mail(*, outbound: OutboundMail) -> None:
    """Remember a mail that its server has taken; inside the transaction that writes down what became of it."""
    SentFingerprint.objects.bulk_create([_of_mail(outbound)], ignore_conflicts=True)


def keep_former() -> int:
    """Remember mail sent before fingerprints were kept, in batches; returns how many. Safe to repeat and break off."""
    kept = 0
    while rows := _missing():
        kept += len(SentFingerprint.objects.bulk_create([_of_mail(row) for row in rows], ignore_conflicts=True))
    return kept


def _missing() -> list[OutboundMail]:
    sent = OutboundMail.objects.filter(state=SENT, sent_at__isnull=False, message__fingerprint__isnull=True)
    return list(sent.select_related("message", "mailbox").order_by("pk")[:BATCH])


def _of_mail(outbound: OutboundMail) -> SentFingerprint:
    message, to = outbound.message, [outbound.to_address, *outbound.cc_addresses]
    row = _row(message, message.channel, to, _words_of(outbound), outbound.message_id_header)
    if outbound.sent_at:
        row.sent_at = outbound.sent_at
    return row


def _row(message: Message, channel: str, recipients: Iterable[str], text: str, message_id: str) -> SentFingerprint:
    return SentFingerprint(
        message=message,
        channel=channel,
        text_digest=fingerprints.of_text(text),
        start_digest=fingerprints.of_start(text),
        identity_digest=fingerprints.of_identity(message_id),
        recipients=[fingerprints.of_recipient(address) for address in recipients],
    )


def _words_of(outbound: OutboundMail) -> str:
    """Return the words of a mail as it was sent, without signature and history."""
    message = outbound.message
    if not outbound.is_automatic and not correspondence.is_of_chat(message):
        return message.text
    known = {code for code, _name in settings.LANGUAGES}
    wanted = ("" if outbound.is_automatic else message.ticket.language, outbound.mailbox.language)
    with translation.override(next((code for code in wanted if code in known), "en")):
        if not outbound.is_automatic:
            return correspondence.text(message, message.ticket)
        return automatic.text(message)
