"""What makes two raw mails the same: the hash of the content without what transports add on the way."""

import hashlib
import re
from typing import Final

# Trace and verdict headers that a hop prepends or rewrites: the same mail by SMTP and by IMAP differs in nothing else.
# Whatever the sender wrote (Message-ID, Date, DKIM-Signature, …) counts.
TRANSPORT_HEADERS: Final = frozenset(
    {
        b"received", b"return-path", b"delivered-to", b"envelope-to", b"x-envelope-to", b"x-envelope-from",
        b"x-original-to", b"x-received", b"delivery-date", b"authentication-results", b"received-spf",
        b"arc-seal", b"arc-message-signature", b"arc-authentication-results", b"x-authentication-warning",
        b"x-google-smtp-source", b"x-virus-scanned", b"x-loopcount", b"x-uid", b"x-uidl", b"x-imapbase", b"x-keywords",
        b"x-mozilla-status", b"x-mozilla-status2", b"status", b"x-status", b"content-length", b"lines",
    }
)  # fmt: skip
_TRANSPORT_PREFIXES: Final = (b"x-spam", b"x-rspamd", b"x-ms-exchange-", b"x-forefront-", b"x-microsoft-antispam")
_HEADER_END: Final = re.compile(rb"\r?\n\r?\n")
_STEP: Final = 1024 * 1024


def content_identity(raw: bytes) -> str:
    """Return 64 hex digits (SHA-256). Line ends and blank lines at the very end do not count either."""
    end = _HEADER_END.search(raw)
    header_size = end.start() if end else len(raw)
    digest = hashlib.sha256()
    for field in _fields(raw[:header_size]):
        if not _is_transport(field):
            digest.update(field)
    digest.update(b"\n")
    _update_with_body(digest, memoryview(raw)[header_size:])
    return digest.hexdigest()


def _fields(header: bytes) -> list[bytes]:
    """Split a header block into its fields, each with its folded lines and LF line ends."""
    fields: list[bytes] = []
    for line in header.replace(b"\r\n", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1] += line + b"\n"
        else:
            fields.append(line + b"\n")
    return fields


def _is_transport(field: bytes) -> bool:
    name = field.partition(b":")[0].strip().lower()
    return name in TRANSPORT_HEADERS or name.startswith(_TRANSPORT_PREFIXES) or field.startswith(b"From ")


def _update_with_body(digest: "hashlib._Hash", body: memoryview) -> None:
    """Hash in steps, so that a large mail is never copied whole."""
    length = len(body)
    while length and body[length - 1] in b"\r\n":
        length -= 1
    position = 0
    while position < length:
        stop = min(position + _STEP, length)
        if stop < length and body[stop - 1] == 0x0D:  # keep CRLF together
            stop += 1
        digest.update(bytes(body[position:stop]).replace(b"\r\n", b"\n"))
        position = stop
