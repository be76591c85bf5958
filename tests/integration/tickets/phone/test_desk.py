"""The phone at the desk: one's own number, calling a customer, transfer, a lead in the call, and what is left afterwards."""

import jwt
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import StaffPhone, Team
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.integration.tickets.phone.conftest import OnCall
from tests.integration.tickets.phone.test_calls import events
from tests.support.small_twilio import CALLER, OURS, Caller, SmallTwilio
from tickets.delivery import phone as hand
from tickets.models import NumberCheck, PhoneCall, PhoneLeg, PhoneLine, PhoneOrder, Ticket
from tickets.services import errors, phone_desk, phone_failures, phone_numbers

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def deliver() -> None:
    for pk in PhoneOrder.objects.filter(state="queued").values_list("pk", flat=True):
        hand.deliver_order(pk)


def talking(caller: Caller, key: str = "1") -> PhoneCall:
    caller.calls().presses("1").presses(key).waits()
    caller.answered_by()
    return caller.call


def test_number__typed_there__is_checked_and_rung(line: PhoneLine, small_twilio: SmallTwilio) -> None:
    person = StaffFactory.create()
    check = phone_numbers.begin(person=person, number="+44 20 7946 0018")
    deliver()
    ((_verb, _path, form),) = small_twilio.asked
    assert (form["To"], form["From"]) == ("+442079460018", OURS)
    phone = Caller(line, sid="CA-check").ask(form["Url"])
    code = phone_numbers.code_of(check)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert "not the digits" in phone.presses(wrong).words
    assert phone_numbers.of(person) == ""
    Caller(line, sid="CA-check2").ask(form["Url"]).presses(code)
    assert phone_numbers.of(person) == "+442079460018"


def test_number__five_wrong_tries__no_sixth(line: PhoneLine) -> None:
    person = StaffFactory.create()
    check = phone_numbers.begin(person=person, number="+44 20 7946 0018")
    for _try in range(5):
        assert not phone_numbers.settle(check=check.public_id, given="")
    assert not phone_numbers.settle(check=check.public_id, given=phone_numbers.code_of(check))
    assert NumberCheck.objects.get().tries == 5


