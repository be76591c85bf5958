"""Bulk changes by API: one way of naming tickets, a confirmation for messages, how far it is and what was left alone."""

import pytest

from accounts.models import Staff
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.api.conftest import Calling, problem
from tickets import inbound_tasks
from tickets.models import BulkChange, Ticket

AT = "/api/v1/bulk-changes/"
URGENT = [{"kind": "priority", "value": "urgent"}]

pytestmark = pytest.mark.django_db


def test_create__what_fits__is_changed_and_told(calling: Calling, agent: Staff, lead: Staff) -> None:
    tickets = [mail_ticket(), mail_ticket()]
    program = calling(agent)
    for wrong in (
        {"actions": URGENT},
        {"actions": URGENT, "query": "no:such"},
        {"actions": URGENT, "query": "is:open", "tickets": [tickets[0].public_id]},
        {"actions": [{"kind": "reply", "value": "Hello"}], "query": "is:open"},
        {"actions": [{"kind": "refund", "value": "1"}], "query": "is:open"},
    ):
        problem(program.post(AT, wrong), 400)
    problem(program.post(AT, {"actions": [{"kind": "status", "value": "new"}], "query": "is:open"}), 422)
    problem(program.post(AT, {"actions": [], "query": "is:open"}), 422)
    # Spam is left out, as a view leaves it out.
    Ticket.objects.filter(pk=mail_ticket().pk).update(is_spam=True)
    begun = program.post(AT, {"actions": URGENT, "query": "is:open"})
    assert begun.status_code == 201
    Ticket.objects.filter(pk=tickets[0].pk).update(status="closed")
    inbound_tasks.work_bulk_change(BulkChange.objects.get().pk)
    told = program.get(f"{AT}{begun.json()['id']}/").json()
    assert (told["total"], told["done"], told["skipped"], told["failed"]) == (2, 1, 1, 0)
    assert told["left_alone"] == [{"ticket": tickets[0].public_id, "reason": "case_closed"}]
    problem(calling(lead).get(f"{AT}{begun.json()['id']}/"), 404)
    problem(calling(agent, "read").post(AT, {"actions": URGENT, "query": "is:open"}), 403)
