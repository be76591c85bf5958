"""The demo's stand-in for the phone's provider: phones that ring, and pages of TwiML that are walked key by key.

What a phone does is signed as the provider signs it and goes to the real endpoint; the worker's calls of the API are
answered. Phones lie in files.
"""

import http.client
import json
import re
import time
import xml.etree.ElementTree as ET
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from twilio.request_validator import RequestValidator

from helpdesk.demo.channels import HookSilent
from tickets.channels.phone.door import SIGNATURE
from tickets.models import PhoneLine
from tickets.services import phone_lines

TIMEOUT_S: Final = 10
SHOWN: Final = 8
# How keys are named in what is said, in the languages that the phone speaks.
NAMED_KEY: Final = re.compile(r"press ([0-9])|按([0-9])")
SOUND: Final = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\x00" * 64
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Phone:
    """One phone in one call: the caller's, or one that was rung; `page` is the TwiML that leads it now."""

    sid: str
    number: str
    is_caller: bool
    page: str = ""
    # Of one that rings: what is asked when somebody picks up, and what hears of its end.
    picked_up_url: str = ""
    over_url: str = ""
    parent: str = ""
    is_over: bool = False
    is_talking: bool = False
    pressed: list[str] = field(default_factory=list)

    @property
    def root(self) -> ET.Element:
        """Return its page, read."""
        return ET.fromstring(self.page or "<Response/>")  # noqa: S314 -- what our own endpoint has just written

    @property
    def verb(self) -> ET.Element | None:
        """Return what is to be done after what is said; None when nothing is."""
        return next((one for one in self.root if one.tag != "Say"), None)

    @property
    def words(self) -> list[str]:
        """Return what is heard."""
        return [one.text or "" for one in self.root.iter("Say")]


def line() -> PhoneLine | None:
    """Return the line that is played with: the oldest active one."""
    return PhoneLine.objects.filter(is_active=True).order_by("pk").first()


def by_account(sid: str, secret: str) -> PhoneLine | None:
    """Return the line with this account and secret; secrets cannot be searched, and there are few."""
    found = PhoneLine.objects.filter(account_sid=sid)
    return next((one for one in found if secret and one.token == secret), None)


def phones(of: PhoneLine) -> list[Phone]:
    """Return the phones that were last used, newest first."""
    names = sorted(_folder(of).glob("*.json"), key=lambda path: path.stem, reverse=True)[:SHOWN]
    return [Phone(**json.loads(path.read_text())) for path in names]


def phone(of: PhoneLine, sid: str) -> Phone | None:
    """Return a phone."""
    return next((one for one in phones(of) if one.sid == sid), None)


def begin(of: PhoneLine, number: str) -> None:
    """Call us. Raises HookSilent."""
    caller = Phone(_sid("CA"), number, is_caller=True)
    _ask(of, caller, phone_lines.hook_url(of, "call"), CallStatus="ringing")


def press(of: PhoneLine, at: Phone, digits: str) -> None:
    """Press keys where they are waited for; none at all lets the time run out. Raises HookSilent."""
    gather, after = at.root.find("Gather"), at.root.find("Redirect")
    if digits and gather is not None:
        at.pressed.append(digits)
        _ask(of, at, gather.get("action", ""), Digits=digits)
    elif after is not None:
        _ask(of, at, after.text or "")
    if at.parent and not at.page.count("<Gather") and not at.is_over:
        at.is_talking = True
        _keep(of, at)


def speak(of: PhoneLine, at: Phone) -> None:
    """Leave a message of some seconds. Raises HookSilent."""
    record = at.root.find("Record")
    if record is not None:
        _ask(of, at, record.get("action", ""), RecordingSid=_sid("RE"), RecordingDuration="7", Digits="hangup")


def pick_up(of: PhoneLine, at: Phone) -> None:
    """Answer a phone that rings, or the one that this phone dials. Raises HookSilent."""
    if at.picked_up_url:
        url, at.picked_up_url = at.picked_up_url, ""
        _ask(of, at, url)
        return
    dialled = at.root.find("Dial/Number")
    if dialled is None:
        dialled = at.root.find("Dial/Client")
    at.is_talking = True
    _keep(of, at)
    if dialled is not None and dialled.get("url"):
        rung = Phone(_sid("CA"), dialled.text or "", is_caller=False, parent=at.sid)
        _ask(of, rung, dialled.get("url", ""), Direction="outbound-dial")


