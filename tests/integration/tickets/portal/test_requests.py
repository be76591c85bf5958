"""A customer's requests at the portal: their own public things, all of them, and nothing that hints at more."""

import io
import json
import zipfile
from typing import Any

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test import Client
from django.urls import reverse
from jwt.api_jws import PyJWS
from jwt.utils import base64url_decode

from accounts.models import Customer, Staff
from core import files
from core.clock import DatabaseNow
from core.models import AuditEntry
from security.models import CustomerSession
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.tickets import MailboxFactory, TopicFactory, answer, mail_ticket
from tickets import content_links
from tickets.models import Attachment, Message, OutboundMail, Ticket
from tickets.selectors import cases
from tickets.services import replies, status
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
PHRASE = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture
def mina() -> Customer:
    MailboxFactory.create()
    return portal_customer()


@pytest.fixture
def other() -> Customer:
    return portal_customer("acc-2", "otto@example.com", "Otto Other")


@pytest.fixture
def here(client: Client, mina: Customer) -> CustomerSession:
    return open_portal(client, mina)


def at(name: str, *arguments: object) -> str:
    return reverse(f"portal:{name}", args=arguments)


def body(response: Any) -> str:
    return str(response.content.decode())


def staff_reply(ticket: Ticket, agent: Staff, text: str) -> Message:
    return replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text=text))


def test_home__own_requests__are_shown_and_others_are_not(
    client: Client, here: CustomerSession, mina: Customer, other: Customer
) -> None:
    portal_ticket(mina, subject="Mine")
    portal_ticket(other, subject="Somebody else's")
    shown = body(client.get(at("home")))
    assert "Mine" in shown
    assert "Somebody else" not in shown


def test_home__more_than_a_page__continues_by_key(client: Client, here: CustomerSession, mina: Customer) -> None:
    for number in range(23):
        Ticket.objects.create(subject=f"Old {number}.", channel="web", requester=mina)
    first = client.get(at("home"))
    following = client.get(at("home"), {"after": first.context["page"].next})
    assert [len(page.context["page"].rows) for page in (first, following)] == [20, 3]
    assert following.context["page"].next == ""
    assert client.get(at("home"), {"after": "unknown"}).context["page"].rows == ()


