"""The support PIN on the phone: it says whose the call is, and lets an account be frozen; nothing more follows."""

from typing import Final

from django.db.models import F

from security.models import FreezeOrder
from security.services import freezing, support_pins
from tickets.channels.phone import twiml
from tickets.models import PhoneCall
from tickets.models.phone_calls import MOST_PIN_TRIES
from tickets.services import phone_tickets, phone_words
from tickets.services.phone_turns import Asked, next_url, record

TYPING_S: Final = 10
FREEZE: Final = "1"


def ask_number(call: PhoneCall, before: list[twiml.Said]) -> str:
    """Ask for the customer's number; whoever types none goes on without."""
    said = [*before, *phone_words.said(call.language, phone_words.ASK_NUMBER)]
    after = next_url(call, "number")
    return twiml.ask(said, action=after, otherwise=after, wait_s=TYPING_S, digits=support_pins.NUMBER_DIGITS)


def ask_pin(asked: Asked, call: PhoneCall) -> str:
    """Ask for the PIN that belongs to the number."""
    number = asked.form.get("Digits", "")
    if not number:
        return twiml.go([], to=next_url(call, "reasons"))
    said = phone_words.said(call.language, phone_words.ASK_PIN)
    # The number is no secret; an address may hold it.
    after = next_url(call, "pin", who=number[: support_pins.NUMBER_DIGITS])
    return twiml.ask(said, action=after, otherwise=after, wait_s=TYPING_S, digits=support_pins.DIGITS)


def prove(asked: Asked, call: PhoneCall) -> str:
    """Take number and PIN; after five wrong ones the call goes on without."""
    customer = support_pins.prove(number=str(asked.query.get("who", "")), pin=asked.form.get("Digits", ""))
    if customer is not None:
        call.customer, call.is_pin_proven = customer, True
        PhoneCall.objects.filter(pk=call.pk).update(customer=customer, is_pin_proven=True)
        record("phone.call_proven", call)
        return twiml.go(phone_words.said(call.language, phone_words.PROVEN), to=next_url(call, "reasons"))
    call.pin_tries += 1
    PhoneCall.objects.filter(pk=call.pk).update(pin_tries=F("pin_tries") + 1)
    record("phone.call_not_proven", call)
    if call.pin_tries < MOST_PIN_TRIES:
        return ask_number(call, phone_words.said(call.language, phone_words.NOT_PROVEN))
    return twiml.go(phone_words.said(call.language, phone_words.WITHOUT_PIN), to=next_url(call, "reasons"))


def ask_to_freeze(call: PhoneCall) -> str:
    """Offer the freeze to whose account it is."""
    said = phone_words.said(call.language, phone_words.OFFER_FREEZE)
    after = next_url(call, "freeze")
    return twiml.ask(said, action=after, otherwise=after)


def freeze(asked: Asked, call: PhoneCall) -> str:
    """Freeze the account of whoever has proven that it is theirs and wishes it; little proof is enough."""
    if asked.key != FREEZE or not call.is_pin_proven or call.customer is None:
        return twiml.go([], to=next_url(call, "wait"))
    freezing.freeze(customer=call.customer, source=FreezeOrder.Source.PHONE, actor=call.customer.actor)
    phone_tickets.tell(call, "phone_frozen")
    return twiml.go(phone_words.said(call.language, phone_words.FROZEN), to=next_url(call, "wait"))
