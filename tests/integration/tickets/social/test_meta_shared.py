"""Several pages or numbers of one application behind one webhook, and what Messenger's people are called."""

import json

import pytest

from tests.integration.tickets.social.conftest import meta_account
from tests.integration.tickets.social.meta_samples import PERSON, MetaHook, said, wa_message, wa_said
from tests.support.small_meta import SmallMeta
from tickets.models import Message, SocialEvent, Ticket
from tickets.services import social_intake


def told_of(raw: bytes, number: str) -> bytes:
    """Return the same of another page, whose message is another one."""
    return raw.replace(str(json.loads(raw)["entry"][0]["id"]).encode(), number.encode()).replace(b"m_145", b"m_999")


@pytest.mark.attack("F2")
def test_hook__other_pages_of_the_application__are_theirs_and_only_with_its_secret(
    messenger: MetaHook,
) -> None:
    other, foreign = meta_account("messenger", "2002"), meta_account("messenger", "3003")
    foreign.app_secret = "another application's"
    foreign.save(update_fields=["app_secret"])
    for raw in (
        said("One"),
        told_of(said("Two"), "2002"),
        told_of(said("Three"), "3003"),
        told_of(said("Two"), "2002"),
    ):
        assert messenger.post(raw) == 200
    social_intake.accept_waiting()
    assert list(SocialEvent.objects.order_by("pk").values_list("account", "state", "reason")) == [
        (messenger.account.pk, "processed", ""),
        (other.pk, "processed", ""),
        (messenger.account.pk, "quarantined", "other_account"),
    ]
    assert set(Ticket.objects.values_list("social_thread__chat__account", flat=True)) == {
        messenger.account.pk,
        other.pk,
    }


def test_hook__other_number_of_whatsapp__is_that_accounts(whatsapp: MetaHook) -> None:
    other = meta_account("whatsapp", "2002")
    raw = wa_said(wa_message()).replace(whatsapp.account.external_id.encode(), b"2002")
    assert whatsapp.take(raw).account == other
    assert Ticket.objects.count() == 1


def test_person__of_messenger__is_asked_for_their_name_once(messenger: MetaHook, meta: SmallMeta) -> None:
    meta.things[f"/{PERSON}"] = {"id": PERSON, "name": "Mina Park"}
    messenger.take(said())
    messenger.take(said("Hello?", mid="m_2"))
    assert [one.sender_name for one in Message.objects.filter(kind="reply").order_by("seq")] == ["Mina Park", ""]
    assert Ticket.objects.get().requester.name == "Mina Park"
    assert [one["path"] for one in meta.of(PERSON)] == [f"/{PERSON}"]


def test_person__whose_name_is_not_told__is_heard_all_the_same(messenger: MetaHook, meta: SmallMeta) -> None:
    meta.plan(PERSON, "hangs up")
    messenger.take(said())
    assert Ticket.objects.get().requester.name == ""
