"""What the phone says, in the caller's language. None of it tells anything about a customer."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.clock import now
from tickets.channels.phone.twiml import Said
from tickets.models import PhoneLine, PhoneReason
from tickets.selectors.phone_slots import Slot

# Spoken in the language that it names.
CHOOSE = {
    "en": "For English, press %(key)s.",
    "zh-hans": "中文请按%(key)s。",
}
GREETING = gettext_lazy("Welcome to support. We never ask you to say a password, a code or a seed phrase.")
SORRY = gettext_lazy("Something went wrong on our side. Please call again, or write to us.")
CLOSED = gettext_lazy("Nobody is here at this time.")
LEAVE = gettext_lazy(
    "Please leave a message after the tone. Say no password and no code. Press the hash key to end it."
)
THANKS = gettext_lazy("Thank you. We have your message. Goodbye.")
NO_MESSAGE = gettext_lazy("We heard nothing. Goodbye.")
TRANSFERRED = gettext_lazy("You are being transferred. You keep your place.")
CALLING = gettext_lazy("Your call to a customer. To be connected, press 1.")
TYPE_CODE = gettext_lazy("Type the six digits that your screen shows.")
CHECKED = gettext_lazy("This number is yours. Goodbye.")
NOT_CHECKED = gettext_lazy("These were not the digits. Goodbye.")
ASK_NUMBER = gettext_lazy(
    "If you are signed in at our site, type the nine digits of your number on the phone. Else press the hash key."
)
ASK_PIN = gettext_lazy("Now type the six digits of your support PIN. Say them to nobody.")
PROVEN = gettext_lazy("Thank you. We know who calls.")
NOT_PROVEN = gettext_lazy("These do not belong together, or are used up.")
WITHOUT_PIN = gettext_lazy("We go on without the PIN.")
OFFER_FREEZE = gettext_lazy("You go to the front. To freeze your account at once, press 1. To go on waiting, press 2.")
FROZEN = gettext_lazy("Your account is frozen: nothing leaves it. Stay on the line.")
THEFT = gettext_lazy(
    "You go to the front. You can freeze your account yourself at once: sign in at our site and choose freeze, or use "
    "the freeze link in any mail of ours."
)


def said(language: str, *texts: object) -> list[Said]:
    """Return these texts in a language."""
    with translation.override(language or settings.LANGUAGE_CODE):
        return [Said(str(text), language) for text in texts if str(text)]


def choices_of_language(languages: Sequence[str]) -> list[Said]:
    """Return the menu of languages, each in its own."""
    greeting = [one for language in languages for one in said(language, GREETING)]
    named = [Said(CHOOSE[code] % {"key": key}, code) for key, code in enumerate(languages, 1) if code in CHOOSE]
    return greeting + named


def choices_of_reason(reasons: Iterable[PhoneReason], language: str) -> list[Said]:
    """Return the menu of reasons."""
    with translation.override(language):
        asked = [
            _("%(reason)s: press %(key)s.")
            % {"reason": (one.words_zh_hans if language == "zh-hans" else "") or one.words, "key": one.key}
            for one in reasons
        ]
    return [Said(text, language) for text in asked]


def place(language: str, *, position: int, usual: timedelta | None, may_be_called: bool) -> list[Said]:
    """Return the place in the queue, and how long callers have waited lately, where that was measured."""
    with translation.override(language):
        texts = [_("You are number %(place)s in the queue.") % {"place": position}]
        if usual is not None:
            minutes = max(1, round(usual.total_seconds() / 60))
            texts.append(
                ngettext(
                    "Callers of the last two hours waited about one minute.",
                    "Callers of the last two hours waited about %(minutes)s minutes.",
                    minutes,
                )
                % {"minutes": minutes}
            )
        if may_be_called:
            texts.append(_("To be called back instead, press 1."))
        texts.append(_("To leave a message instead, press 2."))
    return [Said(text, language) for text in texts]


def consent(line: PhoneLine, language: str) -> list[Said]:
    """Return the question whether the talk may be recorded: the line's words, or ours, and which key says yes."""
    with translation.override(language):
        own = line.consent_words_zh_hans if language == "zh-hans" else line.consent_words
        texts = [
            own or _("May we record the talk, to check what was said? It is deleted after some time."),
            _("To agree, press 1. If not, press 2: nothing is recorded."),
        ]
    return [Said(text, language) for text in texts]


def slots(language: str, found: Sequence[Slot], *, waits: bool) -> list[Said]:
    """Return the choice of when to be called; times are those of the line's clock, whose place is said."""
    with translation.override(language):
        texts = [_("You can be called back. All times are those of %(place)s.") % {"place": _place_of(found[0].zone)}]
        texts += [
            _("%(when)s: press %(key)s.") % {"when": _when(slot), "key": key} for key, slot in enumerate(found, 1)
        ]
        texts.append(_("To leave a message, press 8."))
        if waits:
            texts.append(_("To go on waiting, press 9."))
    return [Said(text, language) for text in texts]


def promised(language: str, slot: Slot) -> list[Said]:
    """Return what is promised, and how to know that it is us: we ask for nothing."""
    with translation.override(language):
        texts = [
            _("We call you %(when)s.") % {"when": _when(slot)},
            _("Whoever calls never asks for a password, a code or a seed phrase. Goodbye."),
        ]
    return [Said(text, language) for text in texts]


def _when(slot: Slot) -> str:
    """Return a slot in words, within whatever language is active."""
    times = {"from": date_format(slot.starts_at, "H:i"), "until": date_format(slot.ends_at, "H:i")}
    days = (slot.starts_at.date() - now().astimezone(slot.starts_at.tzinfo).date()).days
    if days == 0:
        return _("today between %(from)s and %(until)s") % times
    if days == 1:
        return _("tomorrow between %(from)s and %(until)s") % times
    times["day"] = date_format(slot.starts_at, "l")
    return _("on %(day)s between %(from)s and %(until)s") % times


def _place_of(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def whisper(language: str, *, reason: str, is_theft: bool) -> list[Said]:
    """Return what the person of ours hears before they take a call."""
    with translation.override(language):
        first = _("An urgent support call.") if is_theft else _("A support call.")
        texts = [first, reason, _("To take it, press 1. To pass it on, press 2 or hang up.")]
    return [Said(text, language) for text in texts if text]