def test_home__note_and_third_party__move_nothing(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    before = body(client.get(at("home"))) and client.get(at("home")).context["page"].rows
    replies.add_note(ticket=ticket, author=agent, text="Suspicious, ask compliance.")
    answer(ticket, "I am his broker.", sender=Sender(role="third_party", name="Broker", address="b@example.com"))
    assert client.get(at("home")).context["page"].rows == before


def test_request__notes_events_and_gaps__are_not_to_be_seen(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    replies.add_note(ticket=ticket, author=agent, text="Suspicious, ask compliance.")
    staff_reply(ticket, agent, "We are looking into it.")
    page = client.get(at("request", ticket.public_id))
    assert [message.public_seq for message in page.context["shown"].messages] == [1, 2]
    assert "Suspicious" not in body(page)
    assert "assignee" not in body(page)


def test_request__reply_taken_back__leaves_a_tombstone(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    replies.withdraw(message=staff_reply(ticket, agent, "Wrong customer, sorry"), by=agent)
    page = body(client.get(at("request", ticket.public_id)))
    assert "This message was taken back." in page
    assert "Wrong customer" not in page


def test_request__markup_in_a_message__is_text(client: Client, here: CustomerSession, mina: Customer) -> None:
    ticket = portal_ticket(mina, text="<script>alert(1)</script>", subject="<b>bold</b>")
    page = body(client.get(at("request", ticket.public_id)))
    assert "<script>alert(1)" not in page
    assert "<b>bold" not in page


@pytest.mark.attack("D1")
def test_request__of_another_customer__is_404_by_every_door_and_recorded(
    client: Client, here: CustomerSession, other: Customer
) -> None:
    ticket = portal_ticket(other)
    attachment = with_file(ticket)
    for name in ("request", "request_record"):
        assert client.get(at(name, ticket.public_id)).status_code == 404
    assert client.get(at("file", ticket.public_id, attachment.public_id)).status_code == 404
    assert client.post(at("answer", ticket.public_id), {"text": "Hello", "seen": 1}).status_code == 404
    assert client.get(at("request", "0" * 20)).status_code == 404
    assert client.get(at("new"), {"follows": ticket.public_id}).context["follows"] is None
    assert ticket.messages.count() == 1
    assert AuditEntry.objects.filter(action="access.denied", object_id=ticket.public_id).count() == 4


@pytest.mark.attack("E3")
def test_request__of_the_mail_customer_with_the_same_address__is_404(client: Client, exchange: Any) -> None:
    ticket = mail_ticket()
    open_portal(client, portal_customer())
    assert client.get(at("request", ticket.public_id)).status_code == 404
    assert client.get(at("home")).context["page"].rows == ()


def with_file(ticket: Ticket, seq: int = 1) -> Attachment:
    file = files.store(b"proof of payment", name="proof.txt")
    return Attachment.objects.create(message=ticket.messages.get(seq=seq), file=file)


def test_file__own__is_served_by_the_content_origin_for_a_minute(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    ticket = portal_ticket(mina)
    attachment = with_file(ticket)
    link = client.get(at("file", ticket.public_id, attachment.public_id)).headers["Location"]
    assert link.startswith(f"{settings.CONTENT_URL}/c/")
    answer_ = get_content(link)
    assert isinstance(answer_, FileResponse)
    assert answer_.getvalue() == b"proof of payment"
    assert answer_.headers["Content-Disposition"].startswith("attachment")
    here.__class__.objects.filter(pk=here.pk).update(ended_at=here.opened_at)
    assert get_content(link).status_code == 404


@pytest.mark.attack("D1")
def test_file__by_a_link_of_another_session_or_to_a_note__is_404(
    here: CustomerSession, mina: Customer, other: Customer, agent: Staff
) -> None:
    theirs = with_file(portal_ticket(other))
    ticket = portal_ticket(mina)
    replies.add_note(ticket=ticket, author=agent, text="Look")
    of_note = with_file(ticket, seq=2)
    for target in (theirs, of_note):
        link = content_links.link(session_pk=here.pk, kind="customer-file", target=target.public_id)
        assert get_content(link).status_code == 404
    # A customer's session is none of staff, whatever its number.
    assert get_content(content_links.link(session_pk=here.pk, kind="file", target=theirs.public_id)).status_code == 404


def get_content(link: str) -> Any:
    return Client().get(link.removeprefix(settings.CONTENT_URL), headers={"host": settings.CONTENT_URL[7:]})


def test_answer__words_and_files__are_the_customers_and_proven(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    ticket = portal_ticket(mina)
    sent = {
        "text": "Any news?",
        "seen": 1,
        "attached": [SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")],
    }
    assert client.post(at("answer", ticket.public_id), sent).status_code == 302
    message = ticket.messages.get(public_seq=2)
    assert (message.text, message.channel, message.proof, message.direction) == ("Any news?", "web", "exchange", "in")
    assert [row.stored.name for row in message.attachments.all()] == ["a.txt", "b.txt"]


def test_answer__to_what_has_moved_on__shows_it_and_keeps_the_words(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    staff_reply(ticket, agent, "Please name the hash.")
    page = client.post(at("answer", ticket.public_id), {"text": "Any news?", "seen": 1})
    assert page.status_code == 422
    assert "Please name the hash." in body(page)
    assert "Any news?" in body(page)
    assert 'name="seen" value="2"' in body(page)


def test_answer__sent_twice__is_one_message(client: Client, here: CustomerSession, mina: Customer) -> None:
    ticket = portal_ticket(mina)
    for _ in range(2):
        client.post(at("answer", ticket.public_id), {"text": "Any news?", "seen": 1, "client_key": "k1"})
    assert ticket.messages.filter(text="Any news?").count() == 1


def test_answer__recovery_phrase__is_masked_and_the_customer_told(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    ticket = portal_ticket(mina)
    page = client.post(at("answer", ticket.public_id), {"text": f"Mine is {PHRASE}", "seen": 1}, follow=True)
    assert "move your funds to a new wallet now" in body(page)
    assert "abandon" not in ticket.messages.get(public_seq=2).text
    assert "Seed phrase masked" in body(page)


def test_answer__nothing_written_or_closed__is_422(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    assert client.post(at("answer", ticket.public_id), {"text": " ", "seen": 1}).status_code == 422
    Ticket.objects.filter(pk=ticket.pk).update(topic=TopicFactory.create())
    for step in ("resolved", "closed"):
        status.move(ticket=Ticket.objects.get(pk=ticket.pk), to=step, by=agent)
    assert client.post(at("answer", ticket.public_id), {"text": "More", "seen": 1}).status_code == 422
    page = client.get(at("request", ticket.public_id))
    assert f"?follows={ticket.public_id}" in body(page)


def test_answer__many_in_a_minute__is_429(client: Client, here: CustomerSession, mina: Customer) -> None:
    ticket = portal_ticket(mina)
    codes = [client.post(at("answer", ticket.public_id), {"text": "", "seen": 1}).status_code for _ in range(22)]
    assert (codes[0], codes[-1]) == (422, 429)


def test_new__request__has_topic_owner_and_proven_address(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    topic = TopicFactory.create()
    given = {"subject": "Card", "text": "It is declined.", "topic": topic.slug, "form_key": "f1"}
    first = client.post(at("new"), given)
    second = client.post(at("new"), given)
    assert first.headers["Location"] == second.headers["Location"]
    ticket = Ticket.objects.get()
    assert (ticket.requester, ticket.topic, ticket.requester_address) == (mina, topic, "mina@example.com")
    assert ticket.is_requester_proven
    assert client.post(at("new"), {"subject": "", "text": ""}).status_code == 422


def test_new__address_that_another_has_proven__gets_no_mail(client: Client, agent: Staff) -> None:
    mail_ticket()
    customer = portal_customer()
    open_portal(client, customer)
    client.post(at("new"), {"subject": "Card", "text": "It is declined."})
    ticket = Ticket.objects.get(requester=customer)
    staff_reply(ticket, agent, "We look into it.")
    assert ticket.requester_address == ""
    assert not OutboundMail.objects.filter(message__ticket=ticket).exists()


def test_new__more_than_twenty_in_an_hour__are_refused(client: Client, here: CustomerSession, mina: Customer) -> None:
    for number in range(20):
        Ticket.objects.create(subject=f"Old {number}.", channel="web", requester=mina)
    page = client.post(at("new"), {"subject": "Card", "text": "It is declined."})
    assert page.status_code == 422
    assert "many requests within the hour" in body(page)


def unpacked(response: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(response.getvalue())) as box:
        return {name: box.read(name) for name in box.namelist()}


def test_record__of_a_request__verifies_offline_and_holds_its_files(
    client: Client, here: CustomerSession, mina: Customer, agent: Staff
) -> None:
    ticket = portal_ticket(mina)
    attachment = with_file(ticket)
    replies.add_note(ticket=ticket, author=agent, text="Suspicious")
    parts = unpacked(client.get(at("request_record", ticket.public_id)))
    key, *_of_the_verifier = json.loads(parts["keys.json"])["keys"]
    checked = PyJWS().decode_complete(
        parts["record.jws"].decode(), jwt.PyJWK(key).key, algorithms=["EdDSA"], detached_payload=parts["record.json"]
    )
    assert checked["header"]["typ"] == "pharos-record+jws"
    record = json.loads(parts["record.json"])
    (request,) = record["requests"]
    (message,) = request["messages"]
    assert (message["text"], message["files"][0]["sha256"]) == ("Where is my deposit?", attachment.stored.sha256)
    assert parts[message["files"][0]["path"]] == b"proof of payment"
    assert b"Suspicious" not in parts["record.json"]
    assert AuditEntry.objects.filter(action="record.downloaded", actor_id=mina.public_id).exists()


def test_record__by_hand_as_the_document_says__verifies_and_a_changed_byte_does_not(
    client: Client, here: CustomerSession, mina: Customer
) -> None:
    portal_ticket(mina)
    parts = unpacked(client.get(at("record")))
    key, *_of_the_verifier = json.loads(parts["keys.json"])["keys"]
    head, _nothing, signature = parts["record.jws"].decode().split(".")
    public = Ed25519PublicKey.from_public_bytes(base64url_decode(key["x"]))
    public.verify(base64url_decode(signature), head.encode() + b"." + parts["record.json"])
    with pytest.raises(InvalidSignature):
        public.verify(
            base64url_decode(signature), head.encode() + b"." + parts["record.json"].replace(b"deposit", b"Deposit")
        )


def test_record__of_everything__is_one_customers_only(
    client: Client, here: CustomerSession, mina: Customer, other: Customer
) -> None:
    portal_ticket(mina, subject="Mine")
    portal_ticket(other, subject="Theirs")
    record = json.loads(unpacked(client.get(at("record")))["record.json"])
    assert [one["subject"] for one in record["requests"]] == ["Mine"]


def test_pages__costs__are_the_same_for_one_and_for_many(
    client: Client, here: CustomerSession, mina: Customer, django_assert_num_queries: Any
) -> None:
    # One of each counts what waits for the customer's approval, one reads what everybody has to know now. One of a
    # request reads the fields that its customer may see.
    ticket = portal_ticket(mina)
    with django_assert_num_queries(5):
        client.get(at("home"))
    with django_assert_num_queries(7):
        client.get(at("request", ticket.public_id))
    for number in range(10):
        portal_ticket(mina)
        answer(ticket, f"And {number}", sender=Sender(role="requester", customer=mina))
        with_file(ticket, seq=number + 2)
    with django_assert_num_queries(5):
        client.get(at("home"))
    with django_assert_num_queries(8):
        client.get(at("request", ticket.public_id))


def test_new__with_something_open__leads_to_it(
    client: Client, here: CustomerSession, mina: Customer, other: Customer
) -> None:
    mine, theirs = portal_ticket(mina, subject="Deposit missing"), portal_ticket(other, subject="Card declined")
    Ticket.objects.filter(pk=portal_ticket(mina, subject="Long ago").pk).update(
        status="closed", resolved_at=DatabaseNow()
    )

    page = body(client.get(at("new")))

    assert at("request", mine.public_id) in page
    assert theirs.subject not in page
    assert "Long ago" not in page


def test_desk__open_about_the_same_topic__is_related_of_who_is_proven_alone(mina: Customer, agent: Staff) -> None:
    topic = TopicFactory.create()
    first, second = (portal_ticket(mina, subject=subject) for subject in ("First", "Second"))
    Ticket.objects.filter(pk__in=(first.pk, second.pk)).update(topic=topic)
    second.refresh_from_db()
    assert [one["number"] for one in cases.side(second, agent)["related"]] == [first.number]
    second.is_requester_proven = False
    assert cases.side(second, agent)["related"] == []
