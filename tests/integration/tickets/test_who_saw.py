"""Who saw what: everything that was on a screen, found for a person and for a customer, and signed."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from jwt.api_jwk import PyJWK
from jwt.api_jws import PyJWS

from accounts.models import Staff
from core import clock
from core.models import AuditEntry
from security.services import reveals
from security.services.reveals import Asked, RevealRefusedError
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket
from tickets.selectors import who_saw
from tickets.services import properties


@pytest.fixture
def case(clone_db: str, client: Client, agent: Staff) -> Ticket:
    """A ticket that the agent opened, and revealed an address of."""
    found = properties.assign(ticket=mail_ticket(), to=agent, by=agent)
    signed_in(client, agent).get(reverse("desk:ticket", args=[found.public_id]))
    reveal(found, agent)
    return found


def reveal(ticket: Ticket, by: Staff) -> None:
    pk = ticket.requester.addresses.get().pk
    asked = Asked(ticket_id=ticket.public_id, address_pk=pk, reason="call", words="Asked for a call.")
    reveals.reveal(by=by, session_pk=1, asked=asked)


@pytest.mark.attack("H1")
def test_who_saw__of_a_person_and_of_a_customer__is_everything_and_nothing_of_anybody_else(
    case: Ticket, agent: Staff, lead: Staff
) -> None:
    mail_ticket(address="other@example.com")
    with pytest.raises(RevealRefusedError):
        reveal(case, lead)
    period = {"since": clock.now() - timedelta(hours=1), "until": clock.now()}

    mine = who_saw.by_agent(agent, **period)
    assert [(one.action, one.customer) for one in mine.seen] == [
        ("ticket.viewed", case.requester.public_id),
        ("customer.revealed", case.requester.public_id),
    ]
    assert mine.seen[1].words.endswith(": Asked for a call.")
    (group,) = mine.groups
    assert (group.public_id, group.fields, group.screens) == (case.requester.public_id, ("email",), 2)
    theirs = who_saw.of_customer(case.requester, **period)
    assert {one.public_id: one.fields for one in theirs.groups} == {agent.public_id: ("email",), lead.public_id: ()}
    assert who_saw.by_agent(agent, since=period["until"], until=clock.now()).seen == ()


def test_who_saw__by_command__prints_it_and_writes_it_signed_once(
    case: Ticket, agent: Staff, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "answer.zip"
    call_command("who_saw", agent=agent.email, since="2026-01-01", out=str(out))
    printed = capsys.readouterr().out
    assert f"{case.requester.public_id}  2 seen, email" in printed
    assert "mina@example.com" not in printed + out.read_bytes().decode("latin-1")
    assert AuditEntry.objects.filter(action="who_saw.asked", object_id=agent.public_id).exists()
    with pytest.raises(CommandError, match="File exists"):
        call_command("who_saw", agent=agent.email, since="2026-01-01", out=str(out))
    with pytest.raises(CommandError, match="no day"):
        call_command("who_saw", agent=agent.email, since="yesterday")


def test_pages__of_auditors__show_it_and_hand_it_out_signed(
    case: Ticket, agent: Staff, lead: Staff, auditor: Staff
) -> None:
    client, today = signed_in(Client(), auditor), f"{clock.now():%Y-%m-%d}"
    asked = {"agent": agent.public_id, "customer": "", "since": today, "until": today}
    page = client.get(reverse("desk:who_saw"), asked).content.decode()
    assert case.requester.public_id in page
    assert "Asked for a call." in page
    assert client.get(reverse("desk:who_saw"), {**asked, "since": "2026-13-01"}).status_code == 422

    answer = client.post(reverse("desk:who_saw_export"), asked)
    box = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    payload = box.read("who-saw.json")
    key, *_of_the_verifier = json.loads(box.read("keys.json"))["keys"]
    jws = box.read("who-saw.jws").decode()
    read = PyJWS().decode_complete(jws, key=PyJWK(key).key, algorithms=["EdDSA"], detached_payload=payload)
    assert read["header"]["typ"] == "pharos-who-saw+jws"
    told = json.loads(payload)
    assert [one["action"] for one in told["seen"]] == ["ticket.viewed", "customer.revealed"]
    entry = AuditEntry.objects.get(action="who_saw.exported")
    assert (entry.actor_id, entry.detail["rows"]) == (auditor.public_id, 2)
    assert signed_in(Client(), lead).get(reverse("desk:who_saw")).status_code == 403
