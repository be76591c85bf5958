"""Rows as CSV (RFC 4180), safe to open in a spreadsheet: what looks like a formula is text (OWASP, CSV injection)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

BOM = "\ufeff"
# Full-width signs are formulas to a spreadsheet in East Asian locales.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Value = str | int | float | datetime | None


class _Writes(Protocol):
    def writerow(self, row: Iterable[str]) -> object: ...


class _Line:
    """A file of which only the last line is kept."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def lines(rows: Iterable[Iterable[Value]], *, zone: ZoneInfo, has_bom: bool) -> Iterator[bytes]:
    """Return the lines of a file in UTF-8, one at a time; moments are ISO 8601 with the zone's offset."""
    line = _Line()
    writer: _Writes = csv.writer(line, lineterminator="\r\n")
    if has_bom:
        yield BOM.encode()
    for row in rows:
        writer.writerow([said(value, zone) for value in row])
        yield line.text.encode()


def said(value: Value, zone: ZoneInfo) -> str:
    """Return a value as a file has it; text that a spreadsheet would reckon gets a quote before it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return str(value)
