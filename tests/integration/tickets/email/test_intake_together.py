"""A queue of mail is taken in several at a time: nothing is lost, doubled or held up by what goes wrong in company."""

from collections.abc import Callable
from threading import Event
from typing import Any

import psycopg
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from accounts.models import CustomerAddress
from accounts.services import customers
from core import files
from core.models import AuditEntry
from tests.factories.accounts import ProvenAddressFactory
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tests.support.race import wait_until_somebody_waits
from tickets.inbound_tasks import ingest
from tickets.models import InboundMail, Message, OutboundMail, Ticket
from tickets.services import acknowledgements, intake

NOT_MAIL = b"this is no mail at all"


def stored(mail: Mail, count: int) -> list[InboundMail]:
    return [mail.store(letter(sender=f"mina{number}@example.com", text=f"Number {number}")) for number in range(count)]


def with_files(text: str, files_of: dict[str, str], **named: Any) -> bytes:
    parts = [f"--part\nContent-Type: text/plain\n\n{text}"]
    parts += [
        f'--part\nContent-Type: text/plain\nContent-Disposition: attachment; filename="{name}"\n\n{content}'
        for name, content in files_of.items()
    ]
    return letter(text="\n".join([*parts, "--part--"]), content_type='multipart/mixed; boundary="part"', **named)


def test_accept_waiting__queue__becomes_cases_in_one_transaction_in_order(clone_db: str, mail: Mail) -> None:
    rows = stored(mail, 6)
    with CaptureQueriesContext(connection) as together:
        assert intake.accept_waiting() == 6
    assert sum(one["sql"] == "COMMIT" for one in together.captured_queries) == 1
    assert list(Message.objects.filter(kind="reply").order_by("pk").values_list("text", flat=True)) == [
        f"Number {number}" for number in range(6)
    ]
    assert OutboundMail.objects.filter(is_automatic=True).count() == 6
    assert set(InboundMail.objects.values_list("state", flat=True)) == {"processed"}
    assert intake.accept_waiting() == 0
    intake.accept(inbound_pk=rows[0].pk)
    assert Message.objects.filter(kind="reply").count() == 6


def test_accept_waiting__case_and_its_answer_in_one_queue__are_one_case(clone_db: str, mail: Mail) -> None:
    mail.store(letter(message_id="<first@example.com>"))
    mail.store(letter(text="One more thing.", headers={"In-Reply-To": "<first@example.com>"}))
    assert intake.accept_waiting() == 2
    assert Ticket.objects.get().messages.filter(kind="reply").count() == 2


def test_accept_waiting__one_cannot_be_read__is_put_aside_once_and_the_others_go_on(clone_db: str, mail: Mail) -> None:
    first, second = stored(mail, 2)
    broken = mail.store(NOT_MAIL)
    assert intake.accept_waiting() == 3
    for row, state in ((first, "processed"), (second, "processed"), (broken, "quarantined")):
        row.refresh_from_db()
        assert row.state == state
    assert intake.accept_waiting() == 0


