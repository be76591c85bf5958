"""The drill: an insider opens 200 tickets in a day, takes a few fields a day for months, asks without a ticket of theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff, Team
from core.models import AuditEntry
from security.models import HoneyCustomer
from security.services import reveals
from security.services.reveals import Asked, RevealRefusedError
from tests.cast import open_session, signed_in
from tests.factories.accounts import CustomerAddressFactory, StaffFactory
from tests.factories.tickets import mail_ticket
from tickets.models import Alarm, Ticket
from tickets.selectors import troubles
from tickets.services import alarms, properties, viewing

Move = Callable[[timedelta], None]
KINDS = frozenset(f"reveal-{name}" for name in ("unassigned", "bulk", "slow", "honey", "unusual"))


def rung(kinds: frozenset[str] = KINDS) -> dict[str, str]:
    alarms.look(judged=kinds & troubles.BY_THE_ROUNDS)
    return {alarm.kind: alarm.about for alarm in Alarm.objects.open()}


def ask(ticket: Ticket, by: Staff, session_pk: int = 1) -> None:
    pk = ticket.requester.addresses.get().pk
    asked = Asked(ticket_id=ticket.public_id, address_pk=pk, reason="call", words="Asked for a call.")
    reveals.reveal(by=by, session_pk=session_pk, asked=asked)


@pytest.mark.attack("H1")
@pytest.mark.attack("H2")
def test_alarms__of_an_insider__ring_at_the_first_without_a_ticket_and_for_many_in_a_day(
    clone_db: str, agent: Staff, lead: Staff
) -> None:
    case = mail_ticket()
    mine = properties.assign(ticket=mail_ticket(address="mine@example.com"), to=lead, by=lead)
    ask(mine, lead)
    assert rung() == {}
    with pytest.raises(RevealRefusedError):
        ask(case, agent)
    assert rung() == {"reveal-unassigned": agent.public_id}

    for number in range(120):
        viewing.viewed(Ticket(pk=number + 1, public_id=f"case{number}"), by=agent)
    assert rung() == {"reveal-unassigned": agent.public_id, "reveal-bulk": agent.public_id}


@pytest.mark.attack("H2")
def test_alarms__few_a_day_for_months__ring_beside_colleagues_who_take_fewer(
    clone_db: str, agent: Staff, lead: Staff, owner_connection: "psycopg.Connection[Any]"
) -> None:
    case = properties.assign(ticket=mail_ticket(), to=agent, by=agent)
    customers = [CustomerAddressFactory.create().customer_id for _number in range(60)]

    def took(person: Staff, wanted: list[int]) -> None:
        for place, customer in enumerate(wanted):
            owner_connection.execute(
                "INSERT INTO security_reveal (public_id, staff_id, session_id, customer_id, ticket_id, field, reason, words,"
                " revealed_at) VALUES (%s, %s, 1, %s, %s, 'account', 'call', 'x', core.clock() - %s)",
                [f"{person.pk}-{place}", person.pk, customer, case.pk, timedelta(days=1 + place // 10, hours=2)],
            )

    took(lead, customers[:21])
    took(agent, customers[:59])
    assert "reveal-slow" not in rung()
    took(StaffFactory.create(), customers[:10])
    owner_connection.execute(
        "INSERT INTO security_reveal (public_id, staff_id, session_id, customer_id, ticket_id, field, reason, words)"
        " VALUES ('last', %s, 1, %s, %s, 'account', 'call', 'x')",
        [agent.pk, customers[59], case.pk],
    )
    assert rung(frozenset({"reveal-slow"})) == {"reveal-slow": agent.public_id}


@pytest.mark.attack("H1")
def test_alarms__watched_customer_and_new_browser__ring_and_nobody_but_compliance_sees_the_list(
    clone_db: str, client: Client, agent: Staff, lead: Staff, move_time: Move
) -> None:
    compliance = StaffFactory.create(role="compliance")
    case = properties.assign(ticket=mail_ticket(), to=agent, by=agent)
    page = signed_in(client, compliance).get(reverse("desk:watched"))
    assert page.status_code == 200
    assert client.post(reverse("desk:watch"), {"customer": case.requester.public_id}).status_code == 302
    assert HoneyCustomer.objects.get().customer == case.requester
    assert signed_in(Client(), lead).get(reverse("desk:watched")).status_code == 403

    open_session(agent)
    move_time(timedelta(days=2))
    _key, session = open_session(agent)
    ask(case, agent, session.pk)
    assert rung() == {"reveal-honey": agent.public_id}


@pytest.mark.attack("H3")
def test_shut_out__of_a_team_by_a_lead__ends_what_is_theirs_to_end_at_once(
    clone_db: str, vendor_team: Team, vendor: Staff, agent: Staff, lead: Staff, admin: Staff
) -> None:
    vendor_team.members.add(admin)
    theirs, desk = signed_in(Client(), vendor), signed_in(Client(), lead)
    desk.get(reverse("desk:shut_out"))
    asked = {"who": f"team-{vendor_team.public_id}", "reason": "Photographs of screens."}
    assert desk.post(reverse("desk:shut_out_now"), {**asked, "reason": ""}).status_code == 422
    page = desk.post(reverse("desk:shut_out_now"), asked).content.decode()

    assert vendor.name in page
    assert theirs.get(reverse("desk:home")).status_code == 302
    vendor.refresh_from_db()
    admin.refresh_from_db()
    assert (vendor.is_active, admin.is_active) == (False, True)
    entry = AuditEntry.objects.get(action="staff.shut_out")
    assert (entry.object_id, entry.detail) == (vendor.public_id, {"reason": "Photographs of screens."})
    assert signed_in(Client(), agent).post(reverse("desk:shut_out_now"), asked).status_code == 403
