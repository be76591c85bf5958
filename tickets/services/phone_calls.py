"""A call, step by step: menu, hours, queue, voice message and end. Each step is one answer to the provider.

Within the caller's transaction, which holds the event. Lock order: event, call, ticket, person, leg.
"""

from collections.abc import Callable
from typing import Final

from django.db.models import F

from core import audit
from core.clock import DatabaseNow
from tickets.channels.phone import twiml
from tickets.models import CallState, PhoneCall, PhoneLeg, PhoneReason, PhoneRecording
from tickets.models.phone import E164
from tickets.selectors import phone as waits
from tickets.selectors import phone_slots
from tickets.services import (
    phone_callbacks,
    phone_joining,
    phone_proving,
    phone_queue,
    phone_recordings,
    phone_tickets,
    phone_words,
)
from tickets.services.phone_turns import Asked, move, next_url, record, url_of

# What the provider says of a call that is over.
OVER: Final = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
BE_CALLED, LEAVE_MESSAGE, AGREE = "1", "2", "1"


def act(asked: Asked) -> str:
    """Do what a step asks for and return the next, as TwiML. What belongs to an earlier turn changes nothing."""
    if asked.step in phone_joining.STEPS:
        return phone_joining.STEPS[asked.step](asked)
    call = _call(asked)
    if call is None:
        return twiml.hang_up()
    if asked.step in AT_ANY_TURN:
        return AT_ANY_TURN[asked.step](asked, call)
    if call.state == CallState.ENDED or (asked.step != "call" and asked.query.get("n") != str(call.turn)):
        return twiml.nothing()
    if asked.step == "call" and call.turn:
        return twiml.nothing()
    call.turn += 1
    PhoneCall.objects.filter(pk=call.pk).update(turn=F("turn") + 1, seen_at=DatabaseNow())
    return IN_TURN[asked.step](asked, call)


def _call(asked: Asked) -> PhoneCall | None:
    """Return the call, locked; the first step of an incoming one writes it."""
    if not asked.sid:
        return None
    if asked.step == "call":
        number = asked.form.get("From", "")
        row = PhoneCall(
            line=asked.line,
            sid=asked.sid,
            direction=PhoneCall.Direction.IN,
            number=number if E164.match(number) else "",
        )
        PhoneCall.objects.bulk_create([row], ignore_conflicts=True)
        if PhoneCall.objects.filter(public_id=row.public_id).exists():
            audit.record("phone.call_came", actor=audit.SYSTEM, obj=("phone_call", row.public_id))
    found = PhoneCall.objects.select_for_update(of=("self",), no_key=True).filter(line=asked.line, sid=asked.sid)
    return found.select_related("line__team", "line__calendar", "reason", "ticket", "team", "customer").first()


def _begin(asked: Asked, call: PhoneCall) -> str:
    languages = asked.line.languages
    if len(languages) == 1:
        return _speak(call, languages[0], phone_words.said(languages[0], phone_words.GREETING))
    said = phone_words.choices_of_language(languages)
    return twiml.ask(said, action=next_url(call, "language"), otherwise=next_url(call, "language"))


def _choose_language(asked: Asked, call: PhoneCall) -> str:
    languages = asked.line.languages
    chosen = int(asked.key) if asked.key.isdecimal() else 1
    return _speak(call, languages[chosen - 1] if 1 <= chosen <= len(languages) else languages[0], [])


def _speak(call: PhoneCall, language: str, before: list[twiml.Said]) -> str:
    call.language = language
    PhoneCall.objects.filter(pk=call.pk).update(language=language)
    record("phone.language_chosen", call)
    if call.line.asks_pin:
        return phone_proving.ask_number(call, before)
    return _ask_reason(call, before, is_first=True)


def _reasons(asked: Asked, call: PhoneCall) -> str:
    return _ask_reason(call, [], is_first=True)


def _ask_reason(call: PhoneCall, before: list[twiml.Said], *, is_first: bool) -> str:
    reasons = list(call.line.reasons.all())
    if not reasons:
        return _enter(call, None, before)
    said = [*before, *phone_words.choices_of_reason(reasons, call.language)]
    after = next_url(call, "reason", **({} if is_first else {"again": 1}))
    return twiml.ask(said, action=after, otherwise=after)


def _choose_reason(asked: Asked, call: PhoneCall) -> str:
    """Take the reason; who presses nothing that is one hears the menu once more, then goes on without."""
    reason = PhoneReason.objects.filter(line=call.line, key=int(asked.key) if asked.key.isdecimal() else 0).first()
    if reason is None and "again" not in asked.query:
        return _ask_reason(call, [], is_first=False)
    return _enter(call, reason, [])


def _enter(call: PhoneCall, reason: PhoneReason | None, before: list[twiml.Said]) -> str:
    """Open the ticket, and let the call wait for somebody, or leave a message where nobody is there."""
    is_urgent = reason is not None and reason.is_theft
    call.reason, call.is_urgent = reason, is_urgent
    PhoneCall.objects.filter(pk=call.pk).update(reason=reason, is_urgent=is_urgent)
    phone_tickets.open_for(call)
    said = [*before, *(phone_words.said(call.language, phone_words.THEFT) if is_urgent else [])]
    if not waits.is_open(call.line):
        said += phone_words.said(call.language, phone_words.CLOSED)
        return phone_callbacks.offer(call, said) or _take_message(call, said)
    move(call, CallState.QUEUED, queued_at=DatabaseNow())
    phone_tickets.tell(call, "phone_queued")
    if is_urgent and call.is_pin_proven:
        return phone_proving.ask_to_freeze(call)
    if call.line.records_calls:
        said += phone_words.consent(call.line, call.language)
        return twiml.ask(said, action=next_url(call, "consent"), otherwise=next_url(call, "consent"))
    return twiml.go(said, to=next_url(call, "wait"))