def test_accept_waiting__one_fails_in_the_database__others_are_taken_in_and_it_waits_for_its_next_try(
    clone_db: str, owner_connection: "psycopg.Connection[Any]", mail: Mail
) -> None:
    owner_connection.execute("ALTER TABLE tickets_ticket ADD CONSTRAINT planted CHECK (subject <> 'Poison')")
    first, second = stored(mail, 2)
    poison = mail.store(letter(subject="Poison", sender="other@example.com"))
    assert intake.accept_waiting() == 3
    for row in (first, second, poison):
        row.refresh_from_db()
    assert [first.state, second.state, poison.state] == ["processed", "processed", "stored"]
    assert (poison.last_error, poison.attempts) == ("IntegrityError", 1)
    assert Ticket.objects.count() == 2
    InboundMail.objects.filter(pk=poison.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    assert intake.accept_waiting() == 0, "what has failed is handled alone"


def test_accept_waiting__strangers_in_company__are_customers_once_each_by_one_statement(
    clone_db: str, mail: Mail
) -> None:
    stored(mail, 3)
    mail.store(letter(sender="mina1@example.com", text="Once more", subject="Another matter"))
    ProvenAddressFactory.create(value="mina2@example.com")
    with CaptureQueriesContext(connection) as together:
        assert intake.accept_waiting() == 4
    assert sum("INSERT INTO accounts_customer " in one["sql"] for one in together.captured_queries) == 1
    owners = CustomerAddress.objects.filter(value__startswith="mina").values_list("value", "proof", "customer__name")
    assert sorted(owners.exclude(value="mina2@example.com")) == [
        (f"mina{number}@example.com", "dkim", "") for number in (0, 1)
    ]
    assert owners.filter(value="mina2@example.com").count() == 1
    assert Ticket.objects.filter(requester__addresses__value="mina1@example.com").count() == 2
    created = AuditEntry.objects.filter(action="customer.created")
    assert created.count() == 2


def test_accept_waiting__sign_in_mail_of_a_stranger_in_company__makes_nobody_a_customer(
    clone_db: str, mail: Mail
) -> None:
    stored(mail, 2)
    code = letter(
        sender="no-reply@service.test", subject="Your verification code", text="Your verification code is 482913."
    )
    held_back = mail.store(code)
    assert intake.accept_waiting() == 3
    held_back.refresh_from_db()
    assert held_back.state == "quarantined"
    assert not CustomerAddress.objects.filter(value="no-reply@service.test").exists()


def test_accept_waiting__stranger_whose_address_bounced_before__is_reachable_again(clone_db: str, mail: Mail) -> None:
    stored(mail, 2)
    address = ProvenAddressFactory.create(value="mina0@example.com", is_bouncing=True)
    assert intake.accept_waiting() == 2
    address.refresh_from_db()
    assert not address.is_bouncing
    assert Ticket.objects.filter(requester=address.customer).count() == 1


def test_accept_waiting__large_mail__is_left_for_a_turn_of_its_own(clone_db: str, mail: Mail) -> None:
    row = mail.store(letter(text="x" * (intake.SMALL_BYTES + 1)))
    assert intake.accept_waiting() == 0
    intake.accept(inbound_pk=row.pk)
    assert Ticket.objects.count() == 1


def test_accept_waiting__several_cases_with_files__are_one_statement_a_table(clone_db: str, mail: Mail) -> None:
    for number in range(4):
        contents = {f"{place}.txt": f"{number} {place}" for place in range(2)}
        mail.store(with_files(f"Number {number}", contents, sender=f"mina{number}@example.com"))
    with CaptureQueriesContext(connection) as together:
        assert intake.accept_waiting() == 4
    for table in ("tickets_ticket", "tickets_message", "tickets_attachment", "tickets_outboundmail", "core_storedfile"):
        assert sum(f'INSERT INTO "{table}"' in one["sql"] for one in together.captured_queries) == 1, table
    for message in Message.objects.filter(kind="reply"):
        which = message.text.removeprefix("Number ")
        found = [files.read(one.stored).decode().strip() for one in message.attachments.order_by("position")]
        assert found == [f"{which} {place}" for place in range(2)]
    told = InboundMail.objects.order_by("pk").values_list("message__text", "ticket__requester_address")
    assert list(told) == [(f"Number {number}", f"mina{number}@example.com") for number in range(4)]


def test_accept_waiting__two_cases_of_one_sender_in_company__are_acknowledged_once(clone_db: str, mail: Mail) -> None:
    for number in range(2):
        mail.store(letter(sender="mina@example.com", subject=f"Matter {number}", text=f"Number {number}"))
    assert intake.accept_waiting() == 2
    assert Ticket.objects.count() == 2
    assert OutboundMail.objects.filter(is_automatic=True).count() == 1
    said = Message.objects.filter(kind="event").order_by("pk").values_list("event", flat=True)
    assert list(said) == ["acknowledged", "acknowledgement_withheld"]


def test_accept_waiting__more_cases_than_automatic_mails_a_minute__keeps_to_the_limit(
    clone_db: str, mail: Mail, settings: Any
) -> None:
    settings.AUTOMATIC_MAILS_PER_MIN = 3
    stored(mail, 5)
    assert intake.accept_waiting() == 5
    assert OutboundMail.objects.filter(is_automatic=True).count() == 3
    stored_later = mail.store(letter(sender="other@example.com"))
    intake.accept(inbound_pk=stored_later.pk)
    assert OutboundMail.objects.filter(is_automatic=True).count() == 3


def test_accept_waiting__participant_copied_in_while_the_case_waits__joins_it(clone_db: str, mail: Mail) -> None:
    ProvenAddressFactory.create(value="partner@example.com")
    stored(mail, 2)
    mail.store(letter(sender="mina9@example.com", headers={"Cc": "partner@example.com"}))
    assert intake.accept_waiting() == 3
    case = Ticket.objects.get(requester_address="mina9@example.com")
    assert list(case.participants.values_list("address", flat=True)) == ["partner@example.com"]


def test_accept_waiting__answer_in_company_to_a_case_that_waits__finds_it(clone_db: str, mail: Mail) -> None:
    stored(mail, 2)
    mail.store(with_files("First.", {"a.txt": "a"}, message_id="<waits@example.com>"))
    mail.store(with_files("One more thing.", {"b.txt": "b"}, headers={"In-Reply-To": "<waits@example.com>"}))
    assert intake.accept_waiting() == 4
    said = Ticket.objects.get(messages__message_id_header="<waits@example.com>").messages.filter(kind="reply")
    assert [one.attachments.get().stored.name for one in said.order_by("seq")] == ["a.txt", "b.txt"]


def test_accept_waiting__two_workers__share_the_queue_and_double_nothing(
    clone_db: str, mail: Mail, race: Callable[..., list[object]]
) -> None:
    stored(mail, 12)
    taken = race(*[lambda: intake.accept_waiting(limit=6)] * 2)
    while intake.accept_waiting():
        pass
    assert all(isinstance(one, int) for one in taken)
    assert Message.objects.filter(kind="reply").count() == 12
    assert set(InboundMail.objects.values_list("state", flat=True)) == {"processed"}


def test_accept_waiting__another_worker_makes_a_sender_known_meanwhile__waits_for_it_and_holds_no_limit(
    clone_db: str, mail: Mail, race: Callable[..., list[object]]
) -> None:
    stored(mail, 2)
    has_begun = Event()
    newcomer = customers.Newcomer("mina1@example.com", "Mina", "dkim")

    def make_known_and_ask() -> None:
        with transaction.atomic():
            customers.create_proven(kind=CustomerAddress.Kind.EMAIL, newcomers=[newcomer])
            has_begun.set()
            wait_until_somebody_waits()
            acknowledgements.Room().ask([newcomer.value])

    def accept() -> int:
        has_begun.wait(10)
        return intake.accept_waiting()

    with capture_logs() as logs:
        assert race(make_known_and_ask, accept) == [None, 2]
    assert [one["event"] for one in logs if one["event"] == "mails_one_by_one"] == []
    assert CustomerAddress.objects.filter(value=newcomer.value).count() == 1
    assert OutboundMail.objects.filter(is_automatic=True).count() == 2
    assert set(InboundMail.objects.values_list("last_error", flat=True)) == {""}


def test_ingest__rung_for_a_mail_that_a_dead_worker_held__takes_it_in_before_the_queue(
    clone_db: str, mail: Mail
) -> None:
    rows = stored(mail, 3)
    held = rows[-1]
    InboundMail.objects.filter(pk=held.pk).update(attempts=1, lease_until="2020-01-01T00:00:00Z")
    ingest(held.pk)
    order = list(InboundMail.objects.order_by("handled_at", "pk").values_list("pk", flat=True))
    assert order == [held.pk, *(row.pk for row in rows[:-1])]
    assert set(InboundMail.objects.values_list("state", flat=True)) == {"processed"}
