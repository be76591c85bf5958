"""Reveals: decided, counted and recorded by the database, whatever code above it does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from security.models import Reveal, RevealRefusal
from security.services import reveals
from security.services.reveals import Asked, Revealed, RevealRefusedError
from tests.cast import signed_in
from tests.factories.accounts import CustomerAddressFactory
from tests.factories.customers import portal_customer, portal_ticket
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket
from tickets.services import properties

Move = Callable[[timedelta], None]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def case(clone_db: str, agent: Staff) -> Ticket:
    """An open ticket that is the agent's."""
    return properties.assign(ticket=mail_ticket(), to=agent, by=agent)


def ask(ticket: Ticket, by: Staff, *, address_pk: int | None = -1, session_pk: int = 1) -> Revealed:
    pk = ticket.requester.addresses.get().pk if address_pk == -1 else address_pk
    asked = Asked(ticket_id=ticket.public_id, address_pk=pk, reason="write", words="Their mail comes back.")
    return reveals.reveal(by=by, session_pk=session_pk, asked=asked)


def refused(ticket: Ticket, by: Staff, **more: int | None) -> str:
    with pytest.raises(RevealRefusedError) as found:
        ask(ticket, by, **more)  # type: ignore[arg-type]
    return found.value.why.value


def test_reveal__own_open_ticket__is_told_and_recorded_without_the_value(case: Ticket, agent: Staff) -> None:
    told = ask(case, agent)

    assert (told.value, told.row.field, told.row.staff) == ("mina@example.com", "email", agent)
    entry = AuditEntry.objects.get(action="customer.revealed")
    assert (entry.actor_id, entry.object_id, entry.fields) == (agent.public_id, case.requester.public_id, ["email"])
    assert "mina" not in str(entry.detail)


@pytest.mark.attack("H2")
def test_reveal__ticket_that_is_not_theirs_or_not_open_or_of_somebody_else__is_refused_and_recorded(
    case: Ticket, agent: Staff, lead: Staff
) -> None:
    stranger = CustomerAddressFactory.create(value="stranger@example.com")

    assert refused(case, lead) == "unassigned"
    assert refused(case, agent, address_pk=stranger.pk) == "foreign"
    # Their account at the exchange: there is none.
    assert refused(case, agent, address_pk=None) == "foreign"
    Ticket.objects.filter(pk=case.pk).update(is_spam=True)
    assert refused(case, agent) == "closed"
    assert not Reveal.objects.exists()
    assert [row.why for row in RevealRefusal.objects.order_by("pk")] == ["unassigned", "foreign", "foreign", "closed"]
    assert AuditEntry.objects.filter(action="customer.reveal_refused").count() == 4


@pytest.mark.attack("H1")
def test_reveal__many__are_five_an_hour_and_25_a_day_whatever_the_caller_rolls_back(
    case: Ticket, agent: Staff, move_time: Move
) -> None:
    for _hour in range(5):
        for _one in range(5):
            with transaction.atomic():
                ask(case, agent)
                transaction.set_rollback(True)
        assert refused(case, agent) == "hour"
        move_time(timedelta(hours=1, seconds=1))

    assert refused(case, agent) == "day"
    assert Reveal.objects.count() == 25


def test_reveal__two_at_once_for_the_last__one_gets_it(case: Ticket, agent: Staff) -> None:
    for _one in range(4):
        ask(case, agent)
    pk = case.requester.addresses.get().pk

    def one(_number: int) -> str:
        try:
            return ask(case, agent, address_pk=pk).value
        except RevealRefusedError as found:
            return found.why.value
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        came = sorted(pool.map(one, range(4)))
    assert came == ["hour", "hour", "hour", "mina@example.com"]


@pytest.mark.attack("H9")
def test_reveal__by_sql_of_our_own_role__is_neither_written_nor_told_before_it_is_committed(
    case: Ticket, agent: Staff, move_time: Move
) -> None:
    pk = case.requester.addresses.get().pk
    told = ask(case, agent)
    statements = (
        "DELETE FROM security_reveal",
        "UPDATE security_reveal SET staff_id = staff_id",
        "DELETE FROM security_revealbudget",
        "INSERT INTO security_revealrefusal (staff_id, why) VALUES (1, 'day')",
    )
    for statement in statements:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    with connection.cursor() as cursor:
        with transaction.atomic():
            asked: list[str | int] = ["r" * 20, agent.pk, 1, case.public_id, pk, "write", "Quickly.", ""]
            cursor.execute("SELECT core.reveal(%s, %s, %s, %s, %s, %s, %s, %s)", asked)
            assert cursor.fetchone() == ("",)
            cursor.execute("SELECT core.revealed_value(%s, %s)", ["r" * 20, agent.pk])
            assert cursor.fetchone() == (None,)
            transaction.set_rollback(True)
        cursor.execute("SELECT core.revealed_value(%s, %s)", [told.row.public_id, agent.pk])
        assert cursor.fetchone() == ("mina@example.com",)
        move_time(timedelta(seconds=61))
        cursor.execute("SELECT core.revealed_value(%s, %s)", [told.row.public_id, agent.pk])
        assert cursor.fetchone() == (None,)


@pytest.mark.attack("H1")
def test_pages__of_a_case__show_in_full_to_its_assignee_alone_under_their_name(
    clone_db: str, client: Client, agent: Staff, lead: Staff
) -> None:
    case = properties.assign(ticket=portal_ticket(portal_customer()), to=agent, by=agent)
    paths = {name: reverse(f"desk:{name}", args=[case.public_id]) for name in ("ticket", "reveal", "reveal_form")}
    signed_in(client, agent)
    side = client.get(paths["ticket"]).content.decode()
    form = client.get(paths["reveal_form"], headers=HTMX).content.decode()
    assert paths["reveal_form"] in side
    assert "m***@e***.com" in form
    assert "…cc-1" in form
    assert "mina@example.com" not in side + form

    asked = {"field": str(case.requester.addresses.get().pk), "reason": "call", "words": "They asked for a call."}
    answer = client.post(paths["reveal"], asked, headers=HTMX)
    page = answer.content.decode()
    assert "mina@example.com" in page
    assert page.count("Ada Agent") >= 4
    assert "no-store" in answer["Cache-Control"]
    assert "acc-1" in client.post(paths["reveal"], {**asked, "field": "account"}, headers=HTMX).content.decode()
    assert client.post(paths["reveal"], {**asked, "words": " "}, headers=HTMX).status_code == 422

    given = {"reveal": Reveal.objects.earliest("pk").public_id}
    assert client.post(reverse("desk:reveal_copied", args=[case.public_id]), given).status_code == 204
    assert AuditEntry.objects.get(action="customer.reveal_copied").detail == given
    other = signed_in(Client(), lead)
    assert paths["reveal_form"] not in other.get(paths["ticket"]).content.decode()
    refusal = other.post(paths["reveal"], asked, headers=HTMX)
    assert refusal.status_code == 422
    assert "not assigned to you" in refusal.content.decode()
    assert other.post(reverse("desk:reveal_copied", args=[case.public_id]), given).status_code == 404
