"""SMS in: the signed door, what comes, who said STOP; never a proof."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as here
from django.test import Client

from accounts.models import Staff
from tests.support.small_sms import THEM, SmsHook, text
from tests.support.small_twilio import signature
from tickets.models import Message, SocialChat, SocialEvent, SocialPost, Ticket
from tickets.selectors import cases
from tickets.services import errors, replies, retention, social_intake
from tickets.services.senders import NewFile, Sender


def reply(ticket: Ticket, agent: Staff, *files: NewFile) -> Message:
    words = replies.Words(text="It is on its way.")
    return replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="social", words=words, attached=files)


@pytest.mark.attack("F2")
def test_hook__not_signed_by_the_accounts_token__nothing_is_kept(sms: SmsHook) -> None:
    url = f"{here.SITE_URL}{sms.path}"
    wrong = [None, "", "ü", signature(url, text(), "another"), signature(url, text("Other words"))]
    assert [sms.post(text(), one) for one in wrong] == [403] * len(wrong)
    # Signed, but a name is said twice; and signed for another account's address.
    assert sms.post(text(), raw=urlencode(text()).encode() + b"&Body=More") == 403
    assert sms.post(text(), signature(url.replace(sms.account.public_id, "other"), text())) == 403
    sms.account.token = ""
    sms.account.save(update_fields=["token"])
    assert sms.post(text(), signature(url, text(), "")) == 403
    assert not SocialEvent.objects.exists()


@pytest.mark.attack("F2")
def test_hook__signed_form_cut_up_otherwise__names_no_message(sms: SmsHook) -> None:
    form = text()
    signed = signature(f"{here.SITE_URL}{sms.path}", form)
    cut = {name: value for name, value in form.items() if name != "NumMedia"}
    cut["MessageSid"] += f"NumMedia{form['NumMedia']}"
    assert sms.post(cut, signed) == 200
    social_intake.accept_waiting()
    row = SocialEvent.objects.get()
    assert (row.state, row.reason) == ("quarantined", "unreadable")


@pytest.mark.attack("F2")
def test_hook__ten_at_once_and_again_next_day__one_message(
    clone_db: str, sms: SmsHook, race: Callable[..., list[Any]], move_time: Callable[[timedelta], None]
) -> None:
    assert race(*[lambda: SmsHook(sms.account, Client()).post(text())] * 10) == [200] * 10
    pk = SocialEvent.objects.get().pk
    race(*[lambda: social_intake.accept(event_pk=pk)] * 4)
    move_time(timedelta(days=1))
    assert sms.post(text()) == 200
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert sms.post(text()) == 200
    social_intake.accept_waiting()
    assert (Ticket.objects.count(), Message.objects.filter(kind="reply").count()) == (1, 1)


def test_message__is_a_ticket_of_nobody_proven__and_the_next_goes_on_with_it(sms: SmsHook) -> None:
    sms.take(text("Where is my deposit? 我的充值在哪里?"))
    sms.take(text("Hello?", number=2))
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.is_requester_proven, ticket.requester_address) == ("social", False, f"sms:{THEM}")
    assert [one.text for one in ticket.messages.filter(kind="reply")] == [
        "Where is my deposit? 我的充值在哪里?", "Hello?",
    ]  # fmt: skip


def test_message__with_pictures__says_which_were_left_out(sms: SmsHook) -> None:
    sms.take(text("", NumMedia="1", MediaContentType0="image/jpeg", MediaUrl0="https://evil.example/x"))
    ticket = Ticket.objects.get()
    assert ticket.messages.get(kind="reply").text == "[file1.jpg]"
    assert ticket.messages.get(event="files_left_out").event_data["count"] == 1


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (text(From="PHAROS"), "unreadable"),
        (text(MessageSid="1"), "unreadable"),
        (text(To="+15550100999"), "other_account"),
    ],
)
def test_message__that_cannot_be_answered_or_is_not_for_us__goes_to_review(
    sms: SmsHook, form: dict[str, str], reason: str
) -> None:
    row = sms.take(form)
    assert (row.state, row.reason) == ("quarantined", reason)


@pytest.mark.parametrize("word", ["STOP", "stop.", "Unsubscribe", "退订"])
def test_stop__nothing_more_is_sent_until_start(sms: SmsHook, agent: Staff, word: str) -> None:
    sms.take(text())
    ticket = Ticket.objects.get()
    sms.take(text(word, number=2))
    assert cases.composer(ticket, agent)["answering"].is_stopped
    with pytest.raises(errors.WantsNoMessages):
        reply(ticket, agent)
    # Still heard, and still not written to: HELP is not answered either.
    sms.take(text("And now?", number=3))
    sms.take(text("HELP", number=4))
    assert not SocialPost.objects.exists()
    sms.take(text("START", number=5))
    assert SocialPost.objects.get().text.endswith("Reply STOP to get no more messages here.")
    assert not cases.composer(ticket, agent)["answering"].is_stopped
    assert reply(ticket, agent).social_post.state == "queued"
    told = list(ticket.messages.filter(kind="event", event__startswith="messages_").values_list("event", flat=True))
    assert told == ["messages_stopped", "messages_resumed"]
    assert Ticket.objects.count() == 1


def test_stop__word_within_a_sentence__is_a_message(sms: SmsHook) -> None:
    sms.take(text("Please stop my withdrawal"))
    assert Ticket.objects.count() == 1
    assert SocialChat.objects.get().stopped_at is None


def test_stop__provider_has_answered_in_its_own_words__we_answer_nothing(sms: SmsHook) -> None:
    sms.take(text("ALTO", OptOutType="STOP"))
    assert SocialChat.objects.get().stopped_at is not None
    sms.take(text("SI", OptOutType="START", number=2))
    sms.take(text("AYUDA", OptOutType="HELP", number=3))
    assert SocialChat.objects.get().stopped_at is None
    assert not SocialPost.objects.exists()
    assert not Ticket.objects.exists()


def test_file__is_refused_before_anything_is_written(sms: SmsHook, agent: Staff) -> None:
    sms.take(text())
    with pytest.raises(errors.NoFilesThere):
        reply(Ticket.objects.get(), agent, NewFile(name="a.txt", content=b"hello"))
    assert not SocialPost.objects.exists()
