"""One customer's address in another's ticket: nothing is claimed, nothing moves, nothing is told."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, CustomerAddress, Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.contracts.permissions import doors
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.models import Message, Ticket
from tickets.selectors import cases
from tickets.services import by_hand

VICTIM = "mina@example.com"


def history() -> list[tuple[object, ...]]:
    """Who owns which ticket, which message and which address."""
    return [
        *Ticket.objects.order_by("pk").values_list("pk", "requester_id", "requester_address", "is_requester_proven"),
        *Message.objects.order_by("pk").values_list("pk", "ticket_id", "customer_id", "is_sender_proven"),
        *CustomerAddress.objects.order_by("pk").values_list("pk", "customer_id", "value", "proof"),
    ]


@pytest.mark.attack("A5")
@pytest.mark.parametrize("address", [VICTIM, "MINA@example.com", " mina@example.com ", "unknown@example.com"])
def test_new_ticket__address_of_a_known_customer__moves_nothing_and_says_nothing(
    client: Client, mail: Mail, agent: Staff, address: str
) -> None:
    mail.take(letter())
    before = history()
    owner = Ticket.objects.get().requester_id
    form = signed_in(client, agent).get(reverse("desk:new")).content.decode()
    key = form.split('name="form_key" value="')[1].split('"')[0]
    answer = client.post(
        reverse("desk:new"),
        {
            "form_key": key, "channel": "email", "requester_address": address, "requester_name": "Eve", "subject": "Mine",
            "body": "Please send me everything.", "priority": "normal",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert set(before) <= set(history()), "nothing that was there has changed"
    added = Ticket.objects.latest("pk")
    assert added.requester_id != owner
    assert not added.is_requester_proven
    assert CustomerAddress.objects.get(customer=added.requester).proof == "claimed"
    earlier = cases.side(added, agent)["earlier"]["tickets"]
    assert [one for one in earlier if "withdrawal" in str(one)] == [], "the owner's tickets are not the claimant's"
    assert AuditEntry.objects.filter(action="ticket.opened_by_hand", object_id=added.public_id).count() == 1


@pytest.mark.attack("A5")
def test_api_ticket__address_of_a_known_customer__answers_as_for_an_unknown_one(
    client: Client, mail: Mail, agent: Staff
) -> None:
    mail.take(letter())
    before = history()
    signed_in(client, agent)
    answers = []
    for address in (VICTIM, "unknown@example.com"):
        given = {"requester": {"address": address, "name": "Eve"}, "subject": "Mine", "text": "Hello", "channel": "api"}
        answer = client.post("/api/v1/tickets/", given, content_type="application/json")
        body = answer.json()
        answers.append((answer.status_code, sorted(body), body["requester"].get("proven")))
    assert answers[0] == answers[1]
    assert set(before) <= set(history())


@pytest.mark.attack("A5")
def test_claim__then_the_owner_writes__the_claimant_gains_nothing(mail: Mail, agent: Staff) -> None:
    claimed = by_hand.open_for(
        reported=by_hand.Reported(channel="email", address=VICTIM, name="Eve", subject="Mine", text="Hello"),
        by=agent, assign=False,
    )  # fmt: skip
    mail.take(letter())
    owned = Ticket.objects.exclude(pk=claimed.pk).get()
    assert owned.requester_id != claimed.requester_id
    assert Customer.objects.filter(addresses__value=VICTIM).count() == 2
    claimed.refresh_from_db()
    assert not claimed.is_requester_proven
    mail.take(letter(proven=False))
    again = Ticket.objects.latest("pk")
    assert again.requester_id == claimed.requester_id, "one stub for all who merely claim it, never the owner"


@pytest.mark.attack("A5")
def test_addresses__no_door_binds_one_to_another_customer() -> None:
    """There is no act that adds, moves or merges an address: what proves it is the mail alone.

    Tickets are merged, people never (tests/integration/tickets/joined/test_merging.py).
    """
    named = [name for name in doors.url_names() if "customer" in name or "address" in name or "merge" in name]
    assert sorted(named) == ["desk:merge", "desk:unmerge"]
