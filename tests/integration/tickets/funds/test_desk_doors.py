"""The desk's pages of fund-related actions, with the real verifier and exchange: asking, approving, declining, freezing."""

from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from accounts.models import Customer, Staff
from core.models import AuditEntry
from security import fund_words
from security.models import Approval, Execution, FreezeOrder, FundAction, FundDecline, FundOrder
from security.selectors import freeze_of
from security.services import freezing
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tests.integration.security.verifier.test_fund_actions import DESTINATION, Move, Scene
from tests.support.authenticator import Authenticator
from tickets.models import Ticket

PARTIAL: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_REQUEST_TYPE": "partial"}
REFUND = {
    "subject": "P-1", "asset": "btc", "amount": "0.01", "network": "bitcoin", "destination": DESTINATION.upper(), "tag": "",
}  # fmt: skip

WRONG: list[tuple[dict[str, str], str]] = [
    ({"destination": DESTINATION[:-1] + "p"}, "no address of Bitcoin"),
    ({"network": "ethereum"}, "an address of Bitcoin; you chose Ethereum"),
    ({"tag": "7"}, "take neither tag nor memo"),
    ({"amount": "0"}, "above zero"),
    ({"amount": "1e3"}, "at most one point"),
    ({"amount": "0.0000000000000000001"}, "at most one point"),
    ({"amount": "\uff11"}, "at most one point"),
    ({"asset": "B T"}, "capital letters and digits"),
    ({"subject": "P 1"}, "no spaces"),
]
KINDS: dict[str, dict[str, str]] = {
    "mfa_reset": {},
    "unfreeze": {},
    "email_change": {"destination": "New@Example.com"},
    "phone_change": {"destination": "+44 20 8366 1177"},
    "limit_raise": {"asset": "BTC", "amount": "2"},
    "balance_adjustment": {"operation": "credit", "subject": "B-1", "asset": "BTC", "amount": "0.5"},
    "allow_list_change": {"operation": "remove"},
    "address_change": {},
    "factor_change": {"operation": "remove", "subject": "fac_1"},
    "withdrawal_release": {},
    "deposit_recovery": {},
}


class Desk:
    """One person's browser at one ticket."""

    def __init__(self, person: Staff, ticket: Ticket, key: Authenticator | None = None) -> None:
        self.client = signed_in(Client(), person)
        self.base = f"/desk/tickets/{ticket.public_id}"
        self.key = key

    def fill(self, kind: str = "refund", **changed: str) -> HttpResponse:
        """Send the form of a kind."""
        answer: Any = self.client.post(f"{self.base}/actions/new/?kind={kind}", REFUND | changed)
        return cast("HttpResponse", answer)

    def draft(self, kind: str = "refund", **changed: str) -> str:
        """Send the form; return the key of what was kept."""
        answer = self.fill(kind, **changed)
        assert answer.status_code == 302, answer.content.decode()
        return urlsplit(answer["Location"]).query.partition("draft=")[2]

    def step_up(self, url: str, draft: str = "") -> str:
        """Begin the step-up and answer it."""
        begun = self.client.post(url, {"draft": draft})
        assert begun.status_code == 200, begun.content
        assert self.key is not None
        return self.key.get(begun.json()["options"])

    def ask(self, draft: str) -> HttpResponse:
        """Ask with the passkey."""
        answer = {"draft": draft, "response": self.step_up(f"{self.base}/actions/begin/", draft)}
        asked: Any = self.client.post(f"{self.base}/actions/confirm/", answer)
        return cast("HttpResponse", asked)