def _consent(asked: Asked, call: PhoneCall) -> str:
    """Note that the caller agrees to a recording; any other key, or none, is a no."""
    if asked.key == AGREE:
        PhoneCall.objects.filter(pk=call.pk).update(recording_agreed_at=DatabaseNow())
        record("phone.recording_agreed", call)
        phone_tickets.tell(call, "phone_agreed")
    return twiml.go([], to=next_url(call, "wait"))


def _wait(asked: Asked, call: PhoneCall) -> str:
    """Ring somebody if it is this call's turn; else say its place, and ask again."""
    if call.state != CallState.QUEUED:
        return twiml.nothing()
    if asked.key == LEAVE_MESSAGE or waits.has_waited_too_long(call):
        return _take_message(call, [])
    offered = phone_callbacks.offer(call, []) if asked.key == BE_CALLED else ""
    if offered:
        return offered
    leg = phone_queue.ring_next(call)
    if leg is not None:
        move(call, CallState.RINGING)
        return _ring(call, leg)
    said = phone_words.place(
        call.language,
        position=waits.position(call),
        usual=waits.usual_wait(call.line),
        may_be_called=phone_slots.may_be_called_back(call),
    )
    after = next_url(call, "wait")
    return twiml.ask(said, action=after, otherwise=after, wait_s=phone_queue.ASK_AGAIN_S)


def _slot(asked: Asked, call: PhoneCall) -> str:
    """Take the slot that was chosen; whoever chose none waits on, or leaves a message where nobody is there."""
    slot = phone_callbacks.chosen(asked, call)
    if slot is not None:
        phone_callbacks.promise(call, slot)
        phone_joining.end(call)
        return twiml.hang_up(phone_words.promised(call.language, slot))
    if call.state == CallState.QUEUED and asked.key != phone_callbacks.LEAVE_MESSAGE:
        return twiml.go([], to=next_url(call, "wait"))
    return _take_message(call, [])


def _ring(call: PhoneCall, leg: PhoneLeg) -> str:
    return twiml.ring(
        phone_queue.reached(leg),
        whisper=url_of(call.line, "whisper", leg=leg.public_id),
        action=next_url(call, "dialed", leg=leg.public_id),
        wait_s=phone_queue.RING_S,
        caller_id=call.line.number,
        recorded_to=url_of(call.line, "recording", kind="talk") if call.recording_agreed_at else "",
    )


def _dialed(asked: Asked, call: PhoneCall) -> str:
    """A ring is over: the call has ended if they talked, else the next one is rung."""
    leg = phone_queue.leg_of(call, str(asked.query.get("leg", "")))
    if leg is None:
        return twiml.nothing()
    if call.state == CallState.TALKING and call.is_conference:
        return twiml.meet(call.public_id, is_caller=True)
    phone_queue.end_leg(leg)
    if call.state == CallState.TALKING:
        phone_joining.end(call)
        return twiml.hang_up()
    if call.state == CallState.RINGING:
        move(call, CallState.QUEUED)
        return twiml.go([], to=next_url(call, "wait"))
    return twiml.nothing()


def _transferred(asked: Asked, call: PhoneCall) -> str:
    """The caller was led away from who had the call: they wait for the next, at the place that they have had."""
    if call.state != CallState.TALKING:
        return twiml.nothing()
    for leg in call.legs.filter(state__in=["ringing", "accepted"]).select_related("staff", "call"):
        phone_queue.end_leg(leg)
    move(call, CallState.QUEUED)
    return twiml.go(phone_words.said(call.language, phone_words.TRANSFERRED), to=next_url(call, "wait"))


def _take_message(call: PhoneCall, before: list[twiml.Said]) -> str:
    move(call, CallState.VOICEMAIL)
    said = [*before, *phone_words.said(call.language, phone_words.LEAVE)]
    return twiml.record(said, action=next_url(call, "recorded"), callback=url_of(call.line, "recording"))


def _recorded(asked: Asked, call: PhoneCall) -> str:
    kept = phone_recordings.owe(call=call, form=asked.form)
    return twiml.hang_up(phone_words.said(call.language, phone_words.THANKS if kept else phone_words.NO_MESSAGE))


def _recording(asked: Asked, call: PhoneCall) -> str:
    is_talk = asked.query.get("kind") == PhoneRecording.Kind.TALK
    phone_recordings.owe(call=call, form=asked.form, is_talk=is_talk)
    return twiml.nothing()


def _status(asked: Asked, call: PhoneCall) -> str:
    if asked.form.get("CallStatus") in OVER:
        phone_joining.end(call)
    return twiml.nothing()


IN_TURN: Final[dict[str, Callable[[Asked, PhoneCall], str]]] = {
    "call": _begin,
    "language": _choose_language,
    "number": phone_proving.ask_pin,
    "pin": phone_proving.prove,
    "reasons": _reasons,
    "reason": _choose_reason,
    "freeze": phone_proving.freeze,
    "wait": _wait,
    "slot": _slot,
    "consent": _consent,
    "dialed": _dialed,
    "transferred": _transferred,
    "recorded": _recorded,
}
AT_ANY_TURN: Final[dict[str, Callable[[Asked, PhoneCall], str]]] = {"status": _status, "recording": _recording}
STEPS: Final = frozenset({*IN_TURN, *AT_ANY_TURN, *phone_joining.STEPS})
