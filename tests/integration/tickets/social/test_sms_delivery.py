"""SMS out: what is sent, receipts, and what limits, refusals and silence lead to. Nothing is lost."""

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.test_delivery import answer, send
from tests.support.small_sms import OURS, THEM, SmsHook, receipt, sid, text
from tests.support.small_telegram import HANGS, HANGS_UP
from tests.support.small_twilio import ACCOUNT, SmallTwilio
from tickets.channels import sms as channel
from tickets.channels.sms import accounts, outcomes
from tickets.channels.social import calling
from tickets.channels.social.shapes import STOPPED, VendorRefused
from tickets.models import SocialChat, Ticket

MESSAGES = "Messages.json"


@pytest.fixture
def ticket(sms: SmsHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    sms.take(text())
    return Ticket.objects.get()


def test_reply__is_sent_from_our_number__and_receipts_are_kept(
    sms: SmsHook, ticket: Ticket, agent: Staff, small_sms: SmallTwilio
) -> None:
    small_sms.plan(MESSAGES, (201, {"sid": sid(9), "status": "queued"}))
    row = send(answer(ticket, agent, "*On* its way: 已到账"))
    ((verb, path, form),) = small_sms.asked
    assert (verb, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/{MESSAGES}")
    assert (form["To"], form["From"], form["Body"]) == (THEM, OURS, "*On* its way: 已到账")
    assert form["StatusCallback"].endswith(sms.path)
    assert (row.state, row.external_ids) == ("sent", [sid(9)])
    assert sms.take(receipt(sid(9), "sent")).reason == "not_wanted"
    sms.take(receipt(sid(9), "delivered"))
    row.refresh_from_db()
    assert row.delivered_at is not None
    assert row.read_at is None


def test_receipt__filtered_by_the_network__message_has_failed_after_all(
    sms: SmsHook, ticket: Ticket, agent: Staff, small_sms: SmallTwilio
) -> None:
    small_sms.plan(MESSAGES, (201, {"sid": sid(9)}))
    row = send(answer(ticket, agent))
    sms.take(receipt(sid(9), "undelivered", ErrorCode="30007"))
    row.refresh_from_db()
    assert (row.state, row.detail) == ("failed", outcomes.FILTERED)
    assert ticket.messages.filter(event="post_failed").count() == 1


def test_long_reply__is_cut_into_messages_of_ten_sms(ticket: Ticket, agent: Staff, small_sms: SmallTwilio) -> None:
    assert [len(one) for one in channel.parts("a" * 3100)] == [1500, 1500, 100]
    assert [len(one) for one in channel.parts("€" * 800)] == [750, 50]
    assert [len(one) for one in channel.parts("退" * 700)] == [650, 50]
    assert send(answer(ticket, agent, "a" * 1600)).parts_sent == 2


@pytest.mark.parametrize("said", [(429, {"code": 20429}), (400, {"code": 21611})])
def test_reply__too_many__account_waits(
    ticket: Ticket, agent: Staff, small_sms: SmallTwilio, said: tuple[int, dict[str, int]]
) -> None:
    small_sms.plan(MESSAGES, said)
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 0)
    assert 50 < (row.next_attempt_at - row.created_at).total_seconds() < 70
    assert send(row).state == "sent"


def test_reply__provider_is_broken__is_tried_again(ticket: Ticket, agent: Staff, small_sms: SmallTwilio) -> None:
    small_sms.plan(MESSAGES, (500, b"<html>"), (401, {"code": 20003}), (400, {"code": 21606}))
    row = answer(ticket, agent)
    assert [send(row).last_error for _try in range(3)] == [
        "The SMS provider says 500", outcomes.BAD_TOKEN, outcomes.BAD_SENDER,
    ]  # fmt: skip
    assert send(row).state == "sent"


@pytest.mark.parametrize("silence", [HANGS, HANGS_UP])
def test_reply__no_answer__is_sent_once_more_and_no_more(
    ticket: Ticket, agent: Staff, small_sms: SmallTwilio, monkeypatch: pytest.MonkeyPatch, silence: str
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT_S", 0.2)
    small_sms.plan(MESSAGES, silence, silence)
    row = send(answer(ticket, agent))
    assert (row.state, row.unanswered) == ("queued", 1)
    assert (send(row).state, len(small_sms.asked)) == ("failed", 2)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(21614, outcomes.NOT_REACHED), (21408, outcomes.NO_COUNTRY), (99999, "The SMS provider says 99999: No")],
)
def test_reply__refused__fails_with_a_sentence(
    ticket: Ticket, agent: Staff, small_sms: SmallTwilio, code: int, sentence: str
) -> None:
    small_sms.plan(MESSAGES, (400, {"code": code, "message": "No", "status": 400}))
    row = send(answer(ticket, agent))
    assert (row.state, row.detail) == ("failed", sentence)
    assert SocialChat.objects.get().stopped_at is None


def test_reply__provider_knows_that_they_said_stop__we_know_it_from_then_on(
    sms: SmsHook, ticket: Ticket, agent: Staff, small_sms: SmallTwilio
) -> None:
    small_sms.plan(MESSAGES, (400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}))
    row = send(answer(ticket, agent))
    assert (row.state, row.detail) == ("failed", STOPPED)
    assert SocialChat.objects.get().stopped_at is not None
    assert ticket.messages.filter(event="messages_stopped").count() == 1


def test_reply__they_say_stop_while_it_waits__does_not_leave(
    sms: SmsHook, ticket: Ticket, agent: Staff, small_sms: SmallTwilio
) -> None:
    row = answer(ticket, agent)
    sms.take(text("STOP", number=2))
    assert (send(row).state, small_sms.asked) == ("failed", [])


def test_account__is_found_by_its_number__and_told_where_to_send(sms: SmsHook, small_sms: SmallTwilio) -> None:
    listed = {"incoming_phone_numbers": [{"sid": "PN1", "phone_number": OURS, "friendly_name": "Support"}]}
    name = "IncomingPhoneNumbers.json?PhoneNumber=%2B442079460018"
    small_sms.plan(name, (200, listed), (200, listed), (200, {"incoming_phone_numbers": []}))
    assert channel.who_are_we(sms.account) == f"{OURS} · Support"
    channel.set_webhook(sms.account, "https://pharos.example/hooks/sms/1/")
    assert small_sms.asked[-1][2] == {"SmsUrl": "https://pharos.example/hooks/sms/1/", "SmsMethod": "POST"}
    with pytest.raises(VendorRefused, match=accounts.NO_NUMBER):
        channel.who_are_we(sms.account)
