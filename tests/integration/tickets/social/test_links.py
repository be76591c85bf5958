"""Joining a conversation to a customer: from the conversation to the portal, and never by what a profile says."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Customer
from core.clock import DatabaseNow
from core.models import AuditEntry
from tests.factories.customers import open_portal, portal_customer
from tests.integration.tickets.social.conftest import Hook, message, update
from tickets.models import SocialChat, SocialLink, SocialPost, Ticket
from tickets.models.social_link import LINK_LIFE
from tickets.services import social_links

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina() -> Customer:
    return portal_customer()


@pytest.fixture
def here(client: Client, mina: Customer) -> Client:
    open_portal(client, mina)
    return client


def asked(hook: Hook, event: int = 10000) -> str:
    """Ask for a link in the conversation; returns the path that comes back."""
    hook.take(update(event, message=message("/verify", number=event)))
    found = re.search(r"/portal/conversations/link/[^\s]+", SocialPost.objects.latest("pk").text)
    assert found is not None
    return found.group()


def said(hook: Hook, text: str, number: int) -> Ticket:
    hook.take(update(20000 + number, message=message(text, number=number)))
    return Ticket.objects.latest("pk")


def test_link__opened_signed_in_and_confirmed__what_comes_in_is_the_customers(
    hook: Hook, here: Client, mina: Customer
) -> None:
    path = asked(hook)
    shown = here.get(path)
    assert "Mina Park" in shown.content.decode()
    assert not SocialLink.objects.living().exists(), "looking changes nothing"
    assert here.post(path).status_code == 302
    ticket = said(hook, "Where is my deposit?", 2)
    assert (ticket.requester, ticket.is_requester_proven) == (mina, True)
    written = ticket.messages.get(kind="reply")
    assert (written.customer, written.is_sender_proven) == (mina, False), "a vendor's account may change hands"
    assert ticket.subject in here.get("/portal/").content.decode()
    assert "now linked" in SocialPost.objects.latest("pk").text
    entry = AuditEntry.objects.get(action="social.linked")
    assert (entry.actor_kind, entry.actor_id) == ("customer", mina.public_id)


def test_link__case_that_is_open__goes_on_as_it_was_and_says_so(hook: Hook, here: Client, mina: Customer) -> None:
    before = said(hook, "Hello", 1)
    here.post(asked(hook))
    assert said(hook, "More", 2) == before
    before.refresh_from_db()
    assert (before.is_requester_proven, before.requester == mina) == (False, False)
    assert before.messages.filter(event="conversation_linked").count() == 1
    Ticket.objects.filter(pk=before.pk).update(status="resolved", resolved_at=DatabaseNow())
    after = said(hook, "Another thing", 3)
    assert (after.requester, after.follow_up_of) == (mina, before)


@pytest.mark.parametrize("spoilt", ["used", "replaced", "old"])
def test_link__used_replaced_or_old__opens_nothing(hook: Hook, here: Client, mina: Customer, spoilt: str) -> None:
    path = asked(hook)
    if spoilt == "used":
        here.post(path)
    elif spoilt == "replaced":
        social_links.issue(chat=SocialChat.objects.get())
    else:
        SocialLink.objects.update(opens_until="2020-01-01T00:00:00Z")
    assert (here.get(path).status_code, here.post(path).status_code) == (410, 410)
    assert SocialLink.objects.filter(customer=mina).exists() == (spoilt == "used")


def test_link__nobody_signed_in__leads_to_the_sign_in_and_joins_nobody(hook: Hook) -> None:
    path = asked(hook)
    answer = Client().post(path)
    assert (answer.status_code, "/portal/sign-in/" in answer.headers["Location"]) == (302, True)
    assert not SocialLink.objects.living().exists()


def test_link__ended_or_past_its_life__conversation_is_of_somebody_unproven_again(
    hook: Hook, here: Client, mina: Customer
) -> None:
    here.post(asked(hook))
    first = said(hook, "Mine", 2)
    SocialLink.objects.update(linked_at=DatabaseNow() - LINK_LIFE)
    second = said(hook, "Somebody's", 3)
    assert (first.requester, second.requester == mina, second.is_requester_proven) == (mina, False, False)
    SocialLink.objects.update(linked_at=DatabaseNow())
    link = SocialLink.objects.get()
    other = Client()
    open_portal(other, portal_customer("acc-2", "otto@example.com", "Otto Other"))
    assert other.post(f"/portal/conversations/{link.public_id}/end/").status_code == 404
    assert here.post(f"/portal/conversations/{link.public_id}/end/").status_code == 302
    assert not SocialLink.objects.living().exists()


def test_link__of_what_everybody_can_read__database_refuses(hook: Hook, mina: Customer) -> None:
    post = SocialChat.objects.create(account=hook.account, external_id="p1", customer=mina, is_public=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SocialLink.objects.create(chat=post, customer=mina, linked_at=DatabaseNow())
