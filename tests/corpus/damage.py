"""Mails told again in other words of MIME, which must read the same, and mails damaged in every way, which must not
bring a reader down. Both seeded.
"""

import base64
import re
from collections.abc import Callable
from random import Random

_LABELS = (
    b"utf-8", b"gb2312", b"gb18030", b"big5", b"iso-2022-jp", b"shift_jis", b"euc-kr", b"koi8-r", b"windows-1251",
    b"iso-8859-1", b"us-ascii", b"utf-16", b"utf-32", b"utf-7", b"hz", b"x-unknown", b"", b"idna", b"unicode_escape",
)  # fmt: skip
_SCRAPS = (
    b"\r\n", b"\r", b"\n\n", b"\0", b"--=_b\r\n", b"--=_b--\r\n", b"=?", b"?=", b";", b'"', b"\xff\xfe", b"\xef\xbb\xbf",
    b"\x1b$B", b"\x1b(B", b"=", b"=3D", b"begin 644 a\n", b"\nend\n", b"<", b">", b"@", b"(", b",", b"From ", b"\r\n\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Transfer-Encoding: base64\r\n", b"\xe2\x80\xae", b"=?utf-7?Q?a?=",
)  # fmt: skip
_CHARSET = re.compile(rb"(?i)(charset\s*=\s*\"?|=\?)([\w.:-]*)")
_ENCODING = re.compile(rb"(?i)(content-transfer-encoding:\s*)([\w-]*)")
_BOUNDARY = re.compile(rb'(?i)boundary="?([^";\r\n]*)')


def retold(raw: bytes, random: Random) -> bytes:
    """The same mail with other line ends, folds, names in capitals, order, boundary or encoding."""
    head, blank, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    if not blank or raw[:5] in (b"From ", b"\r\n\r\n ") or any(b":" not in field for field in fields):
        return raw
    for change in random.sample(_RETELLINGS, random.randint(1, 3)):
        fields, body = change(fields, body, random)
    told = b"\r\n".join(fields) + b"\r\n\r\n" + body
    has_bytes = b"binary" in told or re.search(rb"\r(?!\n)|(?<!\r)\n", told) or not told.isascii()
    return told if has_bytes or random.random() < 0.5 else told.replace(b"\r\n", b"\n")


def _shuffle(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    names = [field.partition(b":")[0].strip().lower() for field in fields]
    if len(set(names)) == len(names):
        fields = random.sample(fields, len(fields))
    return fields, body


def _respell(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    change = random.choice([bytes.lower, bytes.upper])
    parted = (field.partition(b":") for field in fields)
    return [change(name) + colon + b" " + value.lstrip(b" \t") for name, colon, value in parted], body


def _refold(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    return [field.replace(b", ", b",\r\n\t").replace(b"; ", b";\r\n ") for field in fields], body


def _precede(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    return [b"Received: from a.example\r\n\tby b.example; Mon, 23 Nov 2026", b"X-Spam: no", *fields], body


def _rename_boundary(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    header = next((field for field in fields if b'boundary="' in field), b"")
    old = (_BOUNDARY.search(header) or [b"", b""])[1]
    if len(old) < 3 or body.count(old) != body.count(b"--" + old):
        return fields, body
    new = f"----=_Renamed_{random.getrandbits(40):x}.".encode()
    return [field.replace(old, new) if field is header else field for field in fields], body.replace(old, new)


def _reencode(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    names = [field.partition(b":")[0].strip().lower() for field in fields]
    content_type = next((field for field in fields if field.lower().startswith(b"content-type:")), b"text/plain")
    if b"content-transfer-encoding" in names or b"text/" not in content_type or not body:
        return fields, body
    return [*fields, b"Content-Transfer-Encoding: base64"], base64.encodebytes(body).replace(b"\n", b"\r\n")


def _epilogue(fields: list[bytes], body: bytes, random: Random) -> tuple[list[bytes], bytes]:
    return fields, body + b"\r\n\r\n" if body.endswith(b"--\r\n") else body


_RETELLINGS: tuple[Callable[[list[bytes], bytes, Random], tuple[list[bytes], bytes]], ...] = (
    _shuffle, _respell, _refold, _precede, _rename_boundary, _reencode, _epilogue,
)  # fmt: skip


def damaged(raw: bytes, other: bytes, random: Random) -> bytes:
    """The mail with one to eight faults of transport, storage and malice; `other` lends it pieces."""
    data = raw
    for _ in range(random.randint(1, 8)):
        data = random.choice(_DAMAGES)(data, other, random) or b"x"
    return data[:200_000]


def _flip(data: bytes, other: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _drop(data: bytes, other: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.randint(1, 80) :]


def _repeat(data: bytes, other: bytes, random: Random) -> bytes:
    at, to = random.randrange(len(data) + 1), random.randrange(len(data) + 1)
    return data[:to] + data[at : at + random.randint(1, 300)] + data[to:]


def _insert(data: bytes, other: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_SCRAPS) * random.choice([1, 1, 1, 3, 40]) + data[at:]


def _cut(data: bytes, other: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _splice(data: bytes, other: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _relabel(data: bytes, other: bytes, random: Random) -> bytes:
    label = random.choice(_LABELS)
    return _CHARSET.sub(lambda match: match[1] + label, data, count=random.choice([0, 1]))


def _recode(data: bytes, other: bytes, random: Random) -> bytes:
    encoding = random.choice([b"base64", b"quoted-printable", b"7bit", b"x-uuencode", b"binary", b"x-none", b""])
    return _ENCODING.sub(lambda match: match[1] + encoding, data, count=random.choice([0, 1]))


def _unbind(data: bytes, other: bytes, random: Random) -> bytes:
    boundary = (_BOUNDARY.search(data) or [b"", b""])[1]
    new = random.choice([b"", boundary[:-1], boundary + b"x", b"--" + boundary, b"\xff"])
    return data.replace(boundary, new, random.choice([1, 2, 3])) if boundary else data


def _swap_lines(data: bytes, other: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    for _ in range(3):
        one, two = random.randrange(len(lines)), random.randrange(len(lines))
        lines[one], lines[two] = lines[two], lines[one]
    return b"\r\n".join(lines)


def _double_line(data: bytes, other: bytes, random: Random) -> bytes:
    lines = data.split(b"\r\n")
    at = random.randrange(len(lines))
    return b"\r\n".join([*lines[: at + 1], *lines[at:]])


def _mix_ends(data: bytes, other: bytes, random: Random) -> bytes:
    ends = [random.choice([b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r"]) for _ in range(7)]
    lines = data.split(b"\r\n")
    return b"".join(line + ends[number % len(ends)] for number, line in enumerate(lines))


_DAMAGES: tuple[Callable[[bytes, bytes, Random], bytes], ...] = (
    _flip, _drop, _repeat, _insert, _insert, _cut, _splice, _relabel, _recode, _unbind, _swap_lines, _double_line,
    _mix_ends,
)  # fmt: skip