def requested(scene: Scene, case: Ticket) -> FundAction:
    desk = Desk(scene.agent, case, scene.keys["agent"])
    assert desk.ask(desk.draft()).status_code == 302
    return FundAction.objects.latest("pk")


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def test_request__by_form_and_passkey__asks_for_the_canonical_action_on_the_ticket(scene: Scene, case: Ticket) -> None:
    desk = Desk(scene.agent, case, scene.keys["agent"])
    draft = desk.draft()
    shown = page(desk.client, f"{desk.base}/actions/new/?kind=refund&draft={draft}")
    assert "Refund 0.01 BTC" in shown
    assert "bc1q ar0s rrr7" in shown
    assert "A second person of another team" in shown

    assert desk.ask(draft)["Location"] == f"{desk.base}/"

    action = FundAction.objects.get()
    assert (action.ticket_id, action.destination, action.asset) == (case.pk, DESTINATION, "BTC")
    panel = page(desk.client, f"{desk.base}/trust/")
    assert "Refund 0.01 BTC" in panel
    assert "Waits for the customer and the second person" in panel
    assert "Proven by the exchange" in panel
    # What was asked for is not there to be asked for again.
    again = desk.client.post(f"{desk.base}/actions/confirm/", {"draft": draft, "response": "{}"})
    assert again["Location"] == f"{desk.base}/actions/new/"
    assert FundAction.objects.count() == 1


def test_request__what_is_wrong_in_itself__is_said_beside_the_field_and_stays_typed(scene: Scene, case: Ticket) -> None:
    desk = Desk(scene.agent, case)
    for changed, sentence in WRONG:
        answer = desk.fill(**changed)
        assert answer.status_code == 422, changed
        assert sentence in answer.content.decode(), changed
        assert DESTINATION.upper()[:20] in answer.content.decode().upper()
    assert not FundAction.objects.exists()


def test_request__refused_step_up__loses_nothing_and_says_why(scene: Scene, case: Ticket, settings: Any) -> None:
    desk = Desk(scene.agent, case, scene.keys["lead"])
    draft = desk.draft()
    answer = desk.ask(draft)
    shown = page(desk.client, answer["Location"])
    assert "That was not accepted" in shown
    assert DESTINATION.upper() in shown  # as it was typed
    no_code = desk.client.post(f"{desk.base}/actions/confirm/", {"draft": draft, "code": "000000"})
    assert "That was not accepted" in page(desk.client, no_code["Location"])
    settings.VERIFIER_SOCKET = "/nowhere/verifier.sock"
    away = desk.client.post(f"{desk.base}/actions/begin/", {"draft": draft})
    assert away.status_code == 503
    assert "Nothing is lost" in away.json()["detail"]
    assert not FundAction.objects.exists()


def test_request__draft_of_another_ticket__is_not_there(scene: Scene, case: Ticket) -> None:
    desk = Desk(scene.agent, case, scene.keys["agent"])
    draft = desk.draft()
    other = mail_ticket()
    answer = desk.client.post(f"/desk/tickets/{other.public_id}/actions/begin/", {"draft": draft})
    assert answer.status_code == 422


def test_request__every_kind__has_a_form_that_the_database_takes(scene: Scene, case: Ticket) -> None:
    desk = Desk(scene.agent, case, scene.keys["agent"])
    for kind, given in KINDS.items():
        assert "What this takes" in page(desk.client, f"{desk.base}/actions/new/?kind={kind}")
        assert desk.ask(desk.draft(kind, **given))["Location"] == f"{desk.base}/", kind
    assert {action.kind for action in FundAction.objects.all()} == KINDS.keys()
    assert KINDS.keys() | {"refund"} == fund_words.KINDS.keys()


def test_request__for_somebody_unproven__says_why_it_cannot(scene: Scene) -> None:
    ticket = mail_ticket(address="stranger@example.com")
    client = signed_in(Client(), scene.agent)
    assert "never come from the exchange" in page(client, f"/desk/tickets/{ticket.public_id}/actions/new/?kind=refund")
    panel = page(client, f"/desk/tickets/{ticket.public_id}/trust/")
    assert "Unproven" in panel
    assert "Request an action" not in panel


