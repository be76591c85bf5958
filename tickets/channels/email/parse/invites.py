"""The gist of a calendar part (RFC 5545): enough to show what the invitation is about."""

import re
from typing import Final

from tickets.channels.email.parse import words
from tickets.channels.email.parse.records import CalendarInvite

_MAX_CHARS: Final = 200_000
_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_ESCAPE: Final = re.compile(r"\\([nN,;\\])")


def read(text: str) -> CalendarInvite | None:
    """The first event of a calendar, or None when there is none."""
    method = ""
    event: dict[str, tuple[str, str]] = {}
    inside: list[str] = []
    for line in _FOLD.sub("", text[:_MAX_CHARS]).splitlines():
        head, colon, value = line.partition(":")
        name, _, params = head.partition(";")
        name = name.strip().upper()
        if not colon:
            continue
        if name == "BEGIN":
            inside.append(value.strip().upper())
        elif name == "END":
            if inside and inside.pop() == "VEVENT":
                break
        elif name == "METHOD":
            method = value
        elif inside and inside[-1] == "VEVENT":
            event.setdefault(name, (params, value))
    if not event:
        return None
    start_params, start = event.get("DTSTART", ("", ""))
    zone = re.search(r"TZID=\"?([^\";:]{1,60})", start_params)
    summary = event.get("SUMMARY", ("", ""))[1]
    organizer = event.get("ORGANIZER", ("", ""))[1]
    return CalendarInvite(
        method=words.one_line(method)[:40].upper(),
        summary=words.one_line(_ESCAPE.sub(lambda m: " " if m[1] in "nN" else m[1], summary))[:300],
        start=_iso(start),
        end=_iso(event.get("DTEND", ("", ""))[1]),
        time_zone=words.one_line(zone[1]) if zone else "",
        organizer=words.one_line(re.sub(r"^mailto:", "", organizer, flags=re.IGNORECASE))[:300],
    )


def _iso(stamp: str) -> str:
    match = _STAMP.fullmatch(stamp.strip())
    if not match:
        return ""
    year, month, day, hour, minute, second, zulu = match.groups()
    date = f"{year}-{month}-{day}"
    return f"{date}T{hour}:{minute}:{second}{'Z' if zulu else ''}" if hour else date
