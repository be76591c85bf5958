"""What customers set for their own safety: phrase, lock, sessions; each change told to the channels they had."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, CustomerAddress, Staff
from core.clock import DatabaseNow
from core.models import AuditEntry, Notice
from security.models import AntiPhishingPhrase, CustomerSession, SupportLock
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.tickets import MailboxFactory
from tickets.delivery import letters
from tickets.models import OutboundMail, Participant, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
WORDS = "green herons 7"


@pytest.fixture
def mina() -> Customer:
    MailboxFactory.create()
    return portal_customer()


@pytest.fixture
def here(client: Client, mina: Customer) -> CustomerSession:
    return open_portal(client, mina)


def at(name: str, *arguments: object) -> str:
    return reverse(f"portal:{name}", args=arguments)


def told() -> list[tuple[str, str]]:
    """Whom the mails of security went to, and how each begins."""
    return [
        (one.to_address, one.body.split("\n")[0])
        for one in Notice.objects.filter(kind="customer_security").order_by("pk")
    ]


def test_phrase__set__is_encrypted_shown_and_told_to_every_proven_address(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    for value, proof in (("old@example.com", "exchange"), ("claimed@example.com", "claimed")):
        proven_at = DatabaseNow() if proof == "exchange" else None
        CustomerAddress.objects.create(customer=mina, value=value, proof=proof, proven_at=proven_at, is_bouncing=True)
    assert client.post(at("phrase"), {"phrase": f"  {WORDS} "}).status_code == 302
    assert WORDS in client.get(at("security")).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT phrase FROM security_antiphishingphrase")
        assert WORDS not in cursor.fetchone()[0]
    words = "The anti-phishing phrase of your support account was changed."
    assert told() == [("mina@example.com", words), ("old@example.com", words)]
    assert AuditEntry.objects.filter(action="customer.phrase_set", actor_id=mina.public_id).exists()


def test_phrase__changed__is_told_under_the_former_one(client: Client, here: CustomerSession, mina: Customer) -> None:
    client.post(at("phrase"), {"phrase": WORDS})
    client.post(at("phrase"), {"phrase": "blue whales 9"})
    newest = Notice.objects.filter(kind="customer_security").latest("pk")
    assert WORDS in newest.body
    assert "blue whales" not in newest.body
    assert AntiPhishingPhrase.objects.get().phrase == "blue whales 9"


BAD = {
    "short": "abc", "a link": "see https://evil.example", "a domain": "evil.example", "an address": "a@b.example",
    "unseen": "abc\u202edef", "long": "x" * 61, "a card": "4111 1111 1111 1111",
    "a recovery phrase": "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
}  # fmt: skip


@pytest.mark.parametrize("words", BAD.values(), ids=BAD)
def test_phrase__that_cannot_be_one__is_422(client: Client, here: CustomerSession, words: str) -> None:
    assert client.post(at("phrase"), {"phrase": words}).status_code == 422
    assert not AntiPhishingPhrase.objects.exists()


def mail_of(ticket: Ticket, agent: Staff) -> str:
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="On it.")
    )
    row = OutboundMail.objects.select_related("mailbox", "message__ticket__requester", "message__staff").get(
        message=message
    )
    return letters.of_message(row).raw.decode()


def test_phrase__mail_to_the_customer_alone__carries_it(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    client.post(at("phrase"), {"phrase": WORDS})
    assert WORDS in mail_of(portal_ticket(mina), agent)


def test_phrase__mail_that_somebody_else_reads_too__does_not_carry_it(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    client.post(at("phrase"), {"phrase": WORDS})
    ticket = portal_ticket(mina)
    Participant.objects.create(ticket=ticket, address="friend@example.com", role="cc", is_proven=True)
    assert WORDS not in mail_of(ticket, agent)


def locked_for(client: Client, days: int) -> int:
    return client.post(at("lock"), {"days": days}).status_code


def test_lock__set_and_made_longer__is_told_and_never_shorter(client: Client, here: CustomerSession) -> None:
    assert locked_for(client, 10) == 302
    until = SupportLock.objects.get().until
    assert locked_for(client, 5) == 422
    assert SupportLock.objects.get().until == until
    assert locked_for(client, 30) == 302
    assert SupportLock.objects.get().until - until > timedelta(days=19)
    assert [line for _to, line in told()] == [
        "A support lock was set or made longer: until it ends, support changes nothing."
    ] * 2


@pytest.mark.parametrize("days", [0, -1, 366, 10_000])
def test_lock__of_no_length_or_for_ever__is_422(client: Client, here: CustomerSession, days: int) -> None:
    assert locked_for(client, days) == 422
    assert not SupportLock.objects.exists()


SHORTER = {
    "earlier": "UPDATE security_supportlock SET until = until - interval '1 second'",
    "now": "UPDATE security_supportlock SET until = core.clock()",
    "another's": "UPDATE security_supportlock SET customer_id = customer_id + 1",
    "gone": "DELETE FROM security_supportlock",
    "all gone": "TRUNCATE security_supportlock",
    "for ever": "UPDATE security_supportlock SET until = 'infinity'",
    "by another writing": "INSERT INTO security_supportlock (customer_id, until) SELECT customer_id, core.clock() FROM"
    " security_supportlock ON CONFLICT (customer_id) DO UPDATE SET until = EXCLUDED.until",
}


@pytest.mark.parametrize("statement", SHORTER.values(), ids=SHORTER)
def test_lock__by_the_app_role__is_refused_by_the_database(
    client: Client, here: CustomerSession, statement: str
) -> None:
    locked_for(client, 10)
    until = SupportLock.objects.get().until
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert SupportLock.objects.get().until == until


def test_sessions__list_and_ends__are_the_customers_own(client: Client, here: CustomerSession, mina: Customer) -> None:
    elsewhere = open_portal(Client(), mina)
    stranger = open_portal(Client(), portal_customer("acc-2", "otto@example.com"))
    assert len(client.get(at("security")).context["sessions"]) == 2
    assert client.post(at("end_session", stranger.public_id)).status_code == 404
    assert client.post(at("end_session", elsewhere.public_id)).status_code == 302
    living = CustomerSession.objects.living()
    assert set(living.values_list("pk", flat=True)) == {here.pk, stranger.pk}


def test_sessions__signed_out_elsewhere__keeps_this_one_and_tells(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    other = Client()
    open_portal(other, mina)
    assert client.post(at("sign_out_elsewhere")).status_code == 302
    assert client.get(at("home")).status_code == 200
    assert other.get(at("home")).status_code == 302
    assert [line for _to, line in told()] == ["Every other session at our support portal was ended."]


def test_sign_out__this_browser__opens_nothing_any_more(client: Client, here: CustomerSession) -> None:
    token = client.cookies[settings.PORTAL_COOKIE_NAME].value
    client.post(at("sign_out"))
    client.cookies[settings.PORTAL_COOKIE_NAME] = token
    assert client.get(at("home")).headers["Location"] == f"{at('sign_in')}?next=%2Fportal%2F"


def test_pages__staff_without_a_customer_session__are_sent_to_sign_in(client: Client, admin: Staff) -> None:
    signed_in(client, admin)
    assert client.get(at("home")).headers["Location"].startswith(at("sign_in"))
    assert client.get(at("sign_in")).status_code == 200


def test_pages__customers_language__is_spoken_unless_the_browser_chose_another(client: Client, mina: Customer) -> None:
    customer = portal_customer(locale="zh-CN", time_zone="Asia/Shanghai")
    open_portal(client, customer)
    assert "我的请求" in client.get(at("home")).content.decode()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "My requests" in client.get(at("home")).content.decode()
