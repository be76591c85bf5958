"""Acts of the phone: what its provider asks, what becomes of it, and what administrators do with a line."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.test import override_settings

from accounts.models import Staff, StaffPhone
from core import sealing
from core.clock import DatabaseNow, now
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.contracts.permissions.acts_behind import chosen, form
from tests.factories.accounts import TeamFactory
from tests.support.small_pbx import SECRET, told
from tests.support.small_twilio import ACCOUNT, TOKEN, Caller, SmallTwilio, running
from tickets import inbound_tasks, outbound_tasks
from tickets.models import PhoneCall, PhoneCallback, PhoneEvent, PhoneLine, PhoneOrder, PhoneRecording
from tickets.services import phone_numbers

CALL, LINE = "tickets.PhoneCall", "tickets.PhoneLine"
CASE = (CALL, "tickets.Ticket", "tickets.Message", "accounts.Customer", "accounts.CustomerAddress")


def number() -> str:
    return f"+1{int.from_bytes(new_public_id().encode()[:4]) % 10**10:010d}"


def line() -> PhoneLine:
    return PhoneLine.objects.create(
        name=f"Line {new_public_id()}",
        number=number(),
        account_sid=ACCOUNT,
        token=TOKEN,
        team=TeamFactory.create(),
        asks_pin=False,
    )


def caller() -> Caller:
    return Caller(line(), sid=f"CA{new_public_id()}", number=number())


def with_provider(send: Callable[[], object]) -> Callable[[], object]:
    """Do it while a small API of the provider's runs, which the settings name."""

    def act_there() -> object:
        with running(SmallTwilio()) as found, override_settings(PHONE_API_URL=found.url):
            return send()

    return act_there


@act("POST phone", "tickets.PhoneEvent", *CASE)
def hang_up() -> Prepared:
    who = caller().calls()

    def send() -> None:
        who.hangs_up()

    return send


@act("POST cti", "tickets.PhoneEvent", *CASE)
def hear_of_a_call_at_the_pbx() -> Prepared:
    found = line()
    PhoneLine.objects.filter(pk=found.pk).update(cti_secret=SECRET)
    found.refresh_from_db()
    return lambda: told(found, id=new_public_id(), event="ringing", call="c1", **{"from": number()})


@act("task tickets.phone_event", "tickets.PhoneEvent", *CASE)
def finish_what_was_asked() -> Prepared:
    who = caller().calls()
    said = urlencode(who.form(CallStatus="completed")).encode()
    row = PhoneEvent.objects.create(line=who.line, digest=new_public_id(), step="status", raw=sealing.seal(said))
    return lambda: inbound_tasks.phone_event(row.pk)


@act("task tickets.phone_recording", "tickets.PhoneRecording", "tickets.Ticket", "tickets.Message")
def fetch_a_voice_message() -> Prepared:
    caller().calls().presses("1").waits().presses("2").speaks(sid=f"RE{new_public_id()}")
    row = PhoneRecording.objects.latest("pk")
    return with_provider(lambda: inbound_tasks.phone_recording(row.pk))


@act("task tickets.sweep_phone", *CASE)
def find_a_silent_call() -> Prepared:
    who = caller().calls()
    PhoneCall.objects.filter(sid=who.sid).update(seen_at="2026-01-01T00:00:00Z")
    return partial(inbound_tasks.sweep_phone)


GIVEN: dict[str, Any] = {
    "name": "Hotline", "account_sid": ACCOUNT, "token": TOKEN, "languages": ["en"], "is_active": "on",
    "keep_recordings_days": "90",
    "reasons-TOTAL_FORMS": "0", "reasons-INITIAL_FORMS": "0",
}  # fmt: skip
LISTED = (
    "calendar", "calendar_id", "team_id", "sdk_key", "sdk_secret", "cti_secret", "offers_callbacks", "records_calls",
    "consent_words", "consent_words_zh_hans",
)  # fmt: skip


@act("admin add tickets.PhoneLine", LINE, "tickets.PhoneReason")
def add_a_line() -> Prepared:
    reason = {"reasons-TOTAL_FORMS": "1", "reasons-0-key": "1", "reasons-0-words": "A deposit"}
    given = GIVEN | reason | {"reasons-0-priority": "high", "number": number(), "team": str(TeamFactory.create().pk)}
    return form("tickets_phoneline", given, listed=LISTED)


@act("admin change tickets.PhoneLine", LINE)
def rename_a_line() -> Prepared:
    row = line()
    given = GIVEN | {"name": "Other", "token": "", "number": row.number, "team": str(row.team_id)}
    return form("tickets_phoneline", given, row.pk, LISTED)


