"""Starting a manual review: for all factors or one, where the policy takes a review and nothing else could prove it."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer
from core.ids import new_public_id
from security.models import ManualReview
from tests.cast import signed_in
from tests.factories.customers import portal_ticket
from tests.factories.tickets import MailboxFactory
from tests.integration.security.reviews.conftest import Move, People
from tests.integration.security.reviews.test_review_pages import send, words
from tests.support.databases import TestStores
from tickets.models import Ticket

Keep = Callable[..., None]
COUNTS = timedelta(hours=73)
ENROL = (
    "INSERT INTO security_customerfactor (public_id, customer_id, method, label, exchange_id, counts_from)"
    " VALUES (%s, %s, 'webauthn', %s, %s, '-infinity')"
)


@pytest.fixture
def keep(customer: Customer, test_stores: TestStores, clone_db: str) -> Keep:
    """Let the verifier keep a passkey of the customer's."""

    def kept(exchange_id: str, label: str = "") -> None:
        with test_stores.connect("VERIFIER", clone_db) as verifier:
            verifier.execute(ENROL, [new_public_id(), customer.pk, label, exchange_id])

    return kept


@pytest.fixture
def case(customer: Customer) -> Ticket:
    MailboxFactory.create()
    return portal_ticket(customer)


def path_for(case: Ticket) -> str:
    return f"{reverse('desk:review_new')}?ticket={case.public_id}"


def test_new__one_passkey_lost__its_removal_is_reviewed_and_shown_with_its_id(
    people: People, case: Ticket, keep: Keep, move_time: Move
) -> None:
    keep("fac-1234", "my phone")
    move_time(COUNTS)
    client = signed_in(Client(), people.agent)
    assert "Only “my phone” (…1234): remove it" in words(client.get(path_for(case)))

    answer = send(client, people, people.agent, path_for(case), {"lost": "remove fac-1234"})

    review = ManualReview.objects.select_related("action").get()
    assert answer.headers["Location"] == reverse("desk:review", args=[review.public_id])
    asked = review.action
    assert (asked.kind, asked.operation, asked.subject) == ("factor_change", "remove", "fac-1234")
    shown = words(client.get(answer.headers["Location"]))
    assert "Remove a passkey or authenticator" in shown
    assert "fac- 1234" in shown
    assert "Remove a passkey or authenticator" in words(client.get(reverse("desk:reviews")))


@pytest.mark.parametrize("lost", ["remove fac-1234", "add"])
def test_new__another_factor_that_counts__is_to_prove_it_instead(
    people: People, case: Ticket, keep: Keep, move_time: Move, lost: str
) -> None:
    keep("fac-1234")
    keep("fac-5678")
    move_time(COUNTS)
    answer = signed_in(Client(), people.agent).post(path_for(case), {"lost": lost, "subject": "fac-9"})
    assert answer.status_code == 422
    assert "they prove themselves with it" in answer.json()["detail"]
    assert not ManualReview.objects.exists()


def test_new__a_factor_that_does_not_count_yet__proves_nothing_and_is_reviewed(
    people: People, case: Ticket, keep: Keep, move_time: Move
) -> None:
    keep("fac-1234")
    move_time(COUNTS)
    keep("fac-5678")
    send(signed_in(Client(), people.agent), people, people.agent, path_for(case), {"lost": "remove fac-1234"})
    assert ManualReview.objects.get().action.subject == "fac-1234"


def test_new__a_new_factor_with_none_left__is_reviewed_under_its_id(people: People, case: Ticket) -> None:
    client = signed_in(Client(), people.agent)
    posted = {"lost": "add", "subject": "fac-new"}
    send(client, people, people.agent, path_for(case), posted)
    asked = ManualReview.objects.select_related("action").get().action
    assert (asked.kind, asked.operation, asked.subject) == ("factor_change", "add", "fac-new")


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({}, "Say what the customer has lost."),
        ({"lost": "remove fac-of-another"}, "Say what the customer has lost."),
        ({"lost": "everything"}, "Say what the customer has lost."),
        ({"lost": "remove"}, "Write the id that the exchange gives"),
        ({"lost": "add", "subject": "two words"}, "Write the id that the exchange gives"),
    ],
)
def test_new__not_said_or_not_offered__is_refused_in_words(
    people: People, case: Ticket, posted: dict[str, str], said: str
) -> None:
    answer = signed_in(Client(), people.agent).post(path_for(case), posted)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_new__policy_that_takes_no_review_for_one_kind__does_not_offer_it(
    people: People, case: Ticket, owner_connection: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    owner_connection.execute("ALTER TABLE security_fundpolicy DISABLE TRIGGER USER")
    owner_connection.execute(
        "INSERT INTO security_fundpolicy (kind, is_guarded, asset, above, risk, methods, needs_approval, cooling_off_s,"
        " valid_from) VALUES ('factor_change', true, '', 0, 'high', '{webauthn}', true, 86400, '-infinity')"
    )
    owner_connection.commit()
    client = signed_in(Client(), people.agent)
    shown = words(client.get(path_for(case)))
    assert "reset every passkey" in shown
    assert "by its id at the exchange" not in shown
    assert client.post(path_for(case), {"lost": "add", "subject": "fac-new"}).status_code == 422
