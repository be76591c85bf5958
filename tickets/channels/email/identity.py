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
# More is put aside by the reader anyway.
_MAX_HEADER_BYTES: Final = 1024 * 1024


def content_identity(raw: bytes | bytearray) -> str:
    """Return 64 hex digits (SHA-256). Line ends and blank lines at the very end do not count either.

    What is left of an absurdly long header counts as it stands, so that memory and time follow the size alone.
    """
    end = _HEADER_END.search(raw)
    header_size = end.start() if end else len(raw)
    if header_size > _MAX_HEADER_BYTES:
        header_size = max(raw.rfind(b"\n", 0, _MAX_HEADER_BYTES), 0) or _MAX_HEADER_BYTES
    digest = hashlib.sha256()
    _update_with_header(digest, bytes(raw[:header_size]))
    digest.update(b"\n")
    _update_with_body(digest, memoryview(raw)[header_size:])
    return digest.hexdigest()


def _update_with_header(digest: "hashlib._Hash", header: bytes) -> None:
    """Hash each field that is not a transport's, with its folded lines and LF line ends."""
    position, counts = 0, True
    while True:
        newline = header.find(b"\n", position)
        line = header[position : newline if newline >= 0 else len(header)]
        if newline >= 0 and line.endswith(b"\r"):
            line = line[:-1]
        if line[:1] not in (b" ", b"\t") or position == 0:
            counts = not _is_transport(line)
        if counts:
            digest.update(line + b"\n")
        if newline < 0:
            return
        position = newline + 1


def _is_transport(line: bytes) -> bool:
    """Whether a field's first line names one that transports write."""
    name = line.partition(b":")[0].strip().lower()
    return name in TRANSPORT_HEADERS or name.startswith(_TRANSPORT_PREFIXES) or line.startswith(b"From ")


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
