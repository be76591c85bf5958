"""Acts about service levels: calendars, policies in versions, and the sweep of clocks."""

from datetime import timedelta
from functools import partial

from accounts.models import Team
from core.clock import from_now, now
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.contracts.permissions.acts_behind import chosen, form
from tests.factories.sla import draft, policy
from tests.factories.tickets import mail_ticket
from tickets import inbound_tasks, outbound_tasks
from tickets.models import CalendarFeed, SlaCalendar, SlaClock, SlaPolicy, SlaTeamCalendar, Ticket
from tickets.services import calendar_feeds, sla_policies
from tickets.sla_forms import TARGETS

CALENDAR = ("is_always", "country", "part", "dates", "is_default")
VERSION = (
    "channels", "priorities", "languages", "teams", "tags", "is_risk_raised", "calendar", "pauses_in",
    *(name for name in TARGETS if name != "resolution_normal"),
)  # fmt: skip


def _calendar() -> SlaCalendar:
    return SlaCalendar.objects.create(name=new_public_id(), weekly="mon-fri 09:00-17:00")


def _under(calendar: SlaCalendar) -> Ticket:
    """Return a case under a policy that fits no other one, ahead of those that other acts have put into force."""
    language = new_public_id()[:16]
    policy(new_public_id(), by=person("admin"), calendar=calendar, languages=[language], position=1)
    return mail_ticket(language=language)


@act("admin add tickets.SlaCalendar", "tickets.SlaCalendar")
def add_a_calendar() -> Prepared:
    data = {"name": new_public_id(), "time_zone": "Asia/Singapore", "weekly": "mon-fri 09:00-12:30 13:30-18:00"}
    return form("tickets_slacalendar", data, listed=CALENDAR)


@act("admin change tickets.SlaCalendar", "tickets.SlaCalendar", "tickets.SlaClock")
def change_a_calendar() -> Prepared:
    calendar = _calendar()
    _under(calendar)
    data = {"name": calendar.name, "time_zone": "UTC", "weekly": "mon 09:00-17:00"}
    return form("tickets_slacalendar", data, calendar.pk, CALENDAR)


@act("admin add tickets.SlaTeamCalendar", "tickets.SlaTeamCalendar")
def say_how_a_team_works() -> Prepared:
    team = Team.objects.create(name=new_public_id(), slug=new_public_id())
    return form("tickets_slateamcalendar", {"team": str(team.pk), "calendar": str(_calendar().pk)})


@act("admin change tickets.SlaTeamCalendar", "tickets.SlaTeamCalendar")
def say_how_a_team_works_now() -> Prepared:
    team = Team.objects.create(name=new_public_id(), slug=new_public_id())
    row = SlaTeamCalendar.objects.create(team=team, calendar=_calendar())
    return form("tickets_slateamcalendar", {"calendar": str(_calendar().pk)}, row.pk)


@act("admin add tickets.SlaPolicy", "tickets.SlaPolicy")
def name_a_policy() -> Prepared:
    return form("tickets_slapolicy", {"name": new_public_id()})


@act("admin change tickets.SlaPolicy", "tickets.SlaPolicy")
def name_a_policy_anew() -> Prepared:
    row = SlaPolicy.objects.create(name=new_public_id())
    return form("tickets_slapolicy", {"name": new_public_id()}, row.pk)


@act("admin add tickets.SlaPolicyVersion", "tickets.SlaPolicyVersion")
def draft_a_version() -> Prepared:
    row = SlaPolicy.objects.create(name=new_public_id())
    data = {
        "policy": str(row.pk), "position": "10", "is_active": "on", "warn_percent": "75", "reopening": "continue",
        "resolution_normal": "480",
    }  # fmt: skip
    return form("tickets_slapolicyversion", data, listed=VERSION)


@act("admin change tickets.SlaPolicyVersion", "tickets.SlaPolicyVersion")
def change_a_draft() -> Prepared:
    version = draft(new_public_id())
    data = {
        "policy": str(version.policy_id), "position": "20", "is_active": "on", "warn_percent": "50",
        "reopening": "anew", "resolution_normal": "60",
    }  # fmt: skip
    return form("tickets_slapolicyversion", data, version.pk, VERSION)


