"""Mail that needs review: who sees what of it, and the two ways out."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff, Team
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tickets.models import InboundMail

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
PREVIEW = "From: x@example.com\nSubject: Kept aside\n\nThe beginning of it"


@pytest.fixture
def restricted(_any_database: None) -> Team:
    team: Team = TeamFactory.create(name="Compliance", slug="compliance", is_restricted=True)
    return team


def mail(**given: Any) -> InboundMail:
    values = {"source": "smtp", "identity": f"{InboundMail.objects.count():064}", "raw": b"sealed", "size": 6}
    defaults = {"state": "quarantined", "reason": "from_twice", "preview": PREVIEW, "envelope_from": "x@example.com"}
    row: InboundMail = InboundMail.objects.create(mailbox=MailboxFactory.create(), **values, **(defaults | given))
    return row


def page_of(row: InboundMail) -> str:
    return f"/desk/review/{row.public_id}/"


def denials(row: InboundMail, person: Staff) -> int:
    denied = AuditEntry.objects.filter(action="access.denied", object_kind="inbound_mail", object_id=row.public_id)
    return denied.filter(actor_id=person.public_id).count()


def test_item__read_after_review__links_its_ticket(client: Client, lead: Staff) -> None:
    ticket = mail_ticket()
    row = mail(state="processed", reason="released", ticket=ticket)
    page = signed_in(client, lead).get(page_of(row)).content.decode()
    assert f"/desk/tickets/{ticket.public_id}/" in page


def test_item__threaded_into_a_hidden_ticket__is_not_there_and_recorded(
    client: Client, admin: Staff, lead: Staff, restricted: Team
) -> None:
    row = mail(state="processed", reason="released", ticket=mail_ticket(team=restricted, subject="Hidden"))
    hidden = signed_in(client, admin).get(page_of(row))
    assert hidden.status_code == 404
    assert denials(row, admin) == 1
    assert signed_in(Client(), lead).get(page_of(row)).status_code == 200


@pytest.mark.parametrize(
    ("state", "reason"), [("processed", ""), ("stored", ""), ("ignored", "auto_reply_to_closed"), ("ignored", "")]
)
def test_item__never_reviewed__is_not_there(client: Client, lead: Staff, state: str, reason: str) -> None:
    assert signed_in(client, lead).get(page_of(mail(state=state, reason=reason))).status_code == 404


@pytest.mark.parametrize(("state", "reason"), [("quarantined", "from_twice"), ("stored", "released")])
def test_item__waiting_or_tried_again__is_shown(client: Client, lead: Staff, state: str, reason: str) -> None:
    assert signed_in(client, lead).get(page_of(mail(state=state, reason=reason))).status_code == 200


def test_item__of_a_hidden_teams_mailbox__is_not_there_and_recorded(
    client: Client, admin: Staff, restricted: Team
) -> None:
    row = mail()
    row.mailbox.team = restricted
    row.mailbox.save(update_fields=["team"])
    assert signed_in(client, admin).get(page_of(row)).status_code == 404
    assert denials(row, admin) == 1


def test_item__bounce_without_a_sender__says_so(client: Client, lead: Staff) -> None:
    page = signed_in(client, lead).get(page_of(mail(envelope_from="<>"))).content.decode()
    assert "No return address" in page
    assert "***" not in page


def test_ignore__lead_sets_it_aside__and_it_leaves_the_list(client: Client, lead: Staff) -> None:
    row = mail()
    signed_in(client, lead)
    assert "Set aside" in client.get(page_of(row)).content.decode()
    done = client.post(f"{page_of(row)}ignore/")
    assert (done.status_code, done["Location"]) == (302, "/desk/review/")
    row.refresh_from_db()
    assert row.state == "ignored"
    assert row.raw
    assert "Kept aside" not in client.get("/desk/review/").content.decode()
    assert AuditEntry.objects.filter(action="mail.ignored", actor_id=lead.public_id).count() == 1


def test_ignore__by_htmx__says_that_it_is_set_aside_and_offers_no_more(client: Client, lead: Staff) -> None:
    row = mail()
    done = signed_in(client, lead).post(f"{page_of(row)}ignore/", headers=PARTIAL)
    page = done.content.decode()
    assert done.status_code == 200
    assert "every byte is kept" in page
    assert "<button" not in page


def test_ignore__tried_again_meanwhile__is_409_and_changes_nothing(client: Client, lead: Staff) -> None:
    row = mail(state="stored", reason="released")
    assert signed_in(client, lead).post(f"{page_of(row)}ignore/", headers=PARTIAL).status_code == 409
    row.refresh_from_db()
    assert row.state == "stored"


def test_ignore__auditor__may_look_and_not_touch(client: Client, auditor: Staff) -> None:
    row = mail()
    page = signed_in(client, auditor).get(page_of(row)).content.decode()
    assert "Set aside" not in page
    assert client.post(f"{page_of(row)}ignore/").status_code == 403


def test_review__automatic_replies_wait_too__and_the_page_says_so(client: Client, lead: Staff) -> None:
    mail(reason="auto_reply")
    page = signed_in(client, lead).get("/desk/review/").content.decode()
    assert "Mail that was held back: unreadable, automatic or suspicious. Every byte is kept." in page
    assert "could not be read" not in page
