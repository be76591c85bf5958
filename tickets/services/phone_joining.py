"""People of ours in a call: what they hear before they take it, calls they make, rooms for several, and the end."""

from collections.abc import Callable
from typing import Final

from core.clock import DatabaseNow
from tickets.channels.phone import twiml
from tickets.models import CallState, NumberCheck, PhoneCall, PhoneLeg
from tickets.services import phone_callbacks, phone_numbers, phone_queue, phone_tickets, phone_words
from tickets.services.phone_turns import Asked, move, url_of

TAKE: Final = "1"
# Who is rung → where the call is while they may take it.
AWAITED: Final = {PhoneLeg.Role.AGENT.value: CallState.RINGING, PhoneLeg.Role.LEAD.value: CallState.TALKING}
OPEN_LEGS: Final = ("ringing", "accepted")


def _whisper(asked: Asked) -> str:
    leg = phone_queue.ringing_leg(asked.line, str(asked.query.get("leg", "")))
    if leg is None or leg.call.state != AWAITED[leg.role]:
        return twiml.hang_up()
    PhoneLeg.objects.filter(pk=leg.pk, sid="").update(sid=asked.sid)
    topic = leg.call.reason.topic if leg.call.reason is not None else None
    language = leg.staff.locale
    said = phone_words.whisper(language, reason=topic.name if topic else "", is_theft=leg.call.is_urgent)
    return twiml.ask(
        said,
        action=url_of(asked.line, "accept", leg=leg.public_id),
        otherwise=url_of(asked.line, "accept", leg=leg.public_id),
        wait_s=phone_queue.ACCEPT_S,
    )


def _accept(asked: Asked) -> str:
    """Join who pressed 1 with the caller; whoever else answered, a mailbox for one, is not."""
    leg = phone_queue.ringing_leg(asked.line, str(asked.query.get("leg", "")))
    if leg is None:
        return twiml.hang_up()
    call = PhoneCall.objects.select_for_update(of=("self",), no_key=True).get(pk=leg.call_id)
    if asked.key != TAKE or call.state != AWAITED[leg.role] or not phone_queue.accept(leg):
        phone_queue.end_leg(leg, is_declined=True)
        return twiml.hang_up()
    if leg.role == PhoneLeg.Role.LEAD:
        phone_tickets.tell(call, "phone_joined", by=leg.staff)
        return twiml.meet(call.public_id, is_caller=False)
    move(call, CallState.TALKING, answered_at=DatabaseNow(), agent=leg.staff)
    phone_tickets.answered(call, by=leg.staff)
    return twiml.nothing()


def _join(asked: Asked) -> str:
    """Lead who has taken a call into its room."""
    leg = PhoneLeg.objects.filter(public_id=str(asked.query.get("leg", "")), call__line=asked.line).first()
    if leg is None or leg.state != PhoneLeg.State.ACCEPTED:
        return twiml.hang_up()
    return twiml.meet(leg.call.public_id, is_caller=False)


def _bridge(asked: Asked) -> str:
    """Somebody of ours has picked up to call a customer: they say that it is them."""
    call = _own_call(asked)
    leg = call.legs.filter(state="ringing").select_related("staff").first() if call is not None else None
    if call is None or leg is None:
        return twiml.hang_up()
    PhoneCall.objects.filter(pk=call.pk, sid="").update(sid=asked.sid)
    after = url_of(asked.line, "bridged", call=call.public_id)
    said = phone_words.said(leg.staff.locale, phone_words.CALLING)
    return twiml.ask(said, action=after, otherwise=after, wait_s=phone_queue.ACCEPT_S)


def _bridged(asked: Asked) -> str:
    call = _own_call(asked)
    leg = call.legs.filter(state="ringing").select_related("staff", "call").first() if call is not None else None
    if call is None or leg is None or call.state != CallState.RINGING:
        return twiml.hang_up()
    if asked.key != TAKE or not phone_queue.accept(leg):
        end(call)
        return twiml.hang_up()
    move(call, CallState.TALKING, answered_at=DatabaseNow())
    action = url_of(asked.line, "called", call=call.public_id)
    return twiml.call(call.number, action=action, caller_id=call.line.number)


def _called(asked: Asked) -> str:
    """The call to a customer is over: they were reached, or not."""
    call = _own_call(asked)
    if call is not None and call.state == CallState.TALKING:
        end(call, is_reached=asked.form.get("DialCallStatus") == "completed")
    return twiml.hang_up()


def _over(asked: Asked) -> str:
    """A call that we placed has ended, whether somebody picked up or not."""
    call = _own_call(asked)
    if call is not None:
        end(call)
    leg = PhoneLeg.objects.filter(public_id=str(asked.query.get("leg", "")), call__line=asked.line).first()
    if leg is not None:
        phone_queue.end_leg(leg)
    return twiml.nothing()


def _check(asked: Asked) -> str:
    """Ask whoever has picked up for what the screen of the person shows whose number this is said to be."""
    check = NumberCheck.objects.filter(public_id=str(asked.query.get("check", ""))).select_related("staff").first()
    if check is None:
        return twiml.hang_up()
    after = url_of(asked.line, "checked", check=check.public_id)
    said = phone_words.said(check.staff.locale, phone_words.TYPE_CODE)
    return twiml.ask(said, action=after, otherwise=after, wait_s=20, digits=phone_numbers.DIGITS)


def _checked(asked: Asked) -> str:
    is_right = phone_numbers.settle(check=str(asked.query.get("check", "")), given=asked.form.get("Digits", ""))
    return twiml.hang_up(phone_words.said("", phone_words.CHECKED if is_right else phone_words.NOT_CHECKED))


def end(call: PhoneCall, *, is_reached: bool = True) -> None:
    """End a call, once: what nobody answered becomes a ticket. The caller holds its row."""
    if call.state == CallState.ENDED:
        return
    for leg in call.legs.filter(state__in=OPEN_LEGS).select_related("staff", "call"):
        phone_queue.end_leg(leg)
    if call.answered_at is not None and is_reached:
        outcome = PhoneCall.Outcome.ANSWERED
    elif call.recordings.exists():
        outcome = PhoneCall.Outcome.VOICEMAIL
    elif call.callbacks.exists():
        outcome = PhoneCall.Outcome.CALLBACK
    else:
        outcome = PhoneCall.Outcome.MISSED
    move(call, CallState.ENDED, ended_at=DatabaseNow(), outcome=outcome)
    phone_tickets.ended(call)
    if call.direction == PhoneCall.Direction.OUT:
        phone_callbacks.ended(call)


def _own_call(asked: Asked) -> PhoneCall | None:
    """Return the call that we placed, locked."""
    rows = PhoneCall.objects.select_for_update(of=("self",), no_key=True).filter(line=asked.line, direction="out")
    return rows.select_related("line", "ticket").filter(public_id=str(asked.query.get("call", ""))).first()


STEPS: Final[dict[str, Callable[[Asked], str]]] = {
    "whisper": _whisper,
    "accept": _accept,
    "join": _join,
    "bridge": _bridge,
    "bridged": _bridged,
    "called": _called,
    "over": _over,
    "check": _check,
    "checked": _checked,
}
