"""A small Twilio for tests: it signs as Twilio does, walks the TwiML it is given, and its API is real HTTP."""

import json
import threading
import xml.etree.ElementTree as ET
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings as here
from django.test import Client
from pytest_django import Settings
from twilio.request_validator import RequestValidator

from tests.support.small_telegram import HANGS
from tickets.models import PhoneCall, PhoneLine

ACCOUNT, TOKEN = f"AC{'1' * 32}", "12345"
CALL, CALLER, OURS = f"CA{'2' * 32}", "+14158675310", "+18005551212"
RECORDING = f"RE{'3' * 32}"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\x00" * 64
Answer = tuple[int, Any] | str


@dataclass
class SmallTwilio:
    """What its API was asked, and what it says next; a path's last word without a planned answer succeeds."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    planned: dict[str, list[Answer]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def plan(self, name: str, *answers: Answer) -> None:
        self.planned.setdefault(name, []).extend(answers)

    def answer(self, verb: str, path: str, form: dict[str, str], authorization: str) -> Answer:
        if authorization != f"Basic {b64encode(f'{ACCOUNT}:{TOKEN}'.encode()).decode()}":
            return 401, {"code": 20003, "message": "Authenticate"}
        self.asked.append((verb, path, form))
        name = path.rpartition("/")[2]
        if self.planned.get(name):
            return self.planned[name].pop(0)
        if name.endswith(".mp3"):
            return 200, MP3
        if verb == "DELETE":
            return 204, b""
        if name == "Messages.json":
            return 201, {"sid": f"SM{len(self.asked):032d}", "status": "queued"}
        if name == "Calls.json":
            return 201, {"sid": f"CA{len(self.asked):032d}", "status": "queued"}
        return 200, {"sid": ACCOUNT, "friendly_name": "Pharos", "status": "active"}


@contextmanager
def running(twilio: SmallTwilio) -> Iterator[SmallTwilio]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            answer = twilio.answer(self.command, self.path, form, self.headers.get("Authorization", ""))
            if isinstance(answer, str):
                if answer == HANGS:
                    twilio.over.wait()
                self.close_connection = True
                return
            content = answer[1] if isinstance(answer[1], bytes) else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    twilio.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield twilio
    finally:
        twilio.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def small_twilio(settings: Settings) -> Iterator[SmallTwilio]:
    """A small API that this process's settings name."""
    with running(SmallTwilio()) as found:
        settings.PHONE_API_URL = found.url
        yield found


def signature(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


@dataclass
class Caller:
    """Somebody who calls: what is sent for them is signed, what comes back is the next page of their call."""

    line: PhoneLine
    sid: str = CALL
    number: str = CALLER
    page: ET.Element = field(default_factory=lambda: ET.Element("Response"))
    # The last request, to be sent again.
    last: tuple[str, dict[str, str]] = ("", {})
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def url(self, step: str) -> str:
        return f"{here.SITE_URL}/hooks/phone/{self.line.public_id}/{step}/"

    def form(self, **more: str) -> dict[str, str]:
        """Return what Twilio sends with each request of a call, as its page on TwiML for voice lists it."""
        return {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": self.number,
            "To": OURS,
            "CallStatus": "in-progress",
            "ApiVersion": "2010-04-01",
            "Direction": "inbound",
            **more,
        }

    def send(self, url: str, form: dict[str, str], signed: str | None = None) -> tuple[int, str]:
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        answer = self.client.post(
            path,
            urlencode(form),
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature(url, form) if signed is None else signed},
        )
        return answer.status_code, answer.content.decode()

    def ask(self, url: str, **more: str) -> "Caller":
        """Ask for the next page, and read it."""
        self.last = (url, self.form(**more))
        status, body = self.send(*self.last)
        assert status == 200, (status, body)
        self.page = ET.fromstring(body)  # noqa: S314 -- what we have just written
        return self

    def calls(self) -> "Caller":
        return self.ask(self.url("call"), CallStatus="ringing")

    def presses(self, key: str) -> "Caller":
        gather = self.page.find("Gather")
        assert gather is not None, self.words
        return self.ask(gather.attrib["action"], Digits=key, msg="Gather End")

    def waits(self) -> "Caller":
        """Do nothing: what is next comes by itself."""
        after = self.page.find("Redirect")
        assert after is not None, self.words
        return self.ask(after.text or "")

    def hangs_up(self, status: str = "completed") -> "Caller":
        return self.ask(self.url("status"), CallStatus=status, CallDuration="30")

    def speaks(self, sid: str = RECORDING, seconds: str = "12") -> "Caller":
        record = self.page.find("Record")
        assert record is not None, self.words
        where = {"RecordingSid": sid, "RecordingDuration": seconds, "RecordingUrl": f"https://inside.test/{sid}"}
        return self.ask(record.attrib["action"], **where, Digits="hangup")

    @property
    def words(self) -> str:
        return " ".join(one.text or "" for one in self.page.iter("Say"))

    @property
    def verbs(self) -> list[str]:
        return [one.tag for one in self.page]

    @property
    def call(self) -> PhoneCall:
        return PhoneCall.objects.get(sid=self.sid)

    def answered_by(self, key: str = "1") -> tuple[str, str]:
        """Let whom the page rings hear the whisper and press a key; returns both answers."""
        number = self.page.find("Dial/Number")
        assert number is not None, self.verbs
        form = self.form(CallSid=f"{self.sid}-leg", ParentCallSid=self.sid, Direction="outbound-dial")
        _status, heard = self.send(number.attrib["url"], form)
        gather = ET.fromstring(heard).find("Gather")  # noqa: S314 -- as above
        assert gather is not None, heard
        return heard, self.send(gather.attrib["action"], {**form, "Digits": key})[1]

    def ring_is_over(self, status: str = "no-answer") -> "Caller":
        dial = self.page.find("Dial")
        assert dial is not None, self.verbs
        return self.ask(dial.attrib["action"], DialCallStatus=status, DialCallSid=f"{self.sid}-leg")
