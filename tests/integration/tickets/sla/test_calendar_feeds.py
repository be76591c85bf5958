"""iCal feeds of calendars: fetched over https from outside only, read once, kept when what comes next is bad."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.sla import policy
from tests.factories.tickets import mail_ticket
from tests.unit.tickets.sla.test_ical_dates import file
from tickets.delivery import calendars
from tickets.models import CalendarFeed, SlaCalendar, SlaClock
from tickets.selectors import sla_terms
from tickets.services import calendar_feeds, sla_sweep

NEW_YEAR = file("UID:1\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY")
Problem = CalendarFeed.Problem
WEEK = "mon-sun 00:00-24:00"


class Office:
    """An https server that gives what the test puts into it, and remembers what it was asked."""

    def __init__(self) -> None:
        self.content, self.status, self.location = NEW_YEAR, 200, ""
        self.asked: list[dict[str, str]] = []
        self.dial: calendars.Dial


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    given = Office()
    authority = trustme.CA()
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("office.example").configure_cert(server_side)
    authority.configure_trust(client_side)

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given.asked.append(dict(self.headers))
            is_known = self.headers.get("If-None-Match") == '"1"' and given.status == 200
            self.send_response(304 if is_known else given.status)
            if given.location:
                self.send_header("Location", given.location)
            self.send_header("ETag", '"1"')
            self.end_headers()
            if not is_known:
                self.wfile.write(given.content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the library's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.socket = server_side.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def dial(host: str) -> socket.socket:
            plain = socket.create_connection(("127.0.0.1", server.server_address[1]), 10)
            return client_side.wrap_socket(plain, server_hostname=host)

        given.dial = dial
        yield given
        server.shutdown()


@pytest.fixture
def feed(_any_database: None) -> CalendarFeed:
    """A feed that is due, of a calendar that is open every day."""
    calendar = SlaCalendar.objects.create(name="Office", weekly=WEEK)
    return CalendarFeed.objects.create(calendar=calendar, name="Holidays", url="https://office.example/h.ics")


def look(feed: CalendarFeed, office: Office) -> CalendarFeed:
    calendars.fetch_calendar(feed.pk, dial=office.dial)
    calendar_feeds.read(pk=feed.pk)
    feed.refresh_from_db()
    return feed


def test_look__good_feed__closes_its_dates_and_marks_the_clocks_that_go_by_them(
    feed: CalendarFeed, office: Office
) -> None:
    policy(calendar=feed.calendar)
    ticket = mail_ticket()
    sla_sweep.sweep()
    assert not SlaClock.objects.filter(is_stale=True).exists()
    look(feed, office)
    assert feed.problem == ""
    assert feed.read_at is not None
    assert feed.next_look_at is not None
    assert timedelta(hours=23) < feed.next_look_at - feed.read_at < timedelta(hours=25)
    assert SlaClock.objects.filter(ticket=ticket, is_stale=True).exists()
    calendar = SlaCalendar.objects.get(pk=feed.calendar_id)
    closed = [date.fromisoformat(line) for line in calendar.feed_dates.splitlines()]
    assert len(closed) in {2, 3}
    assert all((day.month, day.day) == (1, 1) for day in closed)
    day = closed[-1]
    hours = calendar.hours()
    assert hours.dates[day] == ()
    # What begins from now on goes by them, too.
    later = mail_ticket(subject="Opened afterwards")
    assert SlaClock.objects.filter(ticket=later, calendar=calendar).exists()
    promise = sla_terms.fitting(later)
    assert promise is not None
    assert promise.promise is not None
    assert promise.promise.terms.hours.dates[day] == ()
    # A date of its own counts before what a feed says.
    calendar.dates = f"{day.isoformat()} 09:00-12:00"
    assert calendar.hours().dates[day] != ()
    # The same again: nothing is asked for, nothing is recorded.
    recorded = AuditEntry.objects.count()
    look(feed, office)
    assert office.asked[-1]["If-None-Match"] == '"1"'
    assert AuditEntry.objects.count() == recorded


@pytest.mark.parametrize(
    ("status", "content", "problem"),
    [
        (200, b"<!doctype html>Sign in", Problem.NOT_ICAL),
        (200, b"x" * (calendars.MAX_BYTES + 1), Problem.TOO_LARGE),
        (404, b"", Problem.NOT_GIVEN),
        (500, NEW_YEAR, Problem.NOT_GIVEN),
    ],
)
def test_look__bad_feed__keeps_the_last_good_one_and_says_so_to_administrators(
    client: Client,
    admin: Staff,
    feed: CalendarFeed,
    office: Office,
    status: int,
    content: bytes,
    problem: CalendarFeed.Problem,
) -> None:
    look(feed, office)
    dates = SlaCalendar.objects.get(pk=feed.calendar_id).feed_dates
    CalendarFeed.objects.filter(pk=feed.pk).update(etag="")
    office.status, office.content = status, content
    look(feed, office)
    assert feed.problem == problem
    assert SlaCalendar.objects.get(pk=feed.calendar_id).feed_dates == dates == feed.dates
    assert (
        str(problem.label)
        in signed_in(client, admin).get(reverse("admin:tickets_calendarfeed_changelist")).content.decode()
    )
    # Mended, it is read again.
    office.status, office.content = 200, file("UID:1\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=MONTHLY")
    look(feed, office)
    assert feed.problem == ""
    assert len(feed.dates.splitlines()) > len(dates.splitlines())


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/h.ics",
        "https://localhost/h.ics",
        "https://[::1]/h.ics",
        "https://10.0.0.1/h.ics",
        "https://169.254.169.254/latest/meta-data/",
        "https://office.example:8443/h.ics",
        "https://user:secret@office.example/h.ics",
        "http://office.example/h.ics",
        "ftp://office.example/h.ics",
        "https:///h.ics",
    ],
)
def test_get__address_inside_or_not_plain_https__is_not_dialled(url: str) -> None:
    with pytest.raises(calendars.FeedError, match="unreachable"):
        calendars.get(url)


def test_get__redirect__is_followed_to_https_alone_and_not_for_ever(office: Office) -> None:
    office.status, office.location = 302, "http://office.example/h.ics"
    with pytest.raises(calendars.FeedError, match="unreachable"):
        calendars.get("https://office.example/h.ics", dial=office.dial)
    office.location = "/again.ics"
    with pytest.raises(calendars.FeedError):
        calendars.get("https://office.example/h.ics", dial=office.dial)
    assert len(office.asked) == 1 + calendars.MAX_REDIRECTS + 1


def test_sweep__due_feed__is_looked_at_once_and_again_if_nobody_did(
    feed: CalendarFeed, move_time: Callable[[timedelta], None]
) -> None:
    assert (calendar_feeds.sweep(), calendar_feeds.sweep()) == (1, 0)
    move_time(timedelta(minutes=61))
    assert calendar_feeds.sweep() == 1


def test_sweep__eight_at_once__have_it_looked_at_once(clone_db: str, race: Any, feed: CalendarFeed) -> None:
    assert sum(race(*[partial(calendar_feeds.sweep)] * 8)) == 1


def test_sweep__fetched_and_not_read__is_read(feed: CalendarFeed) -> None:
    CalendarFeed.objects.filter(pk=feed.pk).update(fetched=NEW_YEAR)
    calendar_feeds.sweep()
    feed.refresh_from_db()
    assert feed.fetched is None
    assert feed.dates


def test_admin__file__is_read_at_once_and_what_is_none_is_refused(client: Client, admin: Staff) -> None:
    calendar = SlaCalendar.objects.create(name="Office", weekly=WEEK)
    always = SlaCalendar.objects.create(name="Always", is_always=True)
    path = reverse("admin:tickets_calendarfeed_add")
    signed_in(client, admin)

    def added(content: bytes | None, **more: str) -> int:
        data: dict[str, Any] = {"calendar": str(calendar.pk), "name": "Holidays", "url": "", **more}
        if content is not None:
            data["file"] = SimpleUploadedFile("h.ics", content)
        return client.post(path, data).status_code

    assert added(b"no calendar") == 200
    assert added(None) == 200
    assert added(NEW_YEAR, url="https://office.example/h.ics") == 200
    assert added(NEW_YEAR, calendar=str(always.pk)) == 200
    assert added(None, url="http://office.example/h.ics") == 200
    assert not CalendarFeed.objects.exists()
    assert added(NEW_YEAR) == 302
    feed = CalendarFeed.objects.get()
    assert (feed.next_look_at, feed.problem) == (None, "")
    calendar.refresh_from_db()
    assert calendar.feed_dates == feed.dates != ""
    # Only its name: what was read stays.
    change = reverse("admin:tickets_calendarfeed_change", args=[feed.pk])
    assert client.post(change, {"name": "Ours", "url": ""}).status_code == 302
    assert client.post(reverse("admin:tickets_calendarfeed_delete", args=[feed.pk]), {"post": "yes"}).status_code == 302
    calendar.refresh_from_db()
    assert calendar.feed_dates == ""


def test_url__other_than_https__is_refused_by_the_database(feed: CalendarFeed) -> None:
    with pytest.raises(IntegrityError, match="calendarfeed_https"), transaction.atomic():
        CalendarFeed.objects.filter(pk=feed.pk).update(url="http://office.example/h.ics")
