"""All-day events of iCal files as closed dates."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tickets.sla.ical_dates import closed_dates

FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)


def file(*events: str) -> bytes:
    """Return an iCal file of these events, each as its lines."""
    body = "\n".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}\nEND:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events: str) -> list[str]:
    return [day.isoformat() for day in closed_dates(file(*events), FIRST, LAST)]


@pytest.mark.parametrize(
    ("event", "days"),
    [
        ("DTSTART;VALUE=DATE:20260501", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260503", ["2026-05-01", "2026-05-02"]),
        ("DTSTART;VALUE=DATE:20260501\nDURATION:P2D", ["2026-05-01", "2026-05-02"]),
        ("DTSTART;VALUE=DATE:20260501\nDTEND;VALUE=DATE:20260501", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20251231\nDTEND;VALUE=DATE:20260102", ["2026-01-01"]),
        ("DTSTART:20260501T100000Z\nDTEND:20260501T110000Z", []),
        ("DTSTART;VALUE=DATE:20260501\nSTATUS:CANCELLED", []),
        ("DTSTART;VALUE=DATE:20260501\nTRANSP:TRANSPARENT", ["2026-05-01"]),
        ("DTSTART;VALUE=DATE:20290101", []),
        ("SUMMARY:Without a day", []),
        (
            "DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY;UNTIL=20271231T000000Z",
            ["2026-12-25", "2027-12-25"],
        ),
        (
            "DTSTART;VALUE=DATE:20201126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            ["2026-11-26", "2027-11-25", "2028-11-23"],
        ),
        (
            "DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20271225\nRDATE;VALUE=DATE:20260106",
            ["2026-01-06", "2026-12-25", "2028-12-25"],
        ),
        ("DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=SECONDLY", ["2026-05-01"]),
    ],
)
def test_closed_dates__of_an_event__are_its_days(event: str, days: list[str]) -> None:
    assert read(f"UID:1\n{event}") == days


def test_closed_dates__one_of_a_series_moved__are_the_days_it_has_now() -> None:
    series = "UID:1\nDTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY"
    moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20261225\nDTSTART;VALUE=DATE:20261228"
    gone = "UID:1\nRECURRENCE-ID;VALUE=DATE:20271225\nDTSTART;VALUE=DATE:20271225\nSTATUS:CANCELLED"
    assert read(series, moved, gone) == ["2026-12-28", "2028-12-25"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"BEGIN:VCALENDAR",
        b"\xff\xfe\x00",
        b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260501\r\nEND:VEVENT\r\n",
        file("UID:1\nDTSTART;VALUE=DATE:2026050x"),
        file(*["UID:1"] * 5_001),
    ],
)
def test_closed_dates__of_what_is_no_such_file__are_refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        closed_dates(content, FIRST, LAST)


def test_closed_dates__of_a_file_that_repeats_without_end__are_refused() -> None:
    daily = "DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY"
    with pytest.raises(ValidationError, match="repeat too often"):
        read(*[f"UID:{number}\n{daily}" for number in range(200)])


def test_closed_dates__rule_that_no_day_fits__is_not_followed_for_ever() -> None:
    never = "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    counted = "DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=3;BYMONTH=2;BYMONTHDAY=30"
    assert read(never, counted) == ["2026-01-01"]


def test_closed_dates__more_to_look_at_than_seconds_allow__is_refused() -> None:
    since_ever = "DTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    with pytest.raises(ValidationError) as refused:
        read(since_ever, since_ever)
    assert refused.value.code == "too_much"
