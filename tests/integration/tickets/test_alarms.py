"""Alarms: opened when a trouble lasts, told once an hour at most, over when it is over, acknowledged by a person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client

from core import heartbeat
from core.models import AuditEntry, Notice
from helpdesk import mail_process
from security.delivery import freezes
from security.models import FreezeOrder
from security.services import freezing
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory
from tests.factories.customers import portal_customer
from tests.factories.tickets import MailboxFactory
from tests.support.small_disk import small_disk
from tests.support.small_exchange import SmallExchange
from tickets.models import Alarm
from tickets.selectors import troubles
from tickets.services import alarms

Move = Callable[[timedelta], None]


@pytest.fixture(autouse=True)
def _admin(clone_db: str) -> None:
    StaffFactory.create(role="admin", email="boss@cast.test", locale="zh-hans")
    StaffFactory.create(role="agent", email="not-asked@cast.test")


def all_beat(*but: str) -> None:
    for name in heartbeat.EXPECTED:
        if name not in but:
            heartbeat.beat(name)


def look(redis: str = "") -> int:
    return alarms.look(judged=troubles.BY_ANYBODY, redis=redis)


def look_for(move_time: Move, *silent: str, seconds: int, redis: str = "") -> int:
    """Let everybody but `silent` beat and look every ten seconds."""
    found = 0
    for _ in range(seconds // 10):
        all_beat(*silent)
        found = look(redis)
        move_time(timedelta(seconds=10))
    return found


def test_look__everything_beats__finds_nothing(move_time: Move) -> None:
    assert look_for(move_time, seconds=60) == 0
    assert not Alarm.objects.exists()
    assert not Notice.objects.exists()


def test_look__worker_silent_for_a_while__opens_one_alarm_and_tells_administrators_in_their_language(
    move_time: Move,
) -> None:
    all_beat()
    move_time(timedelta(seconds=50))

    assert look_for(move_time, "worker", seconds=40) == 1

    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.about) == ("worker-silent", "")
    told = Notice.objects.get()
    assert (told.to_address, told.kind, told.language) == ("boss@cast.test", "alarm", "zh-hans")
    assert "worker-silent" in told.body
    assert "/desk/system/" in told.body


def test_look__whole_system_was_off_over_night__waits_before_it_alarms(move_time: Move) -> None:
    all_beat()
    look()
    move_time(timedelta(hours=9))
    assert look() == 0  # everybody is silent, and nobody has had the time to say a word
    move_time(timedelta(seconds=10))
    all_beat()
    look()
    assert not Alarm.objects.exists()
    assert not Notice.objects.exists()


def test_look__trouble_noticed_before_the_night__begins_anew(move_time: Move) -> None:
    all_beat("worker")
    look()
    move_time(timedelta(hours=9))
    all_beat("worker")
    assert look() == 0


def test_look__trouble_over__closes_and_gives_the_all_clear_once(move_time: Move) -> None:
    look_for(move_time, "worker", seconds=40)
    look_for(move_time, seconds=30)

    alarm = Alarm.objects.get()
    assert alarm.closed_at is not None
    assert [notice.kind for notice in Notice.objects.order_by("pk")] == ["alarm", "alarm"]


def test_look__trouble_that_comes_and_goes__is_told_once_an_hour(move_time: Move) -> None:
    for _ in range(3):
        look_for(move_time, "worker", seconds=90)
        look_for(move_time, seconds=30)
    assert Alarm.objects.count() == 3
    assert Notice.objects.count() == 2  # the first, and that it was over

    move_time(timedelta(hours=1))
    look_for(move_time, "worker", seconds=90)
    assert Notice.objects.count() == 3


def test_look__still_open_after_an_hour__is_told_again_unless_acknowledged(move_time: Move) -> None:
    look_for(move_time, "worker", "mail", seconds=60)
    by = StaffFactory.create(role="lead", email="lead@cast.test")
    alarms.acknowledge(alarm=Alarm.objects.get(kind="mail-silent"), by=by)
    move_time(timedelta(hours=1))
    look_for(move_time, "worker", "mail", seconds=20)

    assert Notice.objects.count() == 2
    assert "worker-silent" in Notice.objects.latest("pk").body
    assert "mail-silent" not in Notice.objects.latest("pk").body


def test_look__redis_away__is_one_alarm_and_not_five(move_time: Move) -> None:
    look_for(move_time, "worker", "sweeper", "audit sealer", "beat", seconds=60, redis="ConnectionError")

    assert [(alarm.kind, alarm.detail) for alarm in Alarm.objects.open()] == [("redis-away", "ConnectionError")]


def test_look__mailbox_refuses__names_it_and_why(move_time: Move) -> None:
    for _ in range(4):
        heartbeat.beat("mailbox:support", detail="The IMAP server refuses STARTTLS: no password was sent.", is_ok=False)
        look_for(move_time, seconds=10)

    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.about) == ("mailbox-down", "support")
    assert "STARTTLS" in alarm.detail


def test_look__mail_process_silent__does_not_blame_its_mailboxes_too(move_time: Move) -> None:
    heartbeat.beat("mailbox:support")
    look_for(move_time, "mail", seconds=240)

    assert [alarm.kind for alarm in Alarm.objects.open()] == ["mail-silent"]


def test_look__disk_was_full_just_now__alarms_at_once_and_heals(move_time: Move) -> None:
    all_beat()
    heartbeat.beat("full:database", is_ok=False)
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    assert Alarm.objects.open().filter(kind="disk-full", about="database").exists()

    move_time(timedelta(minutes=3))
    all_beat()
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    assert not Alarm.objects.open().filter(kind="disk-full", about="database").exists()


def test_look__full_disk_measured_and_met__is_one_alarm(settings: Any) -> None:
    all_beat()
    heartbeat.beat("full:media", is_ok=False)
    with small_disk(2) as disk:
        settings.MEDIA_ROOT = disk.root
        disk.fill()
        alarms.look(judged=troubles.BY_THE_ROUNDS)

    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.about) == ("disk-full", "media")
    assert "0 MB free" in alarm.detail


def test_look__broken_chain__alarms_at_once(move_time: Move) -> None:
    all_beat()
    heartbeat.beat("audit chain", detail="link 4: hash differs", is_ok=False)
    assert look() == 1
    assert Alarm.objects.open().get().kind == "audit-broken"


def test_look__head_is_not_anchored__says_why(move_time: Move) -> None:
    for _ in range(4):
        heartbeat.beat("audit anchor", detail="Read-only file system", is_ok=False)
        look_for(move_time, seconds=10)
    alarm = Alarm.objects.open().get()
    assert (alarm.kind, alarm.detail) == ("anchor-silent", "Read-only file system")
    heartbeat.beat("audit anchor", detail="link 4")
    assert look() == 0


def test_look__nothing_anchors_any_more__alarms(move_time: Move) -> None:
    heartbeat.beat("audit anchor", detail="link 4")
    look_for(move_time, seconds=140)
    assert not Alarm.objects.exists()
    look_for(move_time, seconds=50)
    assert Alarm.objects.open().get().kind == "anchor-silent"


def test_look__somebody_else_looks__leaves_it_to_them(owner_connection: "psycopg.Connection[Any]") -> None:
    heartbeat.beat("audit chain", detail="link 4: hash differs", is_ok=False)
    owner_connection.autocommit = False
    owner_connection.execute(alarms.LOCK)
    assert look() == 0
    assert not Alarm.objects.exists()
    owner_connection.rollback()
    owner_connection.autocommit = True


def test_pollers__mailbox_not_polled_any_more__is_not_waited_for() -> None:
    MailboxFactory.create(slug="gone", address="gone@pharos.test", is_active=False)
    heartbeat.beat("mailbox:gone", detail="connected")
    mail_process.Pollers().reread()
    assert "mailbox:gone" not in {pulse.name for pulse in heartbeat.pulses()}


def test_acknowledge__by_a_lead__is_kept_audited_and_done_once() -> None:
    alarm = Alarm.objects.create(kind="worker-silent", opened_at="2026-01-01T00:00Z")
    lead, second = (StaffFactory.create(role="lead", email=f"lead{n}@cast.test") for n in (1, 2))

    assert alarms.acknowledge(alarm=alarm, by=lead)
    assert not alarms.acknowledge(alarm=alarm, by=second)

    alarm.refresh_from_db()
    assert alarm.acknowledged_by == lead
    assert AuditEntry.objects.get(action="alarm.acknowledged").object_id == alarm.public_id


def test_page__open_alarm__is_shown_with_its_section_and_acknowledged_by_the_button(client: Client) -> None:
    alarm = Alarm.objects.create(kind="worker-silent", opened_at="2026-01-01T00:00Z")
    lead = StaffFactory.create(role="lead", email="lead@cast.test")
    signed_in(client, lead)

    shown = client.get("/desk/system/").content.decode()
    assert "docs/operations.md#worker-silent" in shown
    assert 'data-count="alarms-new"' in client.get("/desk/views/open/").content.decode()

    assert client.post(f"/desk/system/alarms/{alarm.public_id}/acknowledge/").status_code == 302
    assert f"{lead.name} takes care of it" in client.get("/desk/system/").content.decode()


def test_page__agent__sees_no_banner(client: Client) -> None:
    Alarm.objects.create(kind="worker-silent", opened_at="2026-01-01T00:00Z")
    signed_in(client, StaffFactory.create(role="agent", email="agent@cast.test"))

    assert "alarms-new" not in client.get("/desk/views/open/").content.decode()
    assert client.get("/desk/system/").status_code == 403


# ── the exchange ───────────────────────────────────────────────────────────────────────────────────────────────────


def kinds_open() -> set[str]:
    return set(Alarm.objects.open().values_list("kind", flat=True))


def test_look__freeze_that_the_exchange_does_not_answer__is_an_alarm_after_a_minute_until_it_does(
    move_time: Move, exchange: SmallExchange
) -> None:
    exchange.freeze_answers = [500]
    mina = portal_customer()
    freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    order = FreezeOrder.objects.get()
    assert look_for(move_time, seconds=50) == 0
    look_for(move_time, seconds=20)
    assert kinds_open() == {"freeze-unanswered"}
    freezes.deliver(order.pk)
    assert FreezeOrder.objects.get().state == "done"
    all_beat()
    assert look() == 0


def test_look__event_that_nobody_handles_and_one_that_is_none__are_alarms(
    move_time: Move, exchange: SmallExchange
) -> None:
    for event_id, body in (("evt_1", exchange.event()), ("evt_2", b"{}")):
        Client().generic(
            "POST", "/api/v1/exchange/events/", body, headers={"Authorization": exchange.signed(body, event_id)}
        )
    all_beat()
    look()
    assert kinds_open() == {"event-unreadable"}
    look_for(move_time, seconds=70)
    assert kinds_open() == {"event-unreadable", "event-overdue"}
