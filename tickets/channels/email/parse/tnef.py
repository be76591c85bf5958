"""winmail.dat opened: Outlook's TNEF envelope, through tnefparse, with hostile structures refused beforehand."""

import struct
from dataclasses import dataclass
from typing import Final

from tnefparse import TNEF

from tickets.channels.email.parse import charsets
from tickets.channels.email.parse.limits import Budget, Unparsable

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_EMBEDDED_SIGNATURE: Final = bytes.fromhex("0703020000000000c000000000000046")
_MAX_BYTES: Final = 30 * 1024 * 1024
_MAX_OBJECTS: Final = 400
_MAX_PROPERTY_VALUES: Final = 5_000
_FIXED_SIZES: Final = {
    0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16,
}  # fmt: skip
_VARIABLE: Final = frozenset({0x00, 0x0D, 0x1E, 0x1F, 0x102})
_MULTIPLE: Final = 0x1000
_NAMED: Final = 0x8000
_OBJECT_HEADER: Final = struct.Struct("<BHHI")
_WANTED: Final = frozenset(
    {TNEF.ATTATTACHRENDDATA, TNEF.ATTATTACHDATA, TNEF.ATTATTACHTITLE, TNEF.ATTATTACHMENT, TNEF.ATTMAPIPROPS,
     TNEF.ATTBODY, TNEF.ATTOEMCODEPAGE}
)  # fmt: skip
_WITH_PROPERTIES: Final = frozenset({TNEF.ATTATTACHMENT, TNEF.ATTMAPIPROPS})


@dataclass(frozen=True, slots=True)
class Opened:
    """What a TNEF envelope held: its bodies, if any, and (name, content) of each file."""

    text: str
    html: str
    files: tuple[tuple[str, bytes], ...]


def open_envelope(data: bytes, budget: Budget) -> Opened | None:
    """Open ``data``, or None when it is no sound TNEF and stays a file. Raises Unparsable past the budget."""
    trimmed = _trimmed(data)
    if trimmed is None:
        budget.warn("tnef_unreadable")
        return None
    try:
        envelope = TNEF(trimmed, do_checksum=False)
        files = tuple(
            (_text(attachment.long_filename()), bytes(attachment.data))
            for attachment in envelope.attachments
            if attachment.data
        )
        opened = Opened(_text(envelope.body), _text(envelope.htmlbody), files)
    except Unparsable:
        raise
    except Exception:  # noqa: BLE001 - the library raises whatever the damage happens to trip over
        budget.warn("tnef_unreadable")
        return None
    if not (files or opened.text.strip() or opened.html.strip()):
        # Whatever is in there, it was not found: the envelope must not vanish with it.
        budget.warn("tnef_unreadable")
        return None
    budget.count_decoded(sum(len(content) for _, content in files))
    return opened


def _trimmed(data: bytes) -> bytes | None:
    """``data`` with only the objects we read, or None if it would cost the library unbounded time."""
    if len(data) > _MAX_BYTES or not data.startswith(_SIGNATURE) or _EMBEDDED_SIGNATURE in data:
        return None
    kept = [data[:6]]
    position = 6
    objects = 0
    while position + 12 < len(data):
        _level, name, _kind, length = _OBJECT_HEADER.unpack_from(data, position)
        end = position + 9 + length + 2
        objects += 1
        if end > len(data) or objects > _MAX_OBJECTS:
            return None
        if name in _WITH_PROPERTIES and not _is_bounded(data[position + 9 : position + 9 + length]):
            return None
        if name in _WANTED:
            kept.append(data[position:end])
        position = end
    return b"".join(kept)


def _is_bounded(properties: bytes) -> bool:
    """Whether the counts in a MAPI property list are few enough to be walked.

    tnefparse trusts them: a count of four thousand million fixed-size values makes it loop as often without an error.
    """
    values = 0
    position = 4
    count = int.from_bytes(properties[:4], "little")
    if count > _MAX_PROPERTY_VALUES:
        return False
    try:
        for _ in range(count):
            kind, name = struct.unpack_from("<HH", properties, position)
            position = _after_name(properties, position + 4) if name >= _NAMED else position + 4
            repeats = 1
            if kind & _MULTIPLE or kind in _VARIABLE:
                (repeats,) = struct.unpack_from("<I", properties, position)
                position += 4
            values += repeats
            # The library takes "no values" for one value of another shape.
            if values > _MAX_PROPERTY_VALUES or (kind & _MULTIPLE and not repeats):
                return False
            position = _after_values(properties, position, kind & ~_MULTIPLE, repeats)
            if position < 0 or position >= len(properties):
                break
    except struct.error:
        # Cut short: the library stops at the same place.
        pass
    return True


def _after_name(properties: bytes, position: int) -> int:
    (kind,) = struct.unpack_from("<I", properties, position + 16)
    if kind == 0:
        return position + 24
    (length,) = struct.unpack_from("<I", properties, position + 20)
    return position + 24 + int(length) + -int(length) % 4


def _after_values(properties: bytes, position: int, kind: int, repeats: int) -> int:
    """Where the next property begins; -1 for a type the library refuses as well."""
    size = _FIXED_SIZES.get(kind)
    if size is not None:
        return position + size * repeats + (2 if size == 2 and kind != 0x03 and repeats % 2 else 0)
    if kind not in _VARIABLE:
        return -1
    for _ in range(repeats):
        (length,) = struct.unpack_from("<I", properties, position)
        position += 4 + int(length) + -int(length) % 4
    return position


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return charsets.decode(value)[0].rstrip("\x00")
    return str(value).replace("\x00", "") if value else ""