@act("admin test_connection tickets.PhoneLine", LINE)
def try_a_line() -> Prepared:
    return with_provider(chosen("tickets_phoneline", "test_connection", line().pk))


def reached() -> Staff:
    """Somebody whose number was checked."""
    who = person("lead")
    StaffPhone.objects.create(staff=who, number=number())
    return who


def talking(by: Staff) -> PhoneCall:
    who = caller().calls()
    who.presses("1")
    call = who.call
    call.legs.create(staff=by, sid=f"CA{new_public_id()}", state="accepted")
    PhoneCall.objects.filter(pk=call.pk).update(state="ringing")
    PhoneCall.objects.filter(pk=call.pk).update(state="talking", agent=by, answered_at=DatabaseNow())
    call.refresh_from_db()
    return call


@act("POST desk:call_number", "tickets.NumberCheck", "tickets.PhoneOrder", "accounts.StaffPhone")
def have_a_number_checked() -> Prepared:
    line()
    who = reached()
    return Sending(browser(who), at("desk:call_number"), {"number": number()}, actor=who.actor)


@act("POST desk:call_out", CALL, "tickets.PhoneLeg", "tickets.PhoneOrder", "tickets.Ticket", "tickets.Message")
def call_a_customer() -> Prepared:
    who = reached()
    case = caller().calls().hangs_up().call.ticket
    assert case is not None
    return Sending(browser(who), at("desk:call_out", case.public_id), {}, actor=who.actor)


@act("POST desk:call_transfer", CALL, "tickets.PhoneOrder", "tickets.Ticket", "tickets.Message")
def transfer_a_call() -> Prepared:
    who = reached()
    call = talking(who)
    assert call.ticket is not None
    given = {"call": call.public_id, "to": f"team:{TeamFactory.create().public_id}"}
    return Sending(browser(who), at("desk:call_transfer", call.ticket.public_id), given, actor=who.actor)


@act("POST desk:call_lead", CALL, "tickets.PhoneLeg", "tickets.PhoneOrder", "tickets.Message")
def ask_a_lead() -> Prepared:
    who, lead = reached(), reached()
    call = talking(who)
    assert call.ticket is not None
    given = {"call": call.public_id, "lead": lead.public_id}
    return Sending(browser(who), at("desk:call_lead", call.ticket.public_id), given, actor=who.actor)


@act("POST desk:call_done", CALL, "tickets.Ticket", "tickets.Message")
def finish_a_call() -> Prepared:
    who = reached()
    call = talking(who)
    call.legs.update(state="ended", ended_at=DatabaseNow())
    PhoneCall.objects.filter(pk=call.pk).update(state="ended", outcome="answered", ended_at=DatabaseNow())
    assert call.ticket is not None
    given = {"call": call.public_id, "disposition": "waits", "note": "Calls again."}
    return Sending(browser(who), at("desk:call_done", call.ticket.public_id), given, actor=who.actor)


def promised() -> PhoneCallback:
    caller().calls().presses("1").waits().presses("1").presses("1")
    return PhoneCallback.objects.latest("pk")


@act("POST desk:call_cancel", "tickets.PhoneCallback", "tickets.Ticket", "tickets.Message")
def call_nobody_back() -> Prepared:
    who, row = person("lead"), promised()
    given = {"callback": row.public_id}
    return Sending(browser(who), at("desk:call_cancel", row.ticket.public_id), given, actor=who.actor)


@act("task tickets.place_callback", "tickets.PhoneCallback", "tickets.Ticket", "tickets.Message")
def find_a_call_back_that_is_too_late() -> Prepared:
    row = promised()
    long_ago = now() - timedelta(days=2)
    given = {"starts_at": long_ago, "ends_at": long_ago + timedelta(minutes=30), "next_attempt_at": long_ago}
    PhoneCallback.objects.filter(pk=row.pk).update(**given)
    return lambda: inbound_tasks.place_callback(row.pk)


def ordered() -> PhoneOrder:
    who = reached()
    line()
    phone_numbers.begin(person=who, number=number())
    return PhoneOrder.objects.latest("pk")


@act("task tickets.deliver_phone_order", "tickets.PhoneOrder")
def place_a_call() -> Prepared:
    row = ordered()
    return with_provider(lambda: outbound_tasks.deliver_phone_order(row.pk))


@act("task tickets.phone_order_failed", "tickets.PhoneOrder")
def tell_of_a_call_not_placed() -> Prepared:
    row = ordered()
    PhoneOrder.objects.filter(pk=row.pk).update(state="failed")
    return lambda: inbound_tasks.phone_order_failed(row.pk)
