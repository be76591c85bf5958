"""Steady load of the doors that acknowledge: tickets and replies by the API, mail by SMTP; and people reading pages."""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from django.db import connection
from django.db.models import F, Max

from accounts.models import Staff
from tests.cast import open_session
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder, Tally
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message, OutboundMail, Ticket

PAGE_PATIENCE_S = 30
# What a run leaves behind is as much as the machine was slow.
DRAIN_S = 300.0
QUEUE = "/desk/views/open/"
PAGES = (QUEUE, "/api/v1/tickets/")
# What a person reads instead of a stack trace.
CALM = {503: b"Back in a moment", 507: b"Storage is full"}


@dataclass(frozen=True)
class Seen:
    """One page as somebody saw it; status 0 means that nobody answered."""

    at: float
    path: str
    status: int
    seconds: float


@dataclass
class Load:
    """A context: while it is open, each of `acts` is repeated in a thread of its own."""

    ground: Ground
    recorder: Recorder
    pause_s: float = 0.3
    seen: list[Seen] = field(default_factory=list)
    # Threads of the fault's own that ask too; they are waited for at the end.
    crowds: list[threading.Thread] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the people, the mailbox and the case that the load is about."""
        self.name = f"{self.recorder.fault.lower()}-{self.recorder.run}"
        self.box: Mailbox = MailboxFactory.create(slug=self.name, address=f"{self.name}@pharos.test")
        self.person: Staff = StaffFactory.create(role="agent", email=f"{self.name}@cast.test")
        self.token = self.ground.token(self.person, "read", "write")
        self.case = mail_ticket(mailbox=self.box, address=f"{self.name}@example.com")
        # A copy's cookies carry its port.
        self.cookie = f"pharos_session_{self.ground.system.running.values['PORT']}={open_session(self.person)[0]}"

    def __enter__(self) -> Self:
        """Begin."""
        for act in (self.open_ticket, self.open_ticket, self.reply, self.send_mail, self.send_mail, self.read_page):
            thread = threading.Thread(target=self._repeat, args=(act,), daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Begin nothing new; everything begun is answered or given up when this returns."""
        self._stop.set()
        for thread in (*self._threads, *self.crowds):
            thread.join()

    def open_ticket(self) -> None:
        """One POST of a ticket, repeated with its key until it is answered."""
        number = self.recorder.invoke("POST ticket")
        mark = self.recorder.mark(number)
        requester = {"address": f"{self.name}-{number}@example.com"}
        body = {"subject": f"Fault {mark}", "text": f"Where is it? {mark}", "requester": requester}
        self.ground.post_until_answered(self.recorder, number, "/api/v1/tickets/", body, self.token)

    def reply(self) -> None:
        """One reply on the one case that all replies go to."""
        number = self.recorder.invoke("POST reply")
        path = f"/api/v1/tickets/{self.case.public_id}/messages/"
        body = {"text": f"We are looking into it. {self.recorder.mark(number)}"}
        self.ground.post_until_answered(self.recorder, number, path, body, self.token)

    def send_mail(self) -> None:
        """One mail, sent again until it is taken."""
        number = self.recorder.invoke("SMTP mail")
        sender = f"{self.name}-{number}@example.com"
        raw = letter(sender=sender, to=self.box.address, text=f"My deposit is missing. {self.recorder.mark(number)}")
        self.ground.mail_until_taken(self.recorder, number, raw, sender=sender, to=self.box.address)

    def read_page(self) -> None:
        """The queue as a person opens it, and as a program does, once each."""
        for path in PAGES:
            self.get(path)

    def get(self, path: str) -> Seen:
        """Ask once; what a person should never see is noted."""
        started = time.monotonic()
        headers = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") else {"Cookie": self.cookie}
        port = int(self.ground.system.running.values["PORT"])
        client = http.client.HTTPConnection("localhost", port, timeout=PAGE_PATIENCE_S)
        status = 0
        try:
            client.request("GET", path, headers=headers)
            answer = client.getresponse()
            status, body = answer.status, answer.read()
            if status in CALM:
                self._check_refusal(path, answer, body)
            elif status != 200:
                self.ground.notes.append(f"{path} answered {status}")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            client.close()
        seen = Seen(started, path, status, time.monotonic() - started)
        self.seen.append(seen)
        return seen

    def statuses(self) -> str:
        """Say how often each status was seen on pages."""
        counted = sorted(Counter(one.status for one in self.seen).items())
        return "pages: " + ", ".join(f"{count} x {status or 'no answer'}" for status, count in counted)

    def finish(self, *, lease_s: float, beside: "Counter[int] | None" = None) -> Tally:
        """Wait until everything taken is handled and everything owed has left, and count what is there.

        `beside`: what was found of other doors that the fault has used under the same recorder.
        """
        self.ground.wait(self.is_handled, "every mail to be taken in", lease_s=lease_s, patience_s=DRAIN_S)
        self.ground.wait(self.is_sent, "every reply to leave", lease_s=lease_s, patience_s=DRAIN_S)
        note_what_waits(self.ground, self.box)
        mark = f"[{self.recorder.fault}/{self.recorder.run}/"
        opened = Ticket.objects.filter(subject__contains=mark).exclude(channel="chat")
        subjects = opened.values_list("subject", flat=True)
        texts = Message.objects.filter(text__contains=mark, ticket__mailbox=self.box, kind="reply")
        texts = texts.exclude(ticket__subject__contains=mark)
        found = self.recorder.found(subjects) + self.recorder.found(texts.values_list("text", flat=True))
        Mailbox.objects.filter(pk=self.box.pk).update(is_active=False)
        return self.recorder.tally(found + (beside or Counter()))

    def is_handled(self) -> bool:
        """Whether no mail waits to be taken in."""
        return not InboundMail.objects.filter(mailbox=self.box, state="stored").exists()

    def is_sent(self) -> bool:
        """Whether no mail waits to leave."""
        return not OutboundMail.objects.filter(mailbox=self.box, state="queued").exists()

    def slowest(self) -> dict[str, float]:
        """Return the longest that a mail waited to be taken in, and a reply to leave, in seconds."""
        came = InboundMail.objects.filter(mailbox=self.box, handled_at__isnull=False)
        left = OutboundMail.objects.filter(mailbox=self.box, sent_at__isnull=False)
        waits = {
            "in": came.aggregate(wait=Max(F("handled_at") - F("received_at")))["wait"],
            "out": left.aggregate(wait=Max(F("sent_at") - F("created_at")))["wait"],
        }
        return {name: wait.total_seconds() if wait else 0.0 for name, wait in waits.items()}

    def _check_refusal(self, path: str, answer: http.client.HTTPResponse, body: bytes) -> None:
        if not answer.headers["Retry-After"]:
            self.ground.notes.append(f"{path} answered {answer.status} without Retry-After")
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        if not (is_problem if path.startswith("/api/") else CALM[answer.status] in body):
            self.ground.notes.append(f"{path} answered {answer.status} with {body[:80]!r}")

    def _repeat(self, act: Callable[[], None]) -> None:
        try:
            while not self._stop.wait(self.pause_s):
                act()
        except Exception as error:  # noqa: BLE001 -- a load that breaks must show
            self.ground.notes.append(f"the load broke: {type(error).__name__}: {error}")
        finally:
            connection.close()


def note_what_waits(ground: Ground, box: Mailbox) -> None:
    """Tell apart what is lost and what is only not done yet: both are missing."""
    if waiting := InboundMail.objects.filter(mailbox=box, state="stored").count():
        ground.notes.append(f"{waiting} mails are stored and still wait: not done, not lost")
