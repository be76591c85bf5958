"""Mails that are small or ordinary to look at and dear to read: bombs of every kind we know, made when asked for."""

import base64
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

_ENTITIES = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "lol"}">' for n in range(10))


def mail(number: str, sender: str, to: str, body: bytes, *, header: bytes = b"") -> bytes:
    """Return a mail whose `body` begins with its own content headers."""
    lines = [
        f"From: {sender}",
        f"To: {to}",
        f"Subject: Bomb {number}",
        f"Message-ID: <{number.strip('[]')}@example.com>",
    ]
    return "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode() + header + body


def with_file(content: bytes, name: str, kind: str = "application/octet-stream", text: str = "See the file.") -> bytes:
    """Return a body with one attachment."""
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
        + text.encode()
        + f'\r\n--b\r\nContent-Type: {kind}; name="{name}"\r\n'.encode()
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + encoded
        + b"--b--\r\n"
    )


def parts(count: int) -> bytes:
    """So many parts."""
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * count + b"--b--\r\n"


def nested(depth: int) -> bytes:
    """So many multiparts inside each other."""
    opened = (
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(depth)
    )
    return b"".join(opened) + b"Content-Type: text/plain\r\n\r\nx\r\n"


def zip_bomb() -> bytes:
    """25 MB of nothing in 25 kB, ten times, in an archive of archives."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(25_000_000))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        for number in range(10):
            archive.writestr(f"{number}.zip", inner.getvalue())
    return outer.getvalue()


def xml_bomb() -> bytes:
    """A billion laughs as an SVG."""
    return (
        f'<?xml version="1.0"?><!DOCTYPE svg [{_ENTITIES}]><svg xmlns="http://www.w3.org/2000/svg">&b9;</svg>'.encode()
    )


def pixel_bomb() -> bytes:
    """A WebP of 1 kB that is 40 million pixels."""
    output = io.BytesIO()
    Image.new("RGBA", (8000, 5000)).save(output, "WEBP", lossless=True)
    return output.getvalue()


def pixel_flood() -> bytes:
    """A PNG that announces 2.5 thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


# What each is made of, and the reasons it may be put aside for; none: it becomes a message.
BOMBS: dict[str, tuple[Callable[[], tuple[bytes, bytes]], frozenset[str]]] = {
    "10,000 parts": (lambda: (b"", parts(10_000)), frozenset({"too_many_parts"})),
    "1,000 deep": (lambda: (b"", nested(1_000)), frozenset({"too_deep"})),
    "2 MB header": (lambda: (b"X-A: " + (b"y" * 900 + b"\r\n ") * 2_300 + b"\r\n", b"\r\nhello"), frozenset({"header_too_large"})),
    "250,000 headers": (lambda: (b"X-A: y\r\n" * 250_000, b"\r\nhello"), frozenset({"header_too_large"})),
    "zip of zips": (lambda: (b"", with_file(zip_bomb(), "all.zip", "application/zip")), frozenset()),
    "XML entities": (lambda: (b"", with_file(xml_bomb(), "laugh.svg", "image/svg+xml")), frozenset()),
    "40 million pixels": (lambda: (b"", with_file(pixel_bomb(), "wide.webp", "image/webp")), frozenset()),
    "pixel flood": (lambda: (b"", with_file(pixel_flood(), "flood.png", "image/png")), frozenset()),
    "100,000 deep HTML": (lambda: (b"", b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"x"), frozenset()),
    "parts in a mail in a mail": (
        lambda: (b"", with_file(b"Subject: x\r\n" + parts(10_000), "m.eml", "message/rfc822")),
        frozenset(),
    ),
    "20 MB of noise": (lambda: (b"", with_file(os.urandom(20_000_000), "noise.bin")), frozenset()),
}  # fmt: skip