def test_call_out__number_stays_with_the_server(
    client: Client, line: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    caller.calls().hangs_up()
    ticket, ada = Ticket.objects.get(), on_call("Ada")
    desk = signed_in(client, ada)
    panel = desk.get(reverse("desk:call_panel", args=[ticket.public_id]))
    assert CALLER not in panel.content.decode()
    assert "****5310" in panel.content.decode()
    assert desk.post(reverse("desk:call_out", args=[ticket.public_id])).status_code == 302
    deliver()
    ((_verb, _path, form),) = small_twilio.asked
    assert form["To"] == ada.phone.number
    leg = Caller(line, sid="CA-out").ask(form["Url"]).presses("1")
    number = leg.page.find("Dial/Number")
    dial = leg.page.find("Dial")
    assert number is not None
    assert dial is not None
    assert (number.text, dial.attrib["callerId"]) == (CALLER, OURS)
    leg.ask(dial.attrib["action"], DialCallStatus="completed")
    call = PhoneCall.objects.get(direction="out")
    assert (call.state, call.outcome) == ("ended", "answered")
    assert events(ticket)[-2:] == ["phone_called", "phone_ended"]


def test_call_out__nobody_answers_or_nothing_is_placed__is_told(
    line: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    caller.calls().hangs_up()
    ticket, ada = Ticket.objects.get(), on_call("Ada")
    call = phone_desk.call_out(ticket=ticket, by=ada)
    with pytest.raises(errors.Refused):
        phone_desk.call_out(ticket=ticket, by=ada)
    small_twilio.plan("Calls.json", "hangs up")
    deliver()
    order = PhoneOrder.objects.get()
    assert order.state == "failed"
    hand.deliver_order(order.pk)
    assert len(small_twilio.asked) == 1, "nothing is placed twice"
    phone_failures.record(order_pk=order.pk)
    phone_failures.record(order_pk=order.pk)
    call.refresh_from_db()
    assert call.outcome == "missed"
    assert events(ticket)[-3:] == ["phone_not_placed", "phone_not_taken", "phone_not_reached"]


def test_transfer__to_a_team__keeps_the_place_and_rings_there(
    line: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    ada = on_call("Ada")
    call = talking(caller)
    other: Team = TeamFactory.create(name="Fraud", slug="fraud")
    ben = on_call("Ben", "+442079460002")
    ben.memberships.all().delete()
    other.memberships.create(staff=ben)
    with pytest.raises(errors.Refused):
        phone_desk.transfer(call=call, by=ben, team=other)
    phone_desk.transfer(call=call, by=ada, team=other)
    deliver()
    ((_verb, path, form),) = small_twilio.asked
    assert path.endswith(f"/Calls/{caller.sid}.json")
    caller.ask(form["Url"])
    assert "transferred" in caller.words
    caller.waits()
    number = caller.page.find("Dial/Number")
    assert number is not None
    assert number.text == ben.phone.number
    assert caller.call.queued_at == call.queued_at
    assert Ticket.objects.get().team == other
    assert PhoneLeg.objects.get(staff=ada).state == "ended"


def test_lead__joins__three_are_in_one_room(
    line: PhoneLine, caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    ada = on_call("Ada")
    call = talking(caller)
    lead = StaffFactory.create(role="lead")
    StaffPhone.objects.create(staff=lead, number="+442079460003")
    with pytest.raises(errors.Refused):
        phone_desk.ask_lead(call=call, by=ada, lead=on_call("Ben", "+442079460002"))
    phone_desk.ask_lead(call=call, by=ada, lead=lead)
    deliver()
    (_v, path, moved), (_w, _path, placed) = small_twilio.asked
    assert path.endswith(f"/Calls/{caller.sid}-leg.json")
    agent = Caller(line, sid=f"{caller.sid}-leg").ask(moved["Url"])
    caller.ring_is_over("completed")
    third = Caller(line, sid="CA-lead").ask(placed["Url"]).presses("1")
    rooms = [one.page.find("Dial/Conference") for one in (agent, caller, third)]
    assert {room.text for room in rooms if room is not None} == {call.public_id}
    assert [room.attrib["endConferenceOnExit"] for room in rooms if room is not None] == ["false", "true", "false"]
    caller.hangs_up()
    assert not PhoneLeg.objects.filter(state__in=["ringing", "accepted"]).exists()
    assert "phone_joined" in events(Ticket.objects.get())


def test_after_the_call__a_choice_is_needed__and_until_then_nobody_is_rung(
    client: Client, line: PhoneLine, caller: Caller, on_call: OnCall
) -> None:
    ada = on_call("Ada", "+442079460001")
    call = talking(caller)
    caller.ring_is_over("completed")
    second = Caller(line, sid="CA2", number="+14158675311")
    assert second.calls().presses("1").presses("1").waits().verbs == ["Gather", "Redirect"]
    ticket = call.ticket
    assert ticket is not None
    desk, path = signed_in(client, ada), reverse("desk:call_done", args=[ticket.public_id])
    assert "Finish the call" in desk.get(reverse("desk:call_panel", args=[ticket.public_id])).content.decode()
    refused = desk.post(path, {"call": call.public_id, "note": "Told them to wait."}, headers=PARTIAL)
    assert refused.status_code == 422
    assert "Told them to wait." in refused.content.decode()
    assert desk.post(path, {"call": call.public_id, "note": "Told.", "disposition": "waits"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.status == "pending"
    assert ticket.messages.get(kind="note").text == "Told."
    with pytest.raises(errors.Refused):
        phone_desk.wrap_up(call=call, by=ada, disposition="solved")


def test_page_of_calls__shows_who_waits_masked_and_asks_again(client: Client, caller: Caller, on_call: OnCall) -> None:
    caller.calls().presses("1").presses("9").waits()
    page = signed_in(client, on_call("Ada")).get(reverse("desk:calls")).content.decode()
    assert "****5310" in page
    assert CALLER not in page
    assert "Stolen account" in page
    assert "data-softphone" not in page


def test_calls_in_the_browser__only_with_a_key__sign_in_as_oneself(
    client: Client, line: PhoneLine, caller: Caller, on_call: OnCall, settings: Settings
) -> None:
    settings.PHONE_SDK_PATH = "/static/vendor/voice.js"
    settings.PHONE_SDK_HOSTS = ["wss://voice.pharos.test"]
    ada = on_call("Ada")
    desk = signed_in(client, ada)
    assert "data-softphone" not in desk.get(reverse("desk:calls")).content.decode()
    assert desk.post(reverse("desk:call_token")).json() == {"token": ""}
    PhoneLine.objects.update(sdk_key="SK1", sdk_secret="s" * 32)
    page = desk.get(reverse("desk:calls"))
    assert 'data-softphone="/static/vendor/voice.js"' in page.content.decode()
    assert "wss://voice.pharos.test" in page.headers["Content-Security-Policy"]
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    said = jwt.decode(desk.post(reverse("desk:call_token")).json()["token"], "s" * 32, algorithms=["HS256"])
    assert said["grants"]["identity"] == ada.public_id
    caller.calls().presses("1").presses("1").waits()
    assert [one.text for one in caller.page.iter("Client")] == [ada.public_id]
