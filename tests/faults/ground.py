"""What a fault runs on: the running system, its owner's connection, a clock that can be moved, clients of every door."""

import http.client
import json
import smtplib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import psycopg
from django.db import connection

from accounts.models import Staff
from core.audit import SYSTEM
from security.services import api_tokens
from tests.faults.own_server import OwnServer
from tests.faults.recorder import Recorder
from tests.support import moved_clock
from tests.support.databases import TestStores
from tests.support.system import RunningSystem

PATIENCE_S = 60.0
RETRY_S = 0.1
POST_S = 30
# After everything was broken on a busy machine; what is late beyond a minute is judged by the rows themselves.
READY_S = 180.0


@dataclass(frozen=True)
class Attempt:
    """One POST as its client saw it; status 0 means that there was no whole answer, `why` says how it ended."""

    at: float
    status: int
    seconds: float
    why: str = ""


@dataclass
class Ground:
    """Patient ground waits as long as it takes; otherwise the database's clock is moved over leases and pauses."""

    system: RunningSystem
    stores: TestStores
    owner: "psycopg.Connection[Any]"
    random: Random
    rounds: int
    is_patient: bool
    # The stores under the system when nobody else uses them: those may be broken.
    server: OwnServer | None = None
    notes: list[str] = field(default_factory=list)
    ahead: timedelta = timedelta()
    # Every POST made here, also those that were repeated.
    attempts: list[Attempt] = field(default_factory=list)

    def token(self, person: Staff, *scopes: str) -> str:
        """Return the secret of a new token."""
        return api_tokens.issue(person=person, name="faults", scopes=scopes, actor=SYSTEM)[1]

    def pass_time(self, seconds: float) -> None:
        """Let this much time be over for the database; patient ground lets the waiting itself do it."""
        if not self.is_patient:
            self.move(timedelta(seconds=seconds))

    def move(self, by: timedelta) -> None:
        """Move the database's clock, on or back, on patient ground too: nobody waits for the next day."""
        self.ahead += by
        moved_clock.set_ahead(self.owner, self.ahead)

    def wait(
        self, condition: Callable[[], bool], what: str, *, lease_s: float = 0, patience_s: float = PATIENCE_S
    ) -> float:
        """Wait at most `patience_s` for `condition` and return how long it took; a note when it never came true.

        `lease_s` is what may have to run out before it can.
        """
        started = time.monotonic()
        if lease_s and not condition():
            self.pass_time(lease_s)
        while not condition():
            if time.monotonic() - started > patience_s:
                self.notes.append(f"waited {patience_s:.0f} s in vain for {what}")
                break
            time.sleep(RETRY_S)
        return time.monotonic() - started

    def wait_until_ready(self) -> float:
        """Wait until every part is well and return how long it took; a note says which part never was."""
        said: dict[str, Any] = {}

        def is_ready() -> bool:
            nonlocal said
            said = self.system.readiness()
            return said.get("status") == "ready"

        waited = self.wait(is_ready, "every part to be well again", patience_s=READY_S)
        if bad := [f"{name}: {check['detail']}" for name, check in said.get("checks", {}).items() if not check["ok"]]:
            self.notes.append(f"not well: {', '.join(bad)}")
        return waited

    def post(self, path: str, body: Any, *, token: str, key: str) -> tuple[int, Any]:
        """Make one attempt; raises OSError or http.client.HTTPException when there was no whole answer."""
        given = body if isinstance(body, bytes) else json.dumps(body).encode()
        content_type = "message/rfc822" if isinstance(body, bytes) else "application/json"
        client = http.client.HTTPConnection("127.0.0.1", int(self.system.running.values["PORT"]), timeout=POST_S)
        started, status, why = time.monotonic(), 0, ""
        try:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type, "Idempotency-Key": key}
            client.request("POST", path, given, headers)
            answer = client.getresponse()
            said = json.loads(answer.read())
            if answer.status in (503, 507) and not answer.headers["Retry-After"]:
                self.notes.append(f"{answer.status} without Retry-After for {key}")
            status = answer.status
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = type(error).__name__
            raise
        else:
            return status, said
        finally:
            client.close()
            self.attempts.append(Attempt(started, status, time.monotonic() - started, why))

    def post_until_answered(self, recorder: Recorder, number: int, path: str, body: Any, token: str) -> None:
        """Do what a good client does: ask again with the same key until there is an answer, and record it."""
        give_up = time.monotonic() + PATIENCE_S
        why = "never answered"
        while time.monotonic() < give_up:
            try:
                status, said = self.post(path, body, token=token, key=recorder.mark(number))
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = type(error).__name__
                time.sleep(RETRY_S)
                continue
            if status < 300:
                recorder.ok(number)
                return
            if status == 500:
                self.notes.append(f"500 for number {number}: {said}")
            if status < 500:
                recorder.fail(number, f"{status} {said}")
                return
            why = str(status)
            time.sleep(RETRY_S)
        recorder.unknown(number, why)

    def mail(self, recorder: Recorder, number: int, raw: bytes, *, sender: str, to: str) -> None:
        """Hand one mail to the listener once, as our mail exchanger does, and record its answer.

        A 4xx leaves the mail with the sender, who will come again: whether it is here nobody knows yet.
        """
        try:
            self._hand_over(raw, sender=sender, to=to)
        except smtplib.SMTPResponseException as refused:
            record = recorder.fail if refused.smtp_code >= 500 else recorder.unknown
            record(number, str(refused.smtp_code))
        except (OSError, smtplib.SMTPException) as error:
            recorder.unknown(number, type(error).__name__)
        else:
            recorder.ok(number)

    def mail_until_taken(self, recorder: Recorder, number: int, raw: bytes, *, sender: str, to: str) -> None:
        """Do what a good mail exchanger does: come again with the same mail until it is taken, and record it."""
        give_up = time.monotonic() + PATIENCE_S
        why = "never answered"
        while time.monotonic() < give_up:
            try:
                self._hand_over(raw, sender=sender, to=to)
            except smtplib.SMTPResponseException as refused:
                why = str(refused.smtp_code)
                if refused.smtp_code >= 500:
                    recorder.fail(number, why)
                    return
            except (OSError, smtplib.SMTPException) as error:
                why = type(error).__name__
            else:
                recorder.ok(number)
                return
            time.sleep(RETRY_S)
        recorder.unknown(number, why)

    def _hand_over(self, raw: bytes, *, sender: str, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.system.smtp_port, local_hostname="mx.pharos.test", timeout=20) as client:
            client.sendmail(sender, [to], raw)

    def restore(self) -> None:
        """Put the clock right again."""
        moved_clock.set_ahead(self.owner, timedelta())


def together(*acts: Callable[[], None]) -> None:
    """Run in threads and wait for all; their connections are closed."""

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
