"""One mail from bytes to ParsedMail: the order of the steps, and the promise that only Unparsable is ever raised."""

import codecs
import re
from collections.abc import Sequence
from typing import Final

from tickets.channels.email.parse import (
    addresses,
    body,
    charsets,
    classify,
    dsn,
    fields,
    html_text,
    identifiers,
    quoting,
    structure,
    words,
)
from tickets.channels.email.parse.limits import MAX_RAW_BYTES, MAX_TEXT_CHARS, Budget, Unparsable
from tickets.channels.email.parse.records import ForwardedMessage, ParsedMail

_ENVELOPE_FIELDS: Final = (
    "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "x-delivered-to",
)  # fmt: skip
_SUMMARY_CHARS: Final = 2_000
_MAX_SUMMARIES: Final = 10
_BARE_CR: Final = re.compile(rb"\r(?!\n)")


def parse(raw: bytes) -> ParsedMail:
    """Read a mail as received.

    Raises Unparsable, and nothing else, for what must be quarantined: a sender that two programs could read
    differently, UTF-7, or more than the limits allow. Ends within limits.MAX_SECONDS and a small multiple of the mail's
    size in memory.
    """
    if len(raw) > MAX_RAW_BYTES:
        raise Unparsable("too_large", f"The mail is larger than {MAX_RAW_BYTES // (1024 * 1024)} MB.")
    if not raw.strip():
        raise Unparsable("empty", "The mail is empty.")
    try:
        return _parse(_with_line_feeds(bytes(raw)), Budget())
    except Unparsable:
        raise
    except MemoryError:
        raise Unparsable("out_of_memory", "Reading the mail needed more memory than there is.") from None
    except RecursionError:
        raise Unparsable("too_deep", "The mail is nested too deeply to be read.") from None
    except Exception as failure:  # the promise of this function: poison never stops the queue
        raise Unparsable("parser_failure", f"Reading the mail failed ({type(failure).__name__}).") from failure


def _with_line_feeds(raw: bytes) -> bytes:
    """Mail from systems that end lines with a bare CR, or with one too many, in a form where lines can be found."""
    # A byte order mark hides the name of the first field.
    raw = raw.removeprefix(codecs.BOM_UTF8)
    beginning = raw[:65_536]
    first_line = beginning.partition(b"\n")[0]
    if first_line.endswith(b"\r\r") and b"\r" not in first_line[:-2]:
        return raw.replace(b"\r\r\n", b"\r\n")
    # SMTP has added one line feed at the very end.
    has_bare_cr_only = b"\r" in beginning and b"\n" not in beginning.rstrip(b"\r\n")
    return _BARE_CR.sub(b"\n", raw) if has_bare_cr_only else raw


def _parse(raw: bytes, budget: Budget) -> ParsedMail:
    root = structure.read(raw, budget)
    header = root.header
    hint = _body_charset(root)
    sender = addresses.sender(header.all("from"), budget, hint=hint)
    subject = words.decode_header(header.first("subject"), hint=hint)
    _warn_about_duplicates(header, budget)

    content = body.collect(root, budget)
    whole_text = content.plain_text()
    folded = quoting.fold(whole_text[:MAX_TEXT_CHARS], subject=subject)
    budget.check_time()
    returned = dsn.Returned(
        statuses=[status for _, status in content.statuses],
        header_blocks=[*content.returned_headers, *_returned_originals(content)],
        text=whole_text,
    )
    report_type = root.media.param("report-type").strip().lower() if root.type == "multipart/report" else ""
    judged = classify.classify(header, sender, subject, report_type, returned)

    to = addresses.recipients(header.all("to"), budget, hint=hint)
    cc = addresses.recipients(header.all("cc"), budget, hint=hint)
    envelope_values = tuple(value for name in _ENVELOPE_FIELDS for value in header.all(name))
    envelope = addresses.recipients((*envelope_values, *header.all("resent-to"), *header.all("bcc")), budget)
    everyone = {address.key: address for address in (*reversed(cc), *reversed(to), *reversed(envelope))}
    return ParsedMail(
        headers=header.fields,
        message_id=identifiers.first(header.first("message-id")),
        in_reply_to=identifiers.first(header.first("in-reply-to")),
        references=identifiers.every(header.all("references")),
        sender=sender,
        reply_to=addresses.recipients(header.all("reply-to"), budget, hint=hint),
        to=to,
        cc=cc,
        recipients=tuple(reversed(everyone.values())),
        return_path=addresses.normalised(header.first("return-path")),
        subject=subject,
        date=identifiers.date(header.first("date")),
        text=folded.text,
        quoted_text=folded.quoted,
        html=content.markup(),
        attachments=content.attachments(),
        calendar=tuple(content.invites),
        forwarded=tuple(_summary(name, part, budget) for name, part in content.messages[:_MAX_SUMMARIES]),
        kind=judged.kind,
        may_be_answered_automatically=judged.may_be_answered_automatically,
        bounce=judged.bounce,
        warnings=tuple(budget.warnings),
    )


def _body_charset(root: structure.Part) -> str | None:
    """The first charset the body declares: the likeliest one of a raw 8-bit header. Raises Unparsable for UTF-7."""
    for part in root.walk():
        label = part.media.param("charset")
        codec = charsets.codec_for(label) if part.type.startswith("text/") else None
        if codec and codec not in ("ascii", "cp1252"):
            return label
    return None


def _warn_about_duplicates(header: fields.HeaderBlock, budget: Budget) -> None:
    for name in ("subject", "to", "cc", "date", "message-id", "reply-to", "in-reply-to", "content-transfer-encoding"):
        if len(header.all(name)) > 1:
            budget.warn(f"duplicate_{name.replace('-', '_')}")


def _returned_originals(content: body.Content) -> Sequence[bytes]:
    """The header bytes of each attached message: in a bounce, of the message that came back."""
    return [
        attachment.content[:64_000]
        for attachment in content.attachments()
        if attachment.declared_type in ("message/rfc822", "message/global")
    ]


def _summary(name: str, part: structure.Part, budget: Budget) -> ForwardedMessage:
    """A glance at an attached message; one that cannot be read inside still is a file."""
    budget.check_time()
    inner = Budget(max_parts=100, max_decoded_bytes=8 * 1024 * 1024, started_at=budget.started_at)
    try:
        root = structure.read_message(part, inner)
        text = body.collect(root, inner).plain_text()[:_SUMMARY_CHARS]
    except Unparsable:
        budget.warn("forwarded_message_unreadable")
        return ForwardedMessage(filename=name, message_id=None, sender="", subject="", date=None, text="")
    return ForwardedMessage(
        filename=name,
        message_id=identifiers.first(root.header.first("message-id")),
        sender=words.decode_header(root.header.first("from"), limit=300),
        subject=words.decode_header(root.header.first("subject"), limit=300),
        date=identifiers.date(root.header.first("date")),
        text=html_text.without_marks(text),
    )
