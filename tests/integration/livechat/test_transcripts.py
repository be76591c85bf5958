"""The transcript of a conversation by mail: public words alone, in the reader's language and time, where answers go."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Staff
from core.models import AuditEntry
from livechat.models import Visitor
from livechat.services import transcripts
from tests.cast import open_session
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import said, sent, started
from tests.integration.livechat.test_by_mail import (
    MINA,
    answer,
    confirmed,
    frame,
    leave_letter,
    mailbox,
    post,
    postbox,
    words_of,
)
from tickets.models import OutboundMail, Ticket
from tickets.services import replies

__all__ = ["mailbox", "postbox"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


def test_transcript__asked_for_in_the_chat__has_what_was_said_in_public_masked_with_names_of_files(
    agent: Staff, postbox: Path
) -> None:
    visitor, token = started()
    sent(visitor, "their-file", b"proof")
    told = said(visitor, f"My words: {SEED}", files=["their-file"])
    confirmed(visitor)
    answer(told, agent, "Never send us these.")
    replies.add_note(ticket=told.chat.ticket, author=agent, text="A note of ours")
    assert post(frame(token), "mail/transcript/").status_code == 200
    letter = leave_letter(postbox)
    words = words_of(letter)
    assert (letter["To"], letter["Subject"]) == (MINA, f"Your conversation {told.chat.ticket.number}")
    assert words.index("My words:") < words.index("Never send us these.")
    assert "File: proof.txt" in words
    assert not list(letter.iter_attachments()), "files are names: they open in the conversation"
    assert "abandon" not in words
    assert "A note of ours" not in words
    assert "UTC" in words
    entry = AuditEntry.objects.get(action="ticket.transcript_sent")
    assert entry.actor_id == told.chat.ticket.requester.public_id


def test_transcript__browser_elsewhere__is_in_its_time_whatever_else_it_says(agent: Staff, postbox: Path) -> None:
    visitor, token = started()
    said(visitor)
    confirmed(visitor)
    assert post(frame(token), "mail/transcript/", time_zone="Asia/Tokyo").status_code == 200
    assert "JST" in words_of(leave_letter(postbox))
    assert post(frame(token), "mail/transcript/", time_zone="../../etc/passwd").status_code == 200
    assert "UTC" in words_of(leave_letter(postbox))


def test_transcript__customer_elsewhere__is_in_their_language_and_time(agent: Staff, postbox: Path) -> None:
    mina = portal_customer(email=MINA)
    Customer.objects.filter(pk=mina.pk).update(time_zone="Asia/Singapore")
    visitor, token = started(session=open_portal(Client(), mina))
    Visitor.objects.update(locale="zh-hans")
    visitor.refresh_from_db()
    said(visitor)
    assert post(frame(token), "mail/transcript/").status_code == 200
    words = words_of(leave_letter(postbox))
    assert "以下是您与我们的对话内容" in words
    assert "+08" in words


@pytest.mark.attack("A7")
def test_transcript__fourth_within_a_day__is_refused_for_both_sides(
    agent: Staff, move_time: Callable[[timedelta], None]
) -> None:
    visitor, token = started()
    told = said(visitor)
    confirmed(visitor)
    codes = [post(frame(token), "mail/transcript/").status_code for _turn in range(4)]
    assert codes == [200, 200, 200, 422]
    with pytest.raises(transcripts.EnoughToday):
        transcripts.send(chat=told.chat, by=agent)
    move_time(timedelta(hours=25))
    assert transcripts.send(chat=told.chat, by=agent) == MINA


@pytest.mark.attack("G4")
def test_transcript__address_that_nobody_confirmed__is_sent_nowhere(agent: Staff) -> None:
    visitor, token = started()
    told = said(visitor)
    assert post(frame(token), "mail/address/", address=MINA).status_code == 200
    refused = post(frame(token), "mail/transcript/")
    assert (refused.status_code, "no proven or confirmed address" in refused.content.decode()) == (422, True)
    with pytest.raises(transcripts.NoAddress):
        transcripts.send(chat=told.chat, by=agent)
    assert not OutboundMail.objects.exists()


def test_transcript__sent_at_the_desk__is_on_the_timeline_with_who_sent_it(agent: Staff, client: Client) -> None:
    visitor, _token = started()
    told = said(visitor)
    confirmed(visitor)
    client.cookies[settings.SESSION_COOKIE_NAME] = open_session(agent)[0]
    ticket = Ticket.objects.get(pk=told.chat.ticket_id)
    shown = client.get(reverse("chat:panel", args=[ticket.public_id])).content.decode()
    assert "m***@e***" in shown
    assert MINA not in shown
    done = client.post(reverse("chat:transcript", args=[ticket.public_id]))
    assert done.status_code == 302
    event = ticket.messages.get(event="chat_transcript")
    assert (event.staff, event.public_seq) == (agent, None)
    page = client.get(reverse("desk:ticket", args=[ticket.public_id])).content.decode()
    assert "sent the customer the transcript by mail" in page
