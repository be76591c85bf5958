"""One tap freezes: at once with us, at the exchange by a row that is never given up; the mail's link needs a POST."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from core.clock import from_now
from core.models import AuditEntry, Notice
from security import freeze_links
from security.delivery import freezes
from security.models import CustomerSession, Freeze, FreezeOrder
from security.services import freezing
from tests.factories.customers import open_portal, portal_customer
from tests.support.small_exchange import SmallExchange

Move = Callable[[timedelta], None]
FREEZE = "/portal/security/freeze/"


@pytest.fixture
def mina(clone_db: str, exchange: SmallExchange) -> Customer:
    return portal_customer()


def link_of(customer: Customer) -> str:
    """Return the path of the link in the newest security mail."""
    body = Notice.objects.filter(kind="customer_security").latest("pk").body
    found = re.search(r"https?://\S+", body)
    assert found
    return found[0].removeprefix(settings.SITE_URL)


def due_again() -> None:
    FreezeOrder.objects.update(next_attempt_at=from_now(timedelta(seconds=-1)))


def test_freeze__from_the_portal__holds_with_us_and_at_the_exchange_at_once(
    mina: Customer, exchange: SmallExchange
) -> None:
    client, elsewhere = Client(), Client()
    open_portal(client, mina)
    open_portal(elsewhere, mina)
    assert client.get(FREEZE).status_code == 200
    assert not Freeze.objects.exists()
    assert client.post(FREEZE).status_code == 302
    assert Freeze.objects.get(customer=mina).is_frozen
    assert exchange.asked == [("POST", "/accounts/acc-1/freeze", {"reason": "customer", "source": "pharos portal"})]
    order = FreezeOrder.objects.get()
    assert (order.state, order.answered_at is not None) == ("done", True)
    assert elsewhere.get("/portal/").status_code == 302
    shown = client.get(FREEZE).content.decode()
    assert "The exchange has frozen it, too." in shown
    assert "was frozen" in Notice.objects.get(kind="customer_security").body
    assert AuditEntry.objects.filter(action="customer.frozen", actor_id=mina.public_id).exists()


def test_freeze__exchange_away__is_asked_for_until_it_answers(mina: Customer, exchange: SmallExchange) -> None:
    exchange.freeze_answers = [500, 503, 429]
    freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    order = FreezeOrder.objects.get()
    assert (order.state, order.last_error) == ("waiting", "it answered 500")
    # Not before its time, and by one at a time.
    freezes.deliver(order.pk)
    assert len(exchange.asked) == 1
    for _ in range(3):
        due_again()
        freezes.deliver(order.pk)
    order.refresh_from_db()
    assert (order.state, order.attempts, len(exchange.asked)) == ("done", 4, 4)


def test_freeze__bell_lost__is_rung_for_again(mina: Customer, exchange: SmallExchange) -> None:
    exchange.freeze_answers = [500]
    freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    assert freezing.ring_overdue() == 0
    due_again()
    assert freezing.ring_overdue() == 1


def test_freeze__account_that_the_exchange_does_not_know__ends_and_says_so(
    mina: Customer, exchange: SmallExchange
) -> None:
    exchange.freeze_answers = [404]
    freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    assert FreezeOrder.objects.get().state == "failed"
    client = Client()
    open_portal(client, mina)
    assert "does not know this account" in client.get(FREEZE).content.decode()


def test_freeze__pauses__grow_to_half_a_minute() -> None:
    assert [freezes.pause_s(attempts) for attempts in (1, 2, 3, 6, 50)] == [1.0, 2.0, 4.0, 30.0, 30.0]


def test_freeze__again_while_one_waits__owes_the_exchange_one_order(mina: Customer, exchange: SmallExchange) -> None:
    exchange.freeze_answers = [500, 500]
    for _ in range(2):
        freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    assert FreezeOrder.objects.count() == 1


@pytest.mark.attack("E7")
def test_link__opened__changes_nothing_and_its_button_freezes_without_sign_in(
    mina: Customer, exchange: SmallExchange
) -> None:
    session = open_portal(Client(), mina)
    path = freeze_links.path_for(mina)
    client = Client()
    page = client.get(path)
    assert (page.status_code, Freeze.objects.exists()) == (200, False)
    # Nothing on the page says whose account it is.
    assert mina.name not in page.content.decode()
    assert client.post(path).status_code == 200
    assert Freeze.objects.get().is_frozen
    assert [asked[2]["source"] for asked in exchange.asked] == ["pharos link"]
    assert not CustomerSession.objects.living().filter(pk=session.pk).exists()


def test_link__in_the_mail__is_one(mina: Customer, exchange: SmallExchange) -> None:
    freezing.freeze(customer=mina, source="portal", actor=mina.actor)
    assert Client().get(link_of(mina)).status_code == 200


def test_link__forged_or_two_weeks_old__opens_nothing(mina: Customer, exchange: SmallExchange, move_time: Move) -> None:
    path = freeze_links.path_for(mina)
    forged = reverse("portal:freeze_by_link", args=["not-a-token"])
    assert [Client().post(one).status_code for one in (forged, path[:-3] + "/")] == [410, 410]
    move_time(timedelta(days=14, minutes=1))
    assert Client().post(path).status_code == 410
    assert not Freeze.objects.exists()


def test_link__pressed_again_and_again__is_429(mina: Customer, exchange: SmallExchange) -> None:
    path = freeze_links.path_for(mina)
    codes = [Client().post(path).status_code for _ in range(12)]
    assert codes[0] == 200
    assert 429 in codes
    assert Freeze.objects.get().is_frozen