def test_approval__by_who_was_drawn__carries_out_what_the_customer_proved(scene: Scene, case: Ticket) -> None:
    action = requested(scene, case)
    scene.check(action)
    lead = Desk(scene.lead, case, scene.keys["lead"])
    assert "Refund 0.01 BTC" in page(lead.client, "/desk/approvals/")
    assert lead.client.get("/desk/counts/").json()["counts"]["approvals"] == "1"
    here = f"/desk/approvals/{action.public_id}/"
    assert "bc1q ar0s rrr7" in page(lead.client, here)
    early = lead.client.post(f"{here}approve/", {"response": "{}"})
    assert early.status_code == 422

    answer = lead.client.post(f"{here}approve/", {"response": lead.step_up(f"{here}begin/")})

    assert answer["Location"] == "/desk/approvals/"
    assert FundOrder.objects.get(action=action).state == "executed"
    assert lead.client.get("/desk/counts/").json()["counts"]["approvals"] == "0"
    assert "Carried out by the exchange" in page(lead.client, here)


def approved_on_page(scene: Scene, case: Ticket, action: FundAction) -> tuple[Client, str]:
    """Let the lead approve on the page; return their browser and the page of the action, where they are led."""
    lead = Desk(scene.lead, case, scene.keys["lead"])
    here = f"/desk/approvals/{action.public_id}/"
    answer = lead.client.post(f"{here}approve/", {"response": lead.step_up(f"{here}begin/")})
    assert answer["Location"] == here
    return lead.client, here


def test_approval__too_late_for_the_customers_check__is_kept_and_a_new_check_is_asked(
    scene: Scene, case: Ticket, move_time: Move
) -> None:
    action = requested(scene, case)
    scene.check(action)
    move_time(timedelta(minutes=6))

    client, here = approved_on_page(scene, case, action)

    assert Approval.objects.get(action=action).approver == scene.lead
    assert not Execution.objects.filter(action=action).exists()
    shown = page(client, here)
    assert "notice-bad" not in shown
    assert "Your approval is kept." in shown
    assert "a new check is asked, and they have been written to" in shown
    assert "Waits for the customer" in shown
    turns = AuditEntry.objects.filter(action="customer.told", object_id=action.customer.public_id).order_by("pk")
    assert [entry.detail["what"] for entry in turns] == ["action_asked", "action_turn"]

    scene.check(action)
    assert Execution.objects.filter(action=action).exists()
    assert "Your approval is kept." not in page(client, here)


def test_approval__kept_and_run_out__says_who_goes_on(scene: Scene, case: Ticket, move_time: Move) -> None:
    action = requested(scene, case)
    scene.check(action)
    move_time(timedelta(minutes=6))
    _client, here = approved_on_page(scene, case, action)
    move_time(timedelta(minutes=16))
    shown = page(signed_in(Client(), scene.lead), here)
    assert "your approval has run out" in shown
    assert "Ada Agent has another person drawn on the ticket" in shown


def test_approval__with_every_check_used__says_that_it_is_asked_for_again(
    scene: Scene, case: Ticket, move_time: Move
) -> None:
    action = requested(scene, case)
    for _check in range(3):
        scene.check(action)
    move_time(timedelta(minutes=6))
    client, here = approved_on_page(scene, case, action)
    assert "Ada Agent asks for the action again" in page(client, here)


def test_approval__of_somebody_frozen__is_kept_and_says_what_is_in_the_way(scene: Scene, case: Ticket) -> None:
    action = requested(scene, case)
    scene.check(action)
    freezing.freeze(customer=action.customer, source="desk", actor=scene.agent.actor)
    client, here = approved_on_page(scene, case, action)
    shown = page(client, here)
    assert "notice-bad" not in shown
    assert "The customer is frozen: nothing is carried out" in shown
    assert "Your approval is kept." in shown


