"""Calls from their first ring to their end: menu, hours, queue, voice message, and what is kept of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import CustomerAddress, Staff, StaffPhone
from core.clock import DatabaseNow, from_now
from tests.factories.accounts import CustomerFactory
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.phone.conftest import OnCall
from tests.support.small_twilio import CALLER, MP3, RECORDING, Caller, SmallTwilio, signature
from tickets.models import PhoneCall, PhoneEvent, PhoneLeg, PhoneLine, PhoneRecording, SlaCalendar, Ticket
from tickets.selectors import assignment
from tickets.services import merging, phone_recordings, phone_sweep, retention


def events(ticket: Ticket) -> list[str]:
    return list(ticket.messages.exclude(event="").order_by("seq").values_list("event", flat=True))


def test_menu__language_then_reason__opens_a_ticket_and_says_the_place(caller: Caller) -> None:
    assert "press 1" in caller.calls().words
    assert "中文" in caller.words
    assert "A deposit: press 1." in caller.presses("1").words
    caller.presses("1").waits()
    assert "You are number 1 in the queue." in caller.words
    assert "waited about" not in caller.words, "nothing was measured, so nothing is promised"
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.priority, ticket.language, ticket.topic.slug if ticket.topic else "") == (
        "phone", "high", "en", "deposit-missing",
    )  # fmt: skip
    assert events(ticket) == ["phone_came", "phone_queued"]
    assert not assignment.waiting(caller.line.team_id).exists(), "given by ringing, not by the engine's rounds"


def test_menu__chinese__is_spoken_in_chinese(caller: Caller) -> None:
    caller.calls().presses("2")
    assert "充值" in caller.words
    assert {one.attrib["language"] for one in caller.page.iter("Say")} == {"cmn-CN"}


def test_menu__no_key_at_all__goes_on_without_a_reason(caller: Caller) -> None:
    caller.calls().waits().waits().waits()
    call = caller.call
    assert (call.state, call.reason, call.language) == ("queued", None, "en")


def test_menu__stolen_account__goes_to_the_front(line: PhoneLine) -> None:
    first, second = Caller(line, sid="CA1"), Caller(line, sid="CA2", number="+14158675311")
    first.calls().presses("1").presses("1").waits()
    second.calls().presses("1").presses("9")
    assert "freeze" in second.words
    assert "number 1" in second.waits().words
    assert "number 2" in first.waits().words
    assert second.call.ticket is not None
    assert second.call.ticket.priority == "urgent"


@pytest.mark.attack("H6")
def test_number__of_a_known_customer__proves_nothing(caller: Caller) -> None:
    known = CustomerAddress.objects.create(
        customer=CustomerFactory.create(), kind="phone", value=CALLER, proof="exchange", proven_at=DatabaseNow()
    )
    caller.calls().presses("1").presses("1")
    ticket = Ticket.objects.get()
    assert ticket.requester_id != known.customer_id
    assert not ticket.is_requester_proven


def test_number__withheld__is_nobodys(line: PhoneLine) -> None:
    for sid in ("CA1", "CA2"):
        Caller(line, sid=sid, number="anonymous").calls().presses("1").presses("1")
    assert Ticket.objects.values("requester").distinct().count() == 2


def test_wait__measured__is_said_and_never_promised(line: PhoneLine, caller: Caller) -> None:
    for number in range(3):
        PhoneCall.objects.create(
            line=line, sid=f"CA-old-{number}", direction="in", state="ended", outcome="answered",
            queued_at=from_now(timedelta(minutes=-20)), answered_at=from_now(timedelta(minutes=-16)),
            ended_at=DatabaseNow(),
        )  # fmt: skip
    caller.calls().presses("1").presses("1").waits()
    assert "Callers of the last two hours waited about 4 minutes." in caller.words


def test_ring__first_declines_second_accepts__the_ticket_is_theirs(caller: Caller, on_call: OnCall) -> None:
    ada, ben = on_call("Ada"), on_call("Ben", "+442079460002")
    caller.calls().presses("1").presses("1").waits()
    number = caller.page.find("Dial/Number")
    assert number is not None
    assert number.text == ada.phone.number
    heard, said = caller.answered_by("2")
    assert "press 1" in heard
    assert "Hangup" in said
    caller.ring_is_over().waits()
    number = caller.page.find("Dial/Number")
    assert number is not None
    assert number.text == ben.phone.number
    caller.answered_by("1")
    call = caller.call
    assert (call.state, call.agent) == ("talking", ben)
    assert call.ticket is not None
    assert call.ticket.assignee == ben
    caller.ring_is_over("completed").hangs_up()
    assert caller.call.outcome == "answered"
    assert events(call.ticket) == [
        "phone_came", "phone_queued", "phone_rang", "phone_declined", "phone_rang", "phone_answered",
        "assignee_changed", "status_changed", "phone_ended",
    ]  # fmt: skip
    assert not PhoneLeg.objects.filter(state__in=["ringing", "accepted"]).exists()


def test_ring__one_person_two_callers__who_waited_longer_gets_them(line: PhoneLine, on_call: OnCall) -> None:
    first, second = Caller(line, sid="CA1"), Caller(line, sid="CA2", number="+14158675311")
    first.calls().presses("1").presses("1").waits()
    second.calls().presses("1").presses("1")
    on_call("Ada")
    assert second.waits().verbs == ["Gather", "Redirect"]
    assert first.waits().verbs == ["Dial"]
    with pytest.raises(IntegrityError), transaction.atomic():
        PhoneLeg.objects.create(call=second.call, staff=PhoneLeg.objects.get().staff)


def test_ring__number_not_checked__is_not_rung(caller: Caller, on_call: OnCall) -> None:
    person = on_call("Ada")
    StaffPhone.objects.filter(staff=person).delete()
    assert caller.calls().presses("1").presses("1").waits().verbs == ["Gather", "Redirect"]


def test_missed__hung_up_while_waiting__is_on_the_ticket(caller: Caller) -> None:
    caller.calls().presses("1").presses("1").waits().hangs_up()
    assert caller.call.outcome == "missed"
    assert events(Ticket.objects.get())[-1] == "phone_missed"


def test_missed__hung_up_in_the_menu__becomes_a_ticket(caller: Caller) -> None:
    caller.calls().hangs_up()
    assert events(Ticket.objects.get()) == ["phone_came", "phone_missed"]


def test_missed__again_and_again_in_the_menu__is_one_ticket(line: PhoneLine) -> None:
    for number in range(3):
        Caller(line, sid=f"CA{number}").calls().hangs_up()
    assert events(Ticket.objects.get()) == ["phone_came", "phone_missed"] * 3


def test_missed__no_word_of_the_end__is_found_by_the_sweeper(
    caller: Caller, move_time: Callable[[timedelta], None]
) -> None:
    caller.calls().presses("1").presses("1").waits()
    assert phone_sweep.sweep() == 0
    move_time(timedelta(minutes=3))
    assert phone_sweep.sweep() == 1
    assert (caller.call.outcome, Ticket.objects.count()) == ("missed", 1)


@pytest.mark.attack("F1")
def test_closed__voice_message__is_a_file_fetched_from_the_api_alone(
    line: PhoneLine, caller: Caller, small_twilio: SmallTwilio
) -> None:
    line.calendar = SlaCalendar.objects.create(name="Never now", weekly="mon 00:00-00:01", dates=_closed_dates())
    line.save(update_fields=["calendar"])
    caller.calls().presses("1").presses("1")
    assert "Nobody is here at this time." in caller.words
    caller.speaks().hangs_up()
    assert caller.call.outcome == "voicemail"
    row = PhoneRecording.objects.get()
    phone_recordings.keep(pk=row.pk)
    assert next(path for _verb, path, _form in small_twilio.asked).endswith(f"/Recordings/{RECORDING}.mp3")
    row.refresh_from_db()
    assert row.message is not None
    file = row.message.attachments.select_related("file").get().file
    assert file is not None
    assert (file.name, file.size) == ("voice-message.mp3", len(MP3))


@pytest.mark.attack("A5")
def test_voice_message__ticket_merged_before_it_is_fetched__is_for_staff_alone(
    line: PhoneLine, caller: Caller, small_twilio: SmallTwilio, agent: Staff
) -> None:
    line.calendar = SlaCalendar.objects.create(name="Never now", weekly="mon 00:00-00:01", dates=_closed_dates())
    line.save(update_fields=["calendar"])
    caller.calls().presses("1").presses("1")
    caller.speaks().hangs_up()
    source, target = caller.call.ticket, mail_ticket()
    assert source is not None
    merging.merge(source=source, into=target, by=agent, is_confirmed=True)
    phone_recordings.keep(pk=PhoneRecording.objects.get().pk)
    said = target.messages.filter(kind="reply").latest("seq")
    assert (said.sender_role, said.customer, said.public_seq) == ("third_party", source.requester, None)


def _closed_dates() -> str:
    return "\n".join(f"{datetime.now(UTC).date() + timedelta(days=day)}" for day in (-1, 0, 1))


def test_voice_message__provider_away__is_fetched_later_and_once(caller: Caller, small_twilio: SmallTwilio) -> None:
    caller.calls().presses("1").presses("1").waits().presses("2").speaks()
    small_twilio.plan(f"{RECORDING}.mp3", (404, {}), (503, {}))
    row = PhoneRecording.objects.get()
    for _try in range(4):
        PhoneRecording.objects.update(next_attempt_at=DatabaseNow())
        phone_recordings.keep(pk=row.pk)
    row.refresh_from_db()
    assert (row.state, Ticket.objects.get().messages.filter(kind="reply").count()) == ("kept", 2)


@pytest.mark.attack("F2")
@pytest.mark.parametrize("signed", ["", "wrong", "ü", signature("https://elsewhere.test/", {})])
def test_door__wrong_signature__nothing_is_kept(caller: Caller, signed: str) -> None:
    status, _body = caller.send(caller.url("call"), caller.form(), signed.encode().decode("latin1"))
    assert status == 403
    assert not PhoneEvent.objects.exists()
    assert not PhoneCall.objects.exists()


@pytest.mark.attack("F2")
def test_door__another_key_than_was_signed__is_refused(caller: Caller) -> None:
    caller.calls()
    gather = caller.page.find("Gather")
    assert gather is not None
    url = gather.attrib["action"]
    good = signature(url, caller.form(Digits="1"))
    assert caller.send(url, caller.form(Digits="2"), good)[0] == 403
    assert caller.send(url.replace("n=1", "n=2"), caller.form(Digits="1"), good)[0] == 403


@pytest.mark.attack("F2")
def test_door__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str, caller: Caller, race: Callable[..., list[Any]], move_time: Callable[[timedelta], None]
) -> None:
    caller.calls().presses("1").presses("1").waits().hangs_up()
    url, form = caller.last
    opening = (caller.url("call"), caller.form(CallStatus="ringing", CallSid="CA-next"))
    answers = race(*[lambda: Caller(caller.line).send(*opening)] * 10)
    assert len(set(answers)) == 1, "all get the first answer"
    assert answers[0][0] == 200
    assert PhoneCall.objects.count() == 2
    before = (Ticket.objects.count(), Ticket.objects.get().last_seq)
    move_time(timedelta(days=1))
    assert caller.send(url, form)[0] == 200
    move_time(timedelta(days=retention.RAW_MAIL_DAYS + 1))
    retention.tidy()
    assert caller.send(url, form)[0] == 200
    assert (Ticket.objects.count(), Ticket.objects.get().last_seq) == before


def test_door__line_that_is_off__is_not_there(line: PhoneLine, caller: Caller) -> None:
    line.is_active = False
    line.save(update_fields=["is_active"])
    assert caller.send(caller.url("call"), caller.form())[0] == 404
