"""Reading what comes from a number, and what became of ours. Whatever is in it is a stranger's."""

import hashlib
import mimetypes
import re
from typing import Final

from django.utils import timezone

from tickets.channels.sms.door import fields
from tickets.channels.sms.outcomes import refusal
from tickets.channels.social.shapes import (
    ASKS_FOR_HELP,
    OPTS_IN,
    OPTS_OUT,
    Act,
    Envelope,
    Incoming,
    Nothing,
    Profile,
    Receipt,
    RemoteFile,
    Unreadable,
    VendorRefused,
)
from tickets.models import SocialAccount

# Exactly as providers number messages: a signed form that is cut up otherwise names no message.
SID: Final = re.compile(r"(?:[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
NUMBER: Final = re.compile(r"\+?[0-9]{3,15}\Z")
MOST_FILES: Final = 10
# A message that is one of these words and nothing else, in any case.
WORDS: Final = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), OPTS_OUT),
    **dict.fromkeys(("STOPP", "ARRET", "ARRÊT", "TD", "退订"), OPTS_OUT),
    **dict.fromkeys(("START", "UNSTOP"), OPTS_IN),
    **dict.fromkeys(("HELP", "INFO"), ASKS_FOR_HELP),
}
# The provider has seen such a word, in whatever language its own list has it, and has answered it.
BY_PROVIDER: Final = {"STOP": OPTS_OUT, "START": OPTS_IN, "HELP": ASKS_FOR_HELP}
NO_PICTURES: Final = "Pictures that come by MMS are not fetched."


def envelope(raw: bytes) -> Envelope:
    """Return the event's name and whose conversation it is of."""
    form = fields(raw)
    sid, state = _sid(form), _state(form)
    person = _number(form, "To" if state else "From")
    if not sid:
        return Envelope(f"sha256:{hashlib.sha256(raw).hexdigest()}", person)
    return Envelope(f"status:{sid}:{state[:40]}" if state else sid, person)


def parse(raw: bytes) -> Incoming | Receipt | Nothing:
    """Read an event. Raises Unreadable."""
    form = fields(raw)
    sid = _sid(form)
    if not sid:
        raise Unreadable("This names no message.")
    return _receipt(form, sid) if _state(form) else _message(form, sid)


def fetch(account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
    """Raise VendorRefused: pictures are left out."""
    raise VendorRefused(NO_PICTURES)


def _message(form: dict[str, str], sid: str) -> Incoming:
    person, words = _number(form, "From"), form.get("Body", "")
    if not person:
        raise Unreadable("The sender has no number that could be answered.")
    plain = words.strip().strip(".!").upper()
    command = BY_PROVIDER.get(form.get("OptOutType", ""), "")
    act: Act = "command" if command or plain in WORDS else "message"
    files = _files(form)
    return Incoming(
        act=act,
        chat_id=person,
        item_id=sid,
        # Nobody says what they are called; a number is shown masked, as contact data is.
        writer=Profile(person, ""),
        text=words or ("" if files else "[empty]"),
        command=command or WORDS.get(plain, ""),
        files=files,
        said_to=form.get("To", "")[:64],
        is_answered=bool(command),
    )


def _files(form: dict[str, str]) -> tuple[RemoteFile, ...]:
    said = form.get("NumMedia", "")
    count = min(int(said), MOST_FILES) if said.isdecimal() and len(said) < 3 else 0
    types = [form.get(f"MediaContentType{place}", "").partition(";")[0].strip().lower() for place in range(count)]
    return tuple(
        RemoteFile(str(place), f"file{place + 1}{mimetypes.guess_extension(one) or ''}")
        for place, one in enumerate(types)
    )


def _receipt(form: dict[str, str], sid: str) -> Receipt | Nothing:
    person, state = _number(form, "To"), _state(form)
    if not person:
        raise Unreadable("The receipt names no number.")
    # Providers do not say when: now is when we heard of it.
    at = timezone.now()
    if state in {"delivered", "read"}:
        return Receipt(person, "read" if state == "read" else "delivered", at, (sid,))
    if state not in {"failed", "undelivered"}:
        return Nothing("not_wanted")
    code = form.get("ErrorCode", "")
    number = int(code) if code.isdecimal() and len(code) <= 6 else 0
    said = f"The SMS provider says {number}." if number else "The SMS was not delivered."
    return Receipt(person, "failed", at, (sid,), detail=refusal(number) or said)


def _sid(form: dict[str, str]) -> str:
    sid = form.get("MessageSid", "")
    return sid if SID.match(sid) else ""


def _state(form: dict[str, str]) -> str:
    """Return what became of a message of ours; empty for one of theirs."""
    state = form.get("MessageStatus", "")
    return "" if state == "received" else state


def _number(form: dict[str, str], name: str) -> str:
    number = form.get(name, "")
    return number if NUMBER.match(number) else ""
