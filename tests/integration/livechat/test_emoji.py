"""Emoji in a conversation: stored, masked around, mailed and shown in the queue whole, whatever they are made of."""

from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import Staff
from core import passing
from livechat.models import ChatInbox
from livechat.selectors import chats as shown
from livechat.services import reading
from tests.factories.livechat import said, started
from tests.integration.livechat.test_by_mail import (
    answer,
    confirmed,
    frame,
    leave_letter,
    mailbox,
    post,
    postbox,
    words_of,
)
from tests.integration.livechat.test_transcripts import SEED
from tickets.models import Message, Ticket

__all__ = ["mailbox", "postbox"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailbox")]
# Joiners, a flag, the flag of a region, skin tones, a keycap.
SIGNS = "👨‍👩‍👧‍👦 🏳️‍🌈 🇨🇭🇨🇳 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 👍🏽 👩🏿‍💻 1️⃣"


def test_emoji__around_a_secret__are_stored_and_shown_as_they_were_written() -> None:
    visitor, token = started()
    told = said(visitor, f"{SIGNS} {SEED} {SIGNS}")
    stored = Message.objects.get(pk=told.message.pk).text
    assert stored.startswith(SIGNS)
    assert stored.endswith(SIGNS)
    assert "abandon" not in stored
    parts = frame(token).get(reverse("chat:messages", args=[visitor.inbox.slug])).json()["messages"][0]["parts"]
    assert (parts[0]["text"].strip(), parts[-1]["text"].strip()) == (SIGNS, SIGNS)


def test_emoji__transcript_and_answer_by_mail__have_them(agent: Staff, postbox: Path) -> None:
    visitor, token = started()
    told = said(visitor, f"Hello {SIGNS}")
    confirmed(visitor)
    answer(told, agent, f"Thank you {SIGNS}")
    assert post(frame(token), "mail/transcript/").status_code == 200
    words = words_of(leave_letter(postbox))
    assert words.count(SIGNS) == 2


@pytest.mark.parametrize("before", range(190, 201))
def test_emoji__at_the_end_of_the_line_in_the_queue__is_there_whole_or_not(before: int) -> None:
    sign = "👨‍👩‍👧‍👦"
    told = said(started()[0], "a" * before + sign + "b" * 50)
    line = Ticket.objects.get(pk=told.chat.ticket_id).last_line
    assert line in {"a" * before, "a" * before + sign + "b" * (193 - before)}


def test_emoji__typed_and_not_sent__are_previewed() -> None:
    visitor, _token = started()
    told = said(visitor, "Hello")
    ChatInbox.objects.filter(pk=visitor.inbox_id).update(shows_typing=True)
    reading.visitor_writes(ticket=told.chat.ticket.public_id, words=SIGNS)
    assert passing.heard(scope=shown.TYPED, who=told.chat.ticket.public_id) == SIGNS
