"""Call-backs: offered, chosen, one a number, placed by lease, given up before the team, and cancelled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from core.clock import DatabaseNow
from tests.cast import signed_in
from tests.integration.tickets.phone.conftest import OnCall
from tests.integration.tickets.phone.test_calls import events
from tests.integration.tickets.phone.test_desk import deliver
from tests.support.small_twilio import CALLER, Caller, SmallTwilio
from tickets.models import PhoneCall, PhoneCallback, PhoneLine, PhoneOrder, SlaCalendar, Ticket
from tickets.services import phone_callbacks, phone_failures, phone_sweep


def promised(caller: Caller) -> PhoneCallback:
    caller.calls().presses("1").presses("1").waits().presses("1").presses("2")
    return PhoneCallback.objects.get(asked_in__sid=caller.sid)


def due(row: PhoneCallback) -> None:
    """Let its time have come."""
    PhoneCallback.objects.filter(pk=row.pk).update(next_attempt_at=DatabaseNow())
    phone_callbacks.place(pk=row.pk)
    row.refresh_from_db()


def test_queue__slot_chosen__is_promised_and_the_call_ends(caller: Caller) -> None:
    caller.calls().presses("1").presses("1").waits()
    assert "To be called back instead, press 1." in caller.words
    assert "between" in caller.presses("1").words
    assert "To go on waiting, press 9." in caller.words
    assert "never asks for a password" in caller.presses("2").words
    row = PhoneCallback.objects.get()
    assert row.starts_at.minute in {0, 30}
    assert row.ends_at - row.starts_at == timedelta(minutes=30)
    assert (caller.call.state, caller.call.outcome) == ("ended", "callback")
    assert events(row.ticket)[-2:] == ["phone_callback_asked", "phone_ended"]
    assert CALLER not in str(PhoneCallback.objects.values("number_digest").get())


def test_queue__nothing_chosen_or_withheld__waits_on(line: PhoneLine, caller: Caller) -> None:
    caller.calls().presses("1").presses("1").waits().presses("1").presses("9").waits()
    assert "You are number 1 in the queue." in caller.words
    hidden = Caller(line, sid="CA-hidden", number="anonymous").calls().presses("1").presses("1").waits()
    assert "called back" not in hidden.words
    assert not PhoneCallback.objects.exists()


def test_closed__in_chinese__slots_are_within_the_hours(line: PhoneLine, caller: Caller) -> None:
    today = datetime.now(UTC).date()
    dates = [f"{today + timedelta(days=day)}" for day in (-1, 0)] + [f"{today + timedelta(days=1)} 09:00-10:00"]
    line.calendar = SlaCalendar.objects.create(name="Tomorrow", weekly="mon 00:00-00:01", dates="\n".join(dates))
    line.save(update_fields=["calendar"])
    caller.calls().presses("2").presses("1")
    assert "明天" in caller.words
    assert "09:00" in caller.words
    caller.presses("1")
    assert PhoneCallback.objects.get().starts_at.date() == today + timedelta(days=1)
    assert caller.call.outcome == "callback"


def test_number__has_one_open__four_at_once_and_again_move_it(
    clone_db: str, line: PhoneLine, race: Callable[..., list[Any]]
) -> None:
    callers = [Caller(line, sid=f"CA-{number}") for number in range(4)]
    for one in callers:
        one.calls().presses("1").presses("1").waits().presses("1")
    race(*[lambda one=one: Caller(line, sid=one.sid, page=one.page).presses("1") for one in callers])
    row = PhoneCallback.objects.get()
    assert row.state == "waiting"
    promised(Caller(line, sid="CA-later"))
    assert PhoneCallback.objects.get().starts_at > row.starts_at


def test_place__agent_takes_it__the_customer_is_called(
    caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    row = promised(caller)
    due(row)
    assert row.state == "waiting", "nobody is there, so it waits"
    ada = on_call("Ada")
    phone_sweep.sweep()
    due(row)
    phone_callbacks.place(pk=row.pk)
    deliver()
    ((_verb, _path, form),) = small_twilio.asked
    assert form["To"] == ada.phone.number
    leg = Caller(caller.line, sid="CA-back").ask(form["Url"]).presses("1")
    number, dial = leg.page.find("Dial/Number"), leg.page.find("Dial")
    assert number is not None
    assert dial is not None
    assert number.text == CALLER
    leg.ask(dial.attrib["action"], DialCallStatus="completed")
    row.refresh_from_db()
    assert row.state == "done"
    assert row.ticket.phone_calls.filter(direction="out", agent=ada, outcome="answered").exists()


def test_place__never_reached__is_given_up_after_three_tries_and_lies_before_the_team(
    caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    row = promised(caller)
    ada = on_call("Ada")
    Ticket.objects.update(assignee=ada, status="pending")
    for number in range(3):
        due(row)
        deliver()
        form = small_twilio.asked[-1][2]
        leg = Caller(caller.line, sid=f"CA-back{number}").ask(form["Url"]).presses("1")
        dial = leg.page.find("Dial")
        assert dial is not None
        leg.ask(dial.attrib["action"], DialCallStatus="no-answer")
    row.refresh_from_db()
    assert (row.state, row.tries, PhoneOrder.objects.count()) == ("failed", 3, 3)
    ticket = Ticket.objects.get()
    assert (ticket.assignee, ticket.status) == (None, "open")
    assert "phone_callback_failed" in events(ticket)


def test_place__provider_away__is_tried_again_and_is_no_try_at_the_customer(
    caller: Caller, on_call: OnCall, small_twilio: SmallTwilio
) -> None:
    row = promised(caller)
    on_call("Ada")
    small_twilio.plan("Calls.json", (503, {}))
    due(row)
    deliver()
    phone_failures.record(order_pk=PhoneOrder.objects.get().pk)
    row.refresh_from_db()
    assert (row.state, row.tries, row.placed) == ("waiting", 0, None)


def test_cancel__from_the_ticket__nobody_is_called(client: Client, caller: Caller, on_call: OnCall) -> None:
    row, ada = promised(caller), on_call("Ada")
    desk = signed_in(client, ada)
    panel = desk.get(reverse("desk:call_panel", args=[row.ticket.public_id])).content.decode()
    assert "To be called back:" in panel
    assert "Cancel the call-back" in panel
    assert "data-callback" in desk.get(reverse("desk:calls")).content.decode()
    given = {"callback": row.public_id}
    assert desk.post(reverse("desk:call_cancel", args=[row.ticket.public_id]), given).status_code == 302
    assert desk.post(reverse("desk:call_cancel", args=[row.ticket.public_id]), given).status_code == 422
    due(row)
    assert (row.state, PhoneCall.objects.filter(direction="out").count()) == ("cancelled", 0)
