"""Trust in place: the customer approves, refuses and freezes from the chat, by the services of the portal."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from livechat.refusals import Blocked
from livechat.services import abuse
from security.models import ActionDenial, Execution, Freeze, FundAction
from security.services import conversation_words
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.integration.livechat.test_doors import say
from tests.support import portal_scene
from tests.support.databases import TestStores
from tests.support.exchange import RunningExchange
from tests.support.portal_scene import Scene


@pytest.fixture
def scene(
    clone_db: str, test_stores: TestStores, owner_connection: Any, own_accounts: RunningExchange, agent: Staff, lead: Staff
) -> Iterator[Scene]:  # fmt: skip
    with portal_scene.scene(own_accounts, test_stores, clone_db, owner_connection, (agent, lead)) as found:
        yield found.with_passkeys()


class Widget:
    """The frame of a customer whom the exchange has proven."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        session = open_portal(Client(), scene.customer)
        self.visitor, self.token = started(ChatInboxFactory.create(), session=session)
        known = {"authorization": f"Bearer {self.token}", "x-chat-origin": ORIGIN, "origin": settings.SITE_URL}
        self.client = Client(headers=known)

    def ask(self, door: str, **body: str) -> Any:
        return self.client.post(f"/chat/site/trust/{door}/", json.dumps(body), content_type="application/json")

    def panel(self) -> str:
        return str(self.client.get("/chat/site/trust/").content.decode())

    def approve(self, action: FundAction) -> Any:
        given = self.ask("options", action=action.public_id).json()
        response = self.scene.keys["customer"].get(given["options"])
        return self.ask("approve", action=action.public_id, check=given["check"], response=response)


def test_approve__from_the_chat__is_executed(scene: Scene) -> None:
    widget, action = Widget(scene), scene.request()
    assert "Refund 0.01 BTC" in widget.panel()
    scene.approve(action)
    answer = widget.approve(action)
    assert answer.status_code == 200
    assert "Approved." in answer.content.decode()
    assert Execution.objects.filter(action=action).exists()


def test_deny__from_the_chat__freezes_and_is_kept(scene: Scene) -> None:
    widget, action = Widget(scene), scene.request()
    assert widget.ask("deny", action=action.public_id).status_code == 200
    assert ActionDenial.objects.filter(action=action).exists()
    assert Freeze.objects.get(customer=scene.customer).is_frozen
    # The chat in which it was said goes on.
    assert "frozen since" in widget.panel()


def test_code__wrong__is_told_in_words_and_executes_nothing(scene: Scene) -> None:
    widget, action = Widget(scene), scene.request()
    scene.approve(action)
    answer = widget.ask("code", action=action.public_id, code="000000")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not Execution.objects.exists()


@pytest.mark.attack("G4")
def test_doors__anonymous_or_anothers__do_nothing(scene: Scene) -> None:
    action = scene.request()
    widget = Widget(scene)
    other, token = started(session=open_portal(Client(), portal_customer("acc-other", "other@example.com")))
    assert other.is_proven
    widget.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for door in ("options", "deny"):
        assert widget.ask(door, action=action.public_id).status_code == 404
    _anonymous, token = started()
    widget.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    for door in ("options", "deny", "freeze"):
        body = {} if door == "freeze" else {"action": action.public_id}
        assert widget.ask(door, **body).status_code == 403
    assert "Refund" not in widget.panel()
    assert not Freeze.objects.filter(is_frozen=True).exists()


@pytest.mark.django_db
def test_panel__words_of_the_conversation__are_those_at_the_desk() -> None:
    visitor, token = started(ChatInboxFactory.create())
    client = Client(headers={"authorization": f"Bearer {token}", "x-chat-origin": ORIGIN})
    assert "chat-words" not in client.get("/chat/site/trust/").content.decode()
    ticket = said(visitor).chat.ticket
    words = " ".join(conversation_words.current(case=ticket.public_id))
    assert words in client.get("/chat/site/trust/").content.decode()


def test_doors__after_the_chat_was_ended_for_abuse__still_refuse_and_freeze(scene: Scene, lead: Staff) -> None:
    widget, action = Widget(scene), scene.request()
    told = said(widget.visitor, "Rude words")
    abuse.end(chat=told.chat, by=lead, reason="Threatened a colleague, twice.")
    answer = widget.client.get("/chat/site/messages/").json()
    assert (answer["is_over"], answer["blocked_until"] != "") == (True, True)
    refused = say(widget.client, client_id="again-000001")
    assert (refused.status_code, refused.json()["title"]) == (422, "blocked")
    # From another browser it is the same customer.
    other, _token = started(widget.visitor.inbox, session=widget.visitor.session)
    with pytest.raises(Blocked):
        said(other, "Me again", client_id="again-2")
    # What waits for their word is there, is refused by it, and the account freezes.
    assert "Refund 0.01 BTC" in widget.panel()
    assert widget.ask("deny", action=action.public_id).status_code == 200
    assert Freeze.objects.get(customer=scene.customer).is_frozen
    assert widget.ask("freeze").status_code == 200