def test_approval__of_somebody_else__is_not_there_and_recorded(scene: Scene, case: Ticket, move_time: Move) -> None:
    action = requested(scene, case)
    other = Staff.objects.create_staff(email="other@cast.test", name="Other Lead", role="lead")
    client = signed_in(Client(), other)
    here = f"/desk/approvals/{action.public_id}/"
    assert client.get(here)["Location"] == "/desk/approvals/"
    assert client.post(f"{here}begin/").status_code == 422
    assert client.post(f"{here}approve/", {"response": "{}"})["Location"] == "/desk/approvals/"
    assert client.post(f"{here}decline/", {"reason": "No"})["Location"] == "/desk/approvals/"
    assert AuditEntry.objects.filter(action="access.denied", object_id=action.public_id).exists()
    assert not Approval.objects.exists()
    assert not FundDecline.objects.exists()


def test_decline__takes_a_reason_and_is_final(scene: Scene, case: Ticket) -> None:
    action = requested(scene, case)
    lead = Desk(scene.lead, case, scene.keys["lead"])
    here = f"/desk/approvals/{action.public_id}/"
    assert lead.client.post(f"{here}decline/", {"reason": " "}).status_code == 422
    assert lead.client.post(f"{here}decline/", {"reason": "Not theirs."}).status_code == 302
    assert FundDecline.objects.get(action=action).reason == "Not theirs."
    refused = lead.client.post(f"{here}begin/")
    assert refused.status_code == 422
    assert "declined" in refused.json()["detail"]


def test_draw__another_after_15_minutes__is_by_the_agent_and_says_what_is_refused(
    scene: Scene, case: Ticket, move_time: Move
) -> None:
    action = requested(scene, case)
    desk = Desk(scene.agent, case)
    early = desk.client.post(f"{desk.base}/actions/draw/", {"action": action.public_id}, **PARTIAL)
    assert early.status_code == 422
    assert "after 15 minutes" in early.content.decode()
    move_time(timedelta(minutes=16))
    assert "Draw another person" in page(desk.client, f"{desk.base}/trust/")
    nobody = desk.client.post(f"{desk.base}/actions/draw/", {"action": action.public_id}, **PARTIAL)
    assert "Nobody is there to approve" in nobody.content.decode()


def test_freeze__by_the_agent__is_at_once_with_a_reason_on_the_ticket(scene: Scene, case: Ticket) -> None:
    desk = Desk(scene.agent, case)
    assert desk.client.post(f"{desk.base}/freeze/", {"reason": " "}, **PARTIAL).status_code == 422
    assert freeze_of(scene.customer) is None

    answer = desk.client.post(f"{desk.base}/freeze/", {"reason": "Called: phone stolen"}, **PARTIAL)

    assert "Frozen" in answer.content.decode()
    assert freeze_of(scene.customer) is not None
    order = FreezeOrder.objects.get(customer=scene.customer)
    assert (order.source, order.state) == ("desk", "done")
    assert case.messages.filter(kind="note", text="Customer frozen: Called: phone stolen").exists()
    frozen = AuditEntry.objects.get(action="customer.frozen")
    assert (frozen.actor_kind, frozen.actor_id) == (scene.agent.actor.kind, scene.agent.actor.id)


def test_freeze__of_somebody_without_an_account__is_refused(scene: Scene) -> None:
    ticket = mail_ticket(address="stranger@example.com")
    client = signed_in(Client(), scene.agent)
    answer = client.post(f"/desk/tickets/{ticket.public_id}/freeze/", {"reason": "Suspicious"}, **PARTIAL)
    assert answer.status_code == 422
    assert not Customer.objects.filter(pk=ticket.requester_id, freeze__is_frozen=True).exists()


def test_everything__for_auditors__lists_actions_without_a_way_to_change_them(
    scene: Scene, case: Ticket, auditor: Staff
) -> None:
    requested(scene, case)
    client = signed_in(Client(), auditor)
    shown = page(client, "/desk/actions/")
    assert "Refund 0.01 BTC" in shown
    assert "Mina Customer" in shown
    assert '<button class="btn btn-danger"' not in shown
    assert client.get("/desk/actions/?before=1").status_code == 200
    assert client.get("/desk/actions/?before=x").status_code == 400
