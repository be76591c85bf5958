"""What visitors correct and take back: their own words, for five minutes, with a record for staff."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.livechat import ORIGIN, said, sent, started
from tickets.models import Message, Ticket
from tickets.selectors import timeline
from tickets.services import corrections, errors, replies
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


def frame(token: str) -> Client:
    return Client(headers={"origin": settings.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})


def post(client: Client, door: str, **body: Any) -> Any:
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def view(client: Client, chat: str = "", since: int = 0) -> Any:
    return client.get(f"/chat/site/messages/?chat={chat}&since={since}").json()


def test_correct__own_message__says_it_to_both_sides_and_keeps_what_it_said_for_staff(agent: Staff) -> None:
    visitor, token = started()
    told, client = said(visitor, "I sent 1 BTC"), frame(token)
    chat = told.chat.public_id
    answer = post(client, "correct", chat=chat, seq=1, text="I sent 0.1 BTC")

    assert (answer.status_code, answer.json()["message"]["parts"][0]["text"]) == (200, "I sent 0.1 BTC")
    # Also told to a tab that has had the message before.
    again = view(client, chat, since=1)
    assert [(one["seq"], one["is_corrected"]) for one in again["corrected"]] == [(1, True)]
    assert view(client)["messages"][0]["is_corrected"] is True
    ticket = Ticket.objects.get()
    assert (ticket.last_line, ticket.last_public_seq) == ("I sent 0.1 BTC", 1)
    message, event = timeline.latest(ticket).messages
    assert (message.is_corrected, message.segments[0].text) == (True, "I sent 0.1 BTC")
    assert event.event is not None
    assert "“I sent 1 BTC”" in event.event.text
    page = signed_in(Client(), agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "Corrected by the customer" in page
    assert "I sent 1 BTC" not in json.dumps(view(client)), "former words are for staff alone"
    assert AuditEntry.objects.filter(action="message.corrected", object_id=ticket.public_id).exists()


def test_correct__secret_and_same_words__masked_and_nothing() -> None:
    visitor, token = started()
    told, client = said(visitor, "Hello"), frame(token)
    post(client, "correct", chat=told.chat.public_id, seq=1, text="Hello")
    assert not Message.objects.filter(event="message_corrected").exists()
    answer = post(client, "correct", chat=told.chat.public_id, seq=1, text=SEED).json()
    assert answer["redactions"] == ["seed_phrase"] or answer["redactions"]
    assert "abandon" not in Message.objects.get(public_seq=1).text


def test_take_back__own_message__leaves_a_place_and_no_words_anywhere(agent: Staff) -> None:
    visitor, token = started()
    sent(visitor, "file-one", b"proof")
    told, client = said(visitor, "My PIN is hidden here", files=["file-one"]), frame(token)
    row = told.message.attachments.get()
    chat = told.chat.public_id
    post(client, "correct", chat=chat, seq=1, text="Better words")
    assert post(client, "take-back", chat=chat, seq=1).status_code == 204

    (shown_message,) = view(client)["messages"]
    assert (shown_message["is_withdrawn"], shown_message["parts"], shown_message["files"]) == (True, [], [])
    assert view(client, chat, since=1)["withdrawn"] == [1]
    assert client.get(f"/chat/site/attachments/{row.public_id}/").status_code == 404
    assert not any("hidden here" in text or "Better" in text for text in Message.objects.values_list("text", flat=True))
    ticket = Ticket.objects.get()
    assert ticket.last_line == ""
    page = signed_in(Client(), agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "The customer took this message back." in page


def test_correct__after_five_minutes_or_on_a_closed_ticket__is_422_in_words(
    move_time: Callable[[timedelta], None],
) -> None:
    visitor, token = started()
    told, client = said(visitor), frame(token)
    body: dict[str, Any] = {"chat": told.chat.public_id, "seq": 1}
    assert view(client)["messages"][0]["correctable_s"] > 250
    closed, others_token = started()
    theirs = said(closed)
    Ticket.objects.filter(pk=theirs.chat.ticket_id).update(status="closed")
    refused = post(frame(others_token), "take-back", chat=theirs.chat.public_id, seq=1)
    assert refused.status_code == 422
    move_time(timedelta(minutes=5, seconds=1))
    for door, more in (("correct", {"text": "Other"}), ("take-back", {})):
        answer = post(client, door, **{**body, **more})
        assert (answer.status_code, "five minutes" in answer.json()["detail"]) == (422, True)
    assert view(client)["messages"][0]["correctable_s"] == 0
    assert told.message.text == Message.objects.get(ticket=told.chat.ticket, public_seq=1).text


@pytest.mark.attack("G1")
def test_correct__what_is_not_ones_own__is_404_and_stays(agent: Staff) -> None:
    visitor, token = started()
    told = said(visitor)
    words = replies.Words(text="Ours")
    replies.add(ticket=told.chat.ticket, sender=Sender.of_staff(agent), channel="chat", words=words)
    other = frame(started()[1])
    body = {"chat": told.chat.public_id, "text": "Forged"}
    assert post(other, "correct", **body, seq=1).status_code == 404
    assert post(frame(token), "correct", **body, seq=2).status_code == 404
    assert post(frame(token), "correct", **body, seq=3).status_code == 404
    assert post(frame(token), "correct", **body, seq=1, customer="x").status_code == 400
    assert not Message.objects.filter(text="Forged").exists()


def test_correct__of_a_message_by_another_customer__is_refused() -> None:
    told = said(started()[0])
    stranger = said(started()[0]).message.customer
    assert stranger is not None
    with pytest.raises(errors.TooLateToCorrect):
        corrections.correct(message=told.message, by=stranger, text="Forged")