def dial_ends(of: PhoneLine, at: Phone, status: str) -> None:
    """Let what this phone dials end: nobody has picked up, or they have talked. Raises HookSilent."""
    dial = at.root.find("Dial")
    for other in phones(of):
        if other.parent == at.sid and not other.is_over:
            other.is_over = True
            _keep(of, other)
    at.is_talking = False
    if dial is not None and dial.get("action"):
        _ask(of, at, dial.get("action", ""), DialCallStatus=status)


def hang_up(of: PhoneLine, at: Phone, status: str = "completed") -> None:
    """End the call at this phone; whoever dialled it hears of it. Raises HookSilent."""
    at.is_over = True
    _keep(of, at)
    if at.parent:
        parent = phone(of, at.parent)
        if parent is not None and not parent.is_over:
            dial_ends(of, parent, "completed" if at.is_talking else "no-answer")
        return
    over = at.over_url if not at.is_caller else phone_lines.hook_url(of, "status")
    if over:
        _ask(of, at, over, CallStatus=status)


def answer(of: PhoneLine, method: str, path: str, form: dict[str, str]) -> dict[str, Any] | bytes | None:
    """Answer a call of the provider's API, whose path begins after the account; None for what is not played."""
    if (method, path) == ("GET", ".json"):
        return {"sid": of.account_sid, "friendly_name": "Pharos demo", "status": "active"}
    if (method, path) == ("POST", "/Calls.json"):
        rings = Phone(
            _sid("CA"),
            form.get("To", ""),
            is_caller=False,
            picked_up_url=form.get("Url", ""),
            over_url=form.get("StatusCallback", ""),
        )
        _keep(of, rings)
        return {"sid": rings.sid, "status": "queued"}
    if method == "POST" and path.startswith("/Calls/"):
        led = phone(of, path.removeprefix("/Calls/").removesuffix(".json"))
        if led is not None:
            redirect = ET.Element("Response")
            ET.SubElement(redirect, "Redirect").text = form.get("Url", "")
            led.page, led.is_talking = ET.tostring(redirect, encoding="unicode"), False
            _keep(of, led)
        return {"sid": led.sid if led is not None else "", "status": "in-progress"}
    return SOUND if path.startswith("/Recordings/") else None


def _ask(of: PhoneLine, at: Phone, url: str, **more: str) -> None:
    """Ask our endpoint what this phone does next, over the network and signed."""
    form = {
        "CallSid": at.sid, "AccountSid": of.account_sid, "From": at.number if at.is_caller else of.number,
        "To": of.number if at.is_caller else at.number, "CallStatus": "in-progress", "ApiVersion": "2010-04-01",
        "Direction": "inbound" if at.is_caller else "outbound-api",
        **({"ParentCallSid": at.parent} if at.parent else {}), **more,
    }  # fmt: skip
    parts = urlsplit(url)
    headers = {SIGNATURE: str(RequestValidator(of.token).compute_signature(url, form)), "Content-Type": FORM}
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", f"{parts.path}?{parts.query}".rstrip("?"), urlencode(form), headers)
        response = connection.getresponse()
        content = response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise HookSilent(type(error).__name__) from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise HookSilent(str(response.status))
    if not at.is_over:
        at.page = content
    _keep(of, at)
    if at.verb is not None and at.verb.tag == "Hangup" and not at.is_over:
        hang_up(of, at)


def _sid(prefix: str) -> str:
    return f"{prefix}{time.time_ns():032d}"


def _keep(of: PhoneLine, at: Phone) -> None:
    (_folder(of) / f"{at.sid}.json").write_text(json.dumps(asdict(at)))


def _folder(of: PhoneLine) -> Path:
    folder = Path(settings.POSTBOX_DIR).with_name("channels") / of.public_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder
