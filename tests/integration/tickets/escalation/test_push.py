"""Escalation on people's devices: what a push service gets, what it may answer, and who is told nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from accounts.models import PushDevice, Shift, Staff
from accounts.services import push_devices
from core import clock, web_push
from core.models import AuditEntry
from tests.factories.accounts import TeamFactory
from tests.factories.escalation import chain, owed, schedule, taken
from tests.factories.sla import FIRST, MINUTE, policy
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.escalation.conftest import Look
from tests.support.push_service import Browser, PushService, serving
from tickets.delivery import push
from tickets.models import EscalationRun, PushMessage, Ticket
from tickets.services import properties, push_messages, swaps

BREACH = FIRST * MINUTE
SECONDS = timedelta(seconds=10)


@pytest.fixture
def ticket(admin: Staff) -> Ticket:
    """A case with one promise: an answer within half an hour."""
    policy(by=admin, targets={"first_response": {"normal": 30, "urgent": 30}})
    return mail_ticket()


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[PushService]:
    """A push service on this machine, which we may reach for once."""
    with serving(tmp_path) as found:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        settings.PUSH_INSIDE_HOSTS = ["localhost"]
        yield found


def turn_on(person: Staff, browser: Browser) -> PushDevice:
    return push_devices.turn_on(person=person, session="s" * 20, name="Firefox, Linux", **browser.posted)


def deliver() -> str:
    """Send the one message there is, and say where it is then."""
    row = PushMessage.objects.latest("pk")
    push.deliver(row.pk)
    row.refresh_from_db()
    return row.state


def test_push__of_a_breach__is_opened_by_the_device_alone_and_names_no_customer(
    ticket: Ticket, ada: Staff, ben: Staff, look: Look, service: PushService
) -> None:
    Staff.objects.filter(pk=ada.pk).update(locale="zh-hans")
    browser, other = service.browser(), service.browser("other")
    device = turn_on(ada, browser)
    chain({"action": "push", "staff": ben}, {"action": "push", "staff": ada})
    look(BREACH)
    look(SECONDS)
    # Whoever has no device is passed over, and the next step does not wait.
    assert taken(ticket) == [("push", "skipped"), ("push", "done")]
    assert owed("push") == [("Ada", "sent")]
    assert (deliver(), deliver(), len(service.got)) == ("sent", "sent", 1)
    said = service.opened(browser)
    run = EscalationRun.objects.get()
    assert (said["path"], said["tag"]) == (f"/desk/tickets/{ticket.public_id}/", run.public_id)
    assert "升级" in said["title"]
    assert str(ticket.number) in said["title"]
    assert ticket.subject not in str(said)
    _path, headers, body = service.got[0]
    assert (headers["Topic"], headers["Urgency"], headers["TTL"]) == (run.public_id, "high", "3600")
    assert headers["Authorization"].endswith(f"k={web_push.public_key()}")
    with pytest.raises(InvalidTag):
        other.open(body)
    device.refresh_from_db()
    assert device.used_at is not None


def test_push__to_who_is_on_call__goes_with_page_and_mail(
    ticket: Ticket, ada: Staff, look: Look, service: PushService
) -> None:
    turn_on(ada, service.browser())
    turn_on(ada, service.browser("phone"))
    chain({"action": "on_call", "schedule": schedule(ada)})
    look(BREACH)
    assert (owed("page"), owed("mail"), owed("push")) == ([("Ada", "sent")],) * 3
    # One for each device, and no second one however often it is owed.
    assert PushMessage.objects.filter(kind="escalation").count() == 2
    notice = PushMessage.objects.latest("pk").notice
    assert notice is not None
    push_messages.owe_notice(notice)
    assert PushMessage.objects.count() == 2


def test_push__that_is_not_taken__waits_as_asked_and_what_is_gone_is_removed(
    ticket: Ticket, ada: Staff, look: Look, service: PushService, move_time: Callable[[timedelta], None]
) -> None:
    device = turn_on(ada, service.browser())
    chain({"action": "push", "staff": ada})
    look(BREACH)
    service.answers = [(429, {"Retry-After": "300"}), (413, {"Retry-After": "60"}), (503, {}), (302, {"Location": "/"})]
    assert deliver() == "queued"
    row = PushMessage.objects.get()
    assert row.last_error == "It answered 429."
    move_time(timedelta(seconds=290))
    assert (deliver(), len(service.got)) == ("queued", 1)
    for wait, tried in ((11, 2), (61, 3), (31, 4)):
        move_time(timedelta(seconds=wait))
        assert (deliver(), len(service.got)) == ("queued", tried)
    device.refresh_from_db()
    assert (device.failure, device.used_at) == ("It answered 302.", None)
    service.answers = [(410, {})]
    move_time(timedelta(seconds=31))
    assert deliver() == "failed"
    assert not PushDevice.objects.living().exists()
    look()
    assert not PushDevice.objects.exists()
    assert not PushMessage.objects.exists()
    assert AuditEntry.objects.get(action="pushdevice.turned_off").detail == {"reason": "gone"}


def test_push__that_asking_again_does_not_change__is_given_up(ada: Staff, service: PushService) -> None:
    browser = service.browser()
    device = turn_on(ada, browser)
    for status in (400, 413):
        service.answers = [(status, {})]
        assert push_messages.try_out(by=ada, public_id=device.public_id)
        assert deliver() == "failed"
    assert push_messages.try_out(by=ada, public_id=device.public_id)
    assert push_messages.try_out(by=ada, public_id=device.public_id)
    # One at a time.
    assert PushMessage.objects.filter(kind="trial", state="queued").count() == 1
    assert deliver() == "sent"
    assert service.opened(browser)["title"] == "It works"


def test_push__nobody_needs_or_may_see_any_more__is_dropped(
    ticket: Ticket, ada: Staff, ben: Staff, lead: Staff, look: Look, service: PushService
) -> None:
    for person in (ada, ben):
        turn_on(person, service.browser(person.name))
    chain({"action": "push", "staff": ada}, {"action": "push", "staff": ben})
    look(BREACH)
    look(SECONDS)
    first, second = PushMessage.objects.order_by("pk")
    Staff.objects.filter(pk=ada.pk).update(is_active=False)
    push.deliver(first.pk)
    hidden = TeamFactory.create(slug="fraud", name="Fraud", is_restricted=True)
    properties.move_to_team(ticket=ticket, to=hidden, by=lead)
    push.deliver(second.pk)
    assert list(PushMessage.objects.values_list("state", flat=True)) == ["dropped"] * 2
    assert service.got == []


@pytest.mark.attack("D9")
def test_push__inside_the_network__is_never_reached(ada: Staff) -> None:
    for host in ("127.0.0.1", "localhost", "10.0.0.1", "[::1]", "169.254.169.254"):
        device = turn_on(ada, Browser(f"https://{host}/x"))
        assert push_messages.try_out(by=ada, public_id=device.public_id)
        assert deliver() == "queued"
        device.refresh_from_db()
        assert "not on the public internet" in device.failure
    device = turn_on(ada, Browser("https://push.example:8443/x"))
    assert push_messages.try_out(by=ada, public_id=device.public_id)
    assert deliver() == "failed"


def test_swap__offered__reaches_the_devices_of_the_other(ada: Staff, ben: Staff, service: PushService) -> None:
    browser, now = service.browser(), clock.now()
    turn_on(ben, browser)
    starts = now + timedelta(days=1)
    shift = Shift.objects.create(staff=ada, starts_at=starts, ends_at=starts + timedelta(hours=8), time_zone="UTC")
    swap = swaps.offer(shift=shift, to=ben, by=ada)
    assert deliver() == "sent"
    assert service.opened(browser)["path"] == "/desk/shifts/"
    # Taken back before it was told: nobody hears of it.
    PushMessage.objects.update(state="queued", settled_at=None)
    swaps.withdraw(swap=swap, by=ada)
    assert (deliver(), len(service.got)) == ("dropped", 1)
