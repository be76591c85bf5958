"""Calls to the provider's API: by HTTPS to the configured host alone, signed in by header, no redirect, bounded."""

import base64
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from tickets.channels.social.calling import Form, NotHandedOver, Request, Response, Vendor, json_object
from tickets.channels.social.shapes import HandOver, VendorAway, VendorRefused
from tickets.models import PhoneLine

PROVIDER: Final = Vendor("PHONE_API_URL", "The phone provider")
# How providers number what they keep.
SID: Final = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
NOT_FOUND: Final = 404
MOST_BYTES: Final = 64 * 1024


def who_are_we(line: PhoneLine) -> str:
    """Return how the provider calls the account. Raises VendorAway, VendorRefused."""
    answer = _ask(line, ".json")
    name = json_object(answer.content).get("friendly_name")
    return name[:80] if isinstance(name, str) and name else line.account_sid


def recording(line: PhoneLine, sid: str, *, limit: int) -> bytes:
    """Return a recording as MP3, of at most `limit` bytes. Raises VendorAway, also while it is not there yet.

    Its address is made of ids alone: one that somebody sent us is never asked.
    """
    if not SID.match(sid):
        raise VendorRefused("This is no id of a recording.")
    content = _ask(line, f"/Recordings/{sid}.mp3", limit=limit + 1).content
    if len(content) > limit:
        raise VendorRefused("The recording is too large.")
    return content


def delete_recording(line: PhoneLine, sid: str) -> None:
    """Have a recording deleted; one that is not there is. Raises VendorAway, VendorRefused."""
    if not SID.match(sid):
        raise VendorRefused("This is no id of a recording.")
    try:
        answer = PROVIDER.ask(_request(line, "DELETE", f"/Recordings/{sid}.json"), limit=MOST_BYTES)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if answer.status >= 500 or answer.status == 429:
        raise VendorAway(f"The phone provider says {answer.status}.")
    if answer.status not in {200, 204, NOT_FOUND}:
        raise VendorRefused(f"The phone provider says {answer.status}.")


def place(line: PhoneLine, number: str, *, url: str, status_url: str, hand_over: HandOver) -> str:
    """Call somebody, who is then led by what `url` answers; return the provider's id of the call.

    Raises NotHandedOver when nothing has left, VendorAway when nobody knows, VendorRefused.
    """
    given = {"To": number, "From": line.number, "Url": url, "Method": "POST", "Timeout": "25"}
    return _sid(_post(line, "/Calls.json", {**given, "StatusCallback": status_url}, hand_over))


def redirect(line: PhoneLine, sid: str, *, url: str, hand_over: HandOver) -> str:
    """Lead a call that goes on to what `url` answers. Raises as `place` does."""
    if not SID.match(sid):
        raise VendorRefused("This is no id of a call.")
    return _sid(_post(line, f"/Calls/{sid}.json", {"Url": url, "Method": "POST"}, hand_over))


def _sid(answer: Response) -> str:
    found = json_object(answer.content).get("sid")
    return found if isinstance(found, str) and SID.match(found) else ""


def _post(line: PhoneLine, path: str, given: Mapping[str, str], hand_over: HandOver) -> Response:
    form = Form(urlencode(given).encode(), "application/x-www-form-urlencoded")
    answer = PROVIDER.ask(_request(line, "POST", path, form), hand_over=hand_over, limit=MOST_BYTES)
    if answer.status >= 500:
        raise VendorAway(f"The phone provider says {answer.status}.")
    if answer.status not in {200, 201}:
        raise VendorRefused(f"The phone provider says {answer.status}.")
    return answer


def _request(line: PhoneLine, method: str, path: str, form: Form | None = None) -> Request:
    signed = base64.b64encode(f"{line.account_sid}:{line.token}".encode()).decode()
    account = f"/2010-04-01/Accounts/{quote(line.account_sid, safe='')}"
    return Request(method, f"{account}{path}", form, {"Authorization": f"Basic {signed}"})


def _ask(line: PhoneLine, path: str, *, limit: int = MOST_BYTES) -> Response:
    try:
        answer = PROVIDER.ask(_request(line, "GET", path), limit=limit)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if answer.status >= 500 or answer.status in {429, NOT_FOUND}:
        raise VendorAway(f"The phone provider says {answer.status}.")
    if answer.status != 200:
        raise VendorRefused(f"The phone provider says {answer.status}.")
    return answer
