"""F7: the same webhook and the same keyed requests, ten times at once, again the next day, the webhook next month too."""

import http.client
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from core import doorbell
from core.clock import from_now
from core.models import IdempotencyKey
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support.letters import letter
from tickets.models import InboundMail, Mailbox, Message

TIMES = 10
NEXT_DAY = timedelta(hours=25)
# Past the life of raw mail and of the keys.
NEXT_MONTH = timedelta(days=32)


@dataclass
class _Request:
    """One request that is made again and again; `answers` are the ids it was answered with."""

    number: int
    path: str
    body: Any
    token: str
    answers: Counter[str] = field(default_factory=Counter)


def run(ground: Ground) -> Result:
    """Make three kinds of requests in every round, and all of them again on the days after."""
    recorder = Recorder("F7")
    person = StaffFactory.create(role="agent", email=f"f7-{recorder.run}@cast.test")
    box: Mailbox = MailboxFactory.create(slug=f"f7-{recorder.run}", address=f"f7-{recorder.run}@pharos.test")
    intake, write = ground.token(person, "intake"), ground.token(person, "write")
    mails: list[_Request] = []
    creates: list[_Request] = []
    for _ in range(ground.rounds):
        mails.append(_mail(recorder, box, intake))
        creates += [_ticket(recorder, write), _reply(recorder, box, write)]
        for request in (mails[-1], *creates[-2:]):
            together(*[partial(_ask, ground, recorder, request)] * TIMES)
    ground.wait(partial(_is_handled, box), "every mail to be taken in")
    ground.move(NEXT_DAY)
    _tidy(ground, box, older_than=None)
    _again(ground, recorder, [*mails, *creates])
    ground.move(NEXT_MONTH)
    _tidy(ground, box, older_than=timedelta(days=30))
    late = ground.token(person, "intake")
    for request in mails:
        request.token = late
    _again(ground, recorder, mails)
    ground.wait(partial(_is_handled, box), "no mail to wait")
    for request in (*mails, *creates):
        if len(request.answers) != 1:
            ground.notes.append(f"number {request.number} was answered with {len(request.answers)} ids")
    texts = Message.objects.filter(text__contains=f"[F7/{recorder.run}/").values_list("text", flat=True)
    tally = recorder.tally(recorder.found(texts))
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    made = sum(sum(request.answers.values()) for request in (*mails, *creates))
    return results.judge(ground, recorder, tally, [f"{made} answers for {len(mails) + len(creates)} requests"])


def _mail(recorder: Recorder, box: Mailbox, token: str) -> _Request:
    number = recorder.invoke("POST mail")
    sender = f"f7-{recorder.run}-{number}@example.com"
    raw = letter(sender=sender, to=box.address, text=f"My deposit is missing. {recorder.mark(number)}")
    return _Request(number, f"/api/v1/intake/email/{box.slug}/", raw, token)


def _ticket(recorder: Recorder, token: str) -> _Request:
    number = recorder.invoke("POST ticket")
    body = {
        "subject": "Called us",
        "text": f"Where is it? {recorder.mark(number)}",
        "requester": {"address": f"f7-{recorder.run}-{number}@example.com"},
    }
    return _Request(number, "/api/v1/tickets/", body, token)


def _reply(recorder: Recorder, box: Mailbox, token: str) -> _Request:
    number = recorder.invoke("POST reply")
    ticket = mail_ticket(address=f"f7-{recorder.run}-{number}@example.com", mailbox=box)
    body = {"text": f"We are looking into it. {recorder.mark(number)}"}
    return _Request(number, f"/api/v1/tickets/{ticket.public_id}/messages/", body, token)


def _ask(ground: Ground, recorder: Recorder, request: _Request) -> None:
    try:
        status, said = ground.post(request.path, request.body, token=request.token, key=recorder.mark(request.number))
    except (OSError, http.client.HTTPException) as error:
        ground.notes.append(f"number {request.number}: {type(error).__name__}")
        return
    if status >= 300:
        ground.notes.append(f"number {request.number}: {status} {said}")
        return
    request.answers[str(said.get("id") or said["seq"])] += 1
    recorder.ok(request.number)


def _again(ground: Ground, recorder: Recorder, requests: list[_Request]) -> None:
    together(*[partial(_ask_each, ground, recorder, requests[start::TIMES]) for start in range(TIMES)])
    ground.random.shuffle(requests)
    together(*[partial(_ask, ground, recorder, requests[0])] * TIMES)


def _ask_each(ground: Ground, recorder: Recorder, requests: list[_Request]) -> None:
    for request in requests:
        _ask(ground, recorder, request)


def _is_handled(box: Mailbox) -> bool:
    return not InboundMail.objects.filter(mailbox=box, state="stored").exists()


def _tidy(ground: Ground, box: Mailbox, *, older_than: timedelta | None) -> None:
    """Let the nightly tasks run in the worker, and see what they must have taken away."""
    tasks: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("core.tidy", lambda: not IdempotencyKey.objects.filter(created_at__lt=from_now(-timedelta(days=8))).exists()),
        (
            "tickets.tidy",
            lambda: older_than is None or not InboundMail.objects.filter(mailbox=box).exclude(raw=b"").exists(),
        ),
    )
    for task, is_done in tasks:
        doorbell.ring_now(task)
        ground.wait(is_done, task)
