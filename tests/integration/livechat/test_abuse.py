"""Abuse: warned once, handed over to a lead, ended with a reason; held back for a time, but never from what protects."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Staff, Team
from core.models import AuditEntry
from livechat.models import AbuseStep, Chat, ChatInbox, Offer, Visitor
from livechat.refusals import AlreadyWarned, Blocked, NotALead, ReasonNeeded, WarningNeeded
from livechat.selectors import abuse as shown
from livechat.services import abuse, presence, routing
from tests.cast import signed_in
from tests.factories.livechat import said, started
from tests.integration.livechat.conftest import Online, Waiting
from tickets.models import Message, Ticket
from tickets.services import errors

pytestmark = pytest.mark.django_db
WHY = "Threatened a colleague, twice."


@pytest.fixture
def in_hand(online: Online, waiting: Waiting, team: Team) -> tuple[Staff, Chat]:
    ada = online("Ada", team=team)
    waiting()
    routing.route()
    return ada, routing.accept(offer=Offer.objects.open().get().public_id, by=ada)


def events(chat: Chat) -> list[str]:
    return [one for one in chat.ticket.messages.order_by("seq").values_list("event", flat=True) if "abuse" in one]


def public(chat: Chat) -> str:
    return str(Message.objects.filter(ticket=chat.ticket, direction="out", public_seq__isnull=False).latest("seq").text)


def ended(in_hand: tuple[Staff, Chat]) -> Chat:
    ada, chat = in_hand
    abuse.warn(chat=chat, by=ada)
    abuse.end(chat=chat, by=ada, reason=WHY)
    return chat


def test_warn__is_said_in_the_visitors_language_once(in_hand: tuple[Staff, Chat]) -> None:
    ada, chat = in_hand
    Visitor.objects.filter(pk=chat.visitor_id).update(locale="zh-hans")
    abuse.warn(chat=chat, by=ada)
    assert public(chat).startswith("请保持文明用语")
    assert events(chat) == ["chat_abuse_warned"]
    with pytest.raises(AlreadyWarned):
        abuse.warn(chat=chat, by=ada)
    assert AuditEntry.objects.get(action="chat.abuse_warned").actor_id == ada.public_id


def test_end__unwarned_or_without_a_reason__is_refused__and_by_a_lead_at_once(
    in_hand: tuple[Staff, Chat], lead: Staff
) -> None:
    ada, chat = in_hand
    with pytest.raises(WarningNeeded):
        abuse.end(chat=chat, by=ada, reason=WHY)
    with pytest.raises(ReasonNeeded):
        abuse.end(chat=chat, by=lead, reason="  no  ")
    assert not AbuseStep.objects.exists()
    abuse.end(chat=chat, by=lead, reason=WHY)
    assert Chat.objects.get(pk=chat.pk).ended_at is not None
    assert events(chat) == ["chat_abuse_ended"]
    assert public(chat) == "We end this conversation because of how you wrote to us."
    note = chat.ticket.messages.get(kind="note")
    assert (note.text, note.public_seq) == (WHY, None)


def test_end__holds_back_until_the_time_is_over(
    in_hand: tuple[Staff, Chat], move_time: Callable[[timedelta], None]
) -> None:
    chat = ended(in_hand)
    visitor = Visitor.objects.get(pk=chat.visitor_id)
    with pytest.raises(Blocked):
        said(visitor, "You again", client_id="again-1")
    assert Ticket.objects.count() == 1
    # Whatever asks the database.
    with pytest.raises(IntegrityError, match="begins no conversation"), transaction.atomic():
        Chat.objects.create(visitor=visitor, ticket=Ticket.objects.get())
    move_time(timedelta(hours=24, minutes=1))
    assert shown.blocked_until(visitor.customer) is None


def test_end__inbox_that_holds_nobody_back__only_ends(in_hand: tuple[Staff, Chat]) -> None:
    ChatInbox.objects.update(abuse_hours=0)
    chat = ended(in_hand)
    assert AbuseStep.objects.get(kind="ended").blocked_until is None
    assert said(Visitor.objects.get(pk=chat.visitor_id), "Sorry", client_id="again-1").chat != chat


def test_end__somebody_else__is_not_held_back(in_hand: tuple[Staff, Chat]) -> None:
    ended(in_hand)
    assert said(started(ChatInbox.objects.get())[0], "Hello").is_new


def test_lift__by_a_lead_alone__lets_them_write_again(in_hand: tuple[Staff, Chat], lead: Staff) -> None:
    ada, chat = in_hand[0], ended(in_hand)
    with pytest.raises(errors.Refused):
        abuse.lift(chat=chat, by=ada)
    assert abuse.lift(chat=chat, by=lead)
    assert not abuse.lift(chat=chat, by=lead)
    assert events(chat)[-1] == "chat_abuse_lifted"
    assert said(Visitor.objects.get(pk=chat.visitor_id), "Sorry", client_id="again-1").is_new


def test_hand_over__to_a_lead_who_is_there__and_to_nobody_else(
    in_hand: tuple[Staff, Chat], online: Online, team: Team, lead: Staff
) -> None:
    ada, chat = in_hand
    with pytest.raises(NotALead):
        abuse.hand_over(chat=chat, to=online("Ben", team=team), by=ada, summary=WHY)
    presence.say(person=lead, state="online")
    abuse.hand_over(chat=chat, to=lead, by=ada, summary=WHY)
    assert Ticket.objects.get(pk=chat.ticket_id).assignee == lead
    assert events(chat) == ["chat_abuse_handed_over"]
    found = shown.by_agent(lead)
    assert [(one.name, one.warned, one.handed_over, one.ended) for one in found] == [("Ada", 0, 1, 0)]


def test_rows__are_for_good__and_in_order(in_hand: tuple[Staff, Chat]) -> None:
    ada, chat = in_hand
    note = Message.objects.filter(ticket=chat.ticket).first()
    row: dict[str, Any] = {"chat": chat, "customer": chat.ticket.requester, "staff": ada, "is_lead": False}
    for wrong in (
        {"kind": "ended", "reason": note},
        {"kind": "ended", "is_lead": True},
        {"kind": "warned", "blocked_until": "2099-01-01T00:00:00Z"},
        {"kind": "annoyed"},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            AbuseStep.objects.create(**{**row, **wrong})
    ended(in_hand)
    assert shown.of_chat(chat)[0] == {"warned", "ended"}


def test_doors__warn_end_and_lift__answer_with_the_panel(in_hand: tuple[Staff, Chat], lead: Staff) -> None:
    ada, chat = in_hand
    client, public_id = signed_in(Client(), ada), chat.ticket.public_id
    fragment = {"hx-request": "true", "hx-request-type": "partial"}

    def post(by: Client, door: str, **data: str) -> Any:
        return by.post(reverse(f"chat:{door}", args=[public_id]), data, headers=fragment)

    assert post(client, "end_for_abuse", reason=WHY).status_code == 422
    assert post(client, "warn").status_code == 200
    assert post(client, "end_for_abuse", reason=WHY).status_code == 200
    assert post(client, "lift_block").status_code == 403
    assert "Let them write again" in post(signed_in(Client(), lead), "warn").content.decode()
    assert post(signed_in(Client(), lead), "lift_block").status_code == 200
    assert "warned 1" in signed_in(Client(), lead).get(reverse("chat:team")).content.decode()
