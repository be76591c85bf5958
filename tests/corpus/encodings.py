"""Words, names and bodies in the encodings of MIME, as a mailer writes them."""

import base64
import quopri
from urllib.parse import quote


def encoded_word(raw: bytes, label: str, kind: str) -> bytes:
    """One encoded word (RFC 2047)."""
    if kind in "bB":
        payload = base64.b64encode(raw)
    else:
        letters = (
            chr(byte) if byte < 128 and chr(byte).isalnum() else "_" if byte == 32 else f"={byte:02X}" for byte in raw
        )
        payload = "".join(letters).encode()
    return b"=?" + label.encode() + b"?" + kind.encode() + b"?" + payload + b"?="


def continued(raw: bytes, label: str) -> bytes:
    """A file name in several numbered pieces (RFC 2231 section 4.1)."""
    pieces = [quote(raw[at : at + 9], safe="") for at in range(0, len(raw), 9)]
    lines = [
        f";\r\n filename*{number}*={label if not number else ''}{chr(39) * 2 if not number else ''}{piece}"
        for number, piece in enumerate(pieces)
    ]
    return "".join(lines).encode()


def quoted_printable(body: bytes, *, is_text: bool) -> bytes:
    """Lines of at most 76 letters (RFC 2045 section 6.7); of what is no text every byte is written out."""
    if not is_text:
        return b"=\r\n".join(b"".join(b"=%02X" % byte for byte in body[at : at + 24]) for at in range(0, len(body), 24))
    lines = (quopri.encodestring(line, quotetabs=True).rstrip(b"\n") for line in body.split(b"\r\n"))
    return b"\r\n".join(line.replace(b"=\n", b"=\r\n") for line in lines)
