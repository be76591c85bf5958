"""Acts about what concerns oneself: following, being told, looking."""

from datetime import timedelta
from functools import partial

from accounts.models import Staff
from core.clock import now
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_of_devices import device_of
from tickets import inbound_tasks
from tickets.models import NoticeSettings, StaffNotice
from tickets.models.staff_notice import Digest, NoticeKind


def told() -> Staff:
    """Return somebody who was told a minute ago of what nobody has looked at."""
    who = person()
    at = now() - timedelta(minutes=1)
    StaffNotice.objects.create(staff=who, ticket=ticket(), seq=1, kind=NoticeKind.MENTIONED, created_at=at)
    return who


@act("POST desk:follow", "tickets.TicketFollower")
def follow_a_case() -> Prepared:
    who = person()
    listed = frozenset({"person", "name", "stop"})
    return Sending(browser(who), at("desk:follow", ticket().public_id), {}, listed, actor=who.actor)


@act("POST desk:notices_done", "tickets.StaffNotice")
def count_all_as_looked_at() -> Prepared:
    who = told()
    return Sending(browser(who), at("desk:notices_done"), {"until": now().isoformat()}, actor=who.actor)


@act("POST desk:notice_settings", "tickets.NoticeSettings")
def choose_how_to_be_told() -> Prepared:
    who = person()
    data = {"shown": "mentioned", "mailed": "mentioned", "digest": "daily"}
    return Sending(browser(who), at("desk:notice_settings"), data, frozenset({"pushed"}), actor=who.actor)


@act("task tickets.tell_staff", "tickets.StaffNotice", "tickets.PushMessage", "tickets.NoticeSettings", "core.Notice")
def tell_of_what_nobody_looked_at() -> Prepared:
    who = told()
    device_of(who)
    kinds = [NoticeKind.MENTIONED]
    NoticeSettings.objects.create(staff=who, mailed=kinds, digest=Digest.HOURLY, next_digest_at=now())
    return partial(inbound_tasks.tell_staff)