@act("admin put_into_force tickets.SlaPolicyVersion", "tickets.SlaPolicyVersion")
def put_a_version_into_force() -> Prepared:
    return chosen("tickets_slapolicyversion", "put_into_force", draft(new_public_id()).pk, frozenset({"at"}))


@act("admin take_back tickets.SlaPolicyVersion", "tickets.SlaPolicyVersion")
def take_a_version_back() -> Prepared:
    version = draft(new_public_id())
    sla_policies.put_into_force(version=version, by=person("admin"), at=now() + timedelta(hours=2))
    return chosen("tickets_slapolicyversion", "take_back", version.pk)


@act("admin simulate tickets.SlaPolicyVersion", why="shows what would have been")
def simulate_a_version() -> Prepared:
    return chosen("tickets_slapolicyversion", "simulate", draft(new_public_id()).pk)


@act("task tickets.sweep_clocks", "tickets.SlaClock", "tickets.Ticket", "tickets.Message", "core.Heartbeat")
def sweep_clocks() -> Prepared:
    case = _under(SlaCalendar.objects.create(name=new_public_id(), is_always=True))
    before = from_now(-timedelta(hours=2))
    SlaClock.objects.filter(ticket=case).update(started_at=before, runs_since=before, fires_at=before)
    changed = SlaCalendar.objects.create(name=new_public_id(), is_always=True)
    moved = _under(changed)
    SlaCalendar.objects.filter(pk=changed.pk).update(is_always=False, weekly="mon 09:00-09:01")
    SlaClock.objects.filter(ticket=moved).update(is_stale=True)
    return partial(inbound_tasks.sweep_clocks)


HOLIDAY = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20200101\r\n"
    b"RRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def _feed(*, is_fetched: bool = False) -> CalendarFeed:
    calendar = _calendar()
    _under(calendar)
    # An address that leads nowhere outside.
    url = f"https://127.0.0.1/{new_public_id()}.ics"
    return CalendarFeed.objects.create(
        calendar=calendar, name="Holidays", url=url, fetched=HOLIDAY if is_fetched else None
    )


@act("admin add tickets.CalendarFeed", "tickets.CalendarFeed")
def add_a_feed() -> Prepared:
    data = {"calendar": str(_calendar().pk), "name": "Holidays", "url": "https://example.com/holidays.ics"}
    return form("tickets_calendarfeed", data, listed=("file",))


@act("admin change tickets.CalendarFeed", "tickets.CalendarFeed")
def change_a_feed() -> Prepared:
    data = {"name": "Holidays of ours", "url": "https://example.com/ours.ics"}
    return form("tickets_calendarfeed", data, _feed().pk, ("file",))


@act("admin delete tickets.CalendarFeed", "tickets.CalendarFeed", "tickets.SlaCalendar", "tickets.SlaClock")
def delete_a_feed() -> Prepared:
    who, feed = person("admin"), _feed(is_fetched=True)
    calendar_feeds.read(pk=feed.pk)
    SlaClock.objects.update(is_stale=False)
    return Sending(browser(who), at("admin:tickets_calendarfeed_delete", feed.pk), {"post": "yes"}, actor=who.actor)


@act("admin delete_selected tickets.CalendarFeed", "tickets.CalendarFeed")
def delete_chosen_feeds() -> Prepared:
    return chosen("tickets_calendarfeed", "delete_selected", _feed().pk)


@act("task tickets.sweep_calendars", "tickets.CalendarFeed")
def sweep_calendars() -> Prepared:
    _feed()
    return partial(inbound_tasks.sweep_calendars)


@act("task tickets.fetch_calendar", "tickets.CalendarFeed")
def fetch_a_calendar() -> Prepared:
    feed = _feed()
    return lambda: outbound_tasks.fetch_calendar(feed.pk)


@act("task tickets.read_calendar", "tickets.CalendarFeed", "tickets.SlaCalendar", "tickets.SlaClock")
def read_a_calendar() -> Prepared:
    feed = _feed(is_fetched=True)
    return lambda: inbound_tasks.read_calendar(feed.pk)
