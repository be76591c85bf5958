"""The feed of one's own shifts: read without a session by whoever has its address, until that is ended."""

from datetime import UTC, date, datetime, time
from typing import Any

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ShiftFeed, Staff
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.integration.tickets.assignment.test_shifts import on_shift
from tickets.selectors import shift_feeds as shown
from tickets.services import errors, shift_feeds, shifts
from tickets.views.shift_feeds import PER_MIN


def path_of(token: str) -> str:
    return reverse("desk:shift_feed", args=[token])


def test_feed__made_at_the_desk__is_read_without_a_session_until_it_is_ended(client: Client, agent: Staff) -> None:
    shift = on_shift(agent)
    shifts.note(shift=shift, text="Mina Customer calls back.", by=agent)
    page = signed_in(client, agent).post(reverse("desk:shift_feed_make")).content.decode()
    token = (
        page.partition("/desk/shifts/")[0] and page.split('id="feed-url" value="')[1].split('"')[0].rpartition("/")[2]
    )
    path = path_of(token.removesuffix(".ics"))
    stranger = Client()
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.cookies
    assert b"Mina" not in answer.content
    assert stranger.get(path, {"week": "2030-01-01"}).status_code == 400
    assert stranger.post(path).status_code == 405
    # Only its digest rests, and the page does not show it again.
    assert token.removesuffix(".ics") not in ShiftFeed.objects.get().digest
    assert "feed-url" not in client.get(reverse("desk:shifts")).content.decode()
    assert client.post(reverse("desk:shift_feed_end")).status_code == 302
    assert stranger.get(path).status_code == 404
    assert list(AuditEntry.objects.filter(object_kind="shiftfeed").order_by("pk").values_list("action", flat=True)) == [
        "shiftfeed.made",
        "shiftfeed.ended",
    ]


def test_feed__made_again__leaves_the_old_address_dead(client: Client, agent: Staff) -> None:
    old, new = shift_feeds.make(by=agent), shift_feeds.make(by=agent)
    assert client.get(path_of(old)).status_code == 404
    assert client.get(path_of(new)).status_code == 200
    assert client.get(path_of("nobodys")).status_code == 404
    Staff.objects.filter(pk=agent.pk).update(is_active=False)
    assert client.get(path_of(new)).status_code == 404


def test_feed__asked_too_often__waits(client: Client, agent: Staff) -> None:
    path = path_of(shift_feeds.make(by=agent))
    assert client.get(path).status_code == 200
    # However the minute turns meanwhile, it comes to an end.
    assert 429 in (client.get(path).status_code for _ in range(10 * PER_MIN))


def test_make__by_whoever_does_not_answer__is_refused(auditor: Staff) -> None:
    with pytest.raises(errors.Refused):
        shift_feeds.make(by=auditor)


def test_calendar__night_in_which_the_clock_goes_back__is_exact_in_utc(
    agent: Staff, lead: Staff, move_time: Any
) -> None:
    move_time(datetime(2027, 10, 20, tzinfo=UTC) - now())
    Staff.objects.filter(pk=agent.pk).update(time_zone="Europe/Berlin", locale="zh-hans")
    agent.refresh_from_db()
    kept = shifts.plan(staff=agent, day=date(2027, 10, 30), starts=time(22), ends=time(6), by=lead)
    gone = shifts.plan(staff=agent, day=date(2027, 11, 1), starts=time(9), ends=time(17), by=lead)
    shifts.cancel(shift=gone, by=lead)
    written = shown.calendar(agent)
    # Lines of 75 octets at most that end in CRLF, as RFC 5545 has it.
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert b"DTSTART:20271030T200000Z\r\nDTEND:20271031T050000Z\r\n" in written
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert str(event["uid"]).startswith(kept.public_id)
    assert str(event["summary"]) == "班次"
