"""F16: tens of thousands of mails, well-formed and damaged, through the reader; many of them through the whole product.

All are read in children. One in five then goes to a mailbox, most by the service that every door calls, some by SMTP,
and is taken in by the running workers: its raw bytes must be there, and its words on a ticket or before a reviewer.
"""

import hashlib
import json
import smtplib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from django.db.models import QuerySet

from core import sealing
from tests.corpus.fuzz import Letter, Verdicts, letter
from tests.corpus.wellformed import Written
from tests.factories.tickets import MailboxFactory
from tests.faults import results
from tests.faults.catalogue import ROUNDS
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tickets.channels.email.identity import content_identity
from tickets.models import InboundMail, Mailbox, Message
from tickets.services import raw_mail

ROOT = Path(__file__).parents[2]
LETTERS_A_ROUND = 1_700
# Of all rounds together: mails of the test corpus, damaged.
LEAST_DAMAGED = 20_000
# `make test` has seconds.
FEW_LETTERS = 160
CHILDREN = 2
ONE_IN = 5
ONE_BY_SMTP_IN = 8
SHARE_READ = 0.99
# Ends of our own making: whatever a mail does, these are faults of the product.
FALLEN = frozenset({"parser_failure", "reader_died", "worker_died", "failed", "out_of_memory"})


def run(ground: Ground) -> Result:
    """Read all, take in a part, and count."""
    recorder = Recorder("F16")
    seed = f"{ground.random.getrandbits(32):x}"
    count = LETTERS_A_ROUND * ground.rounds if ground.is_patient else FEW_LETTERS
    with ThreadPoolExecutor() as pool:
        reading = [pool.submit(_read_in_child, seed, *span) for span in _spans(count)]
        box = _mailbox(recorder)
        sent = _send_all(ground, recorder, box, seed, count)
        verdicts = _sum(future.result() for future in reading)
    _wait_until_taken_in(ground, box)
    kept, remarks = _look(ground, recorder, box, sent)
    judge_reading(ground, verdicts)
    Mailbox.objects.filter(pk=box.pk).update(is_active=False)
    tally = recorder.tally(kept)
    return results.judge(ground, recorder, tally, [*_told(verdicts), *remarks])


def _spans(count: int) -> Iterator[tuple[int, int]]:
    size = -(-count // CHILDREN)
    for first in range(0, count, size):
        yield first, min(first + size, count)


def _read_in_child(seed: str, first: int, behind: int) -> Verdicts:
    command = [sys.executable, "-m", "tests.faults.malformed_reader", seed, str(first), str(behind)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return Verdicts(crashes=[f"the reader of letters {first} to {behind} died: {done.stderr[-500:]}"])
    return Verdicts(**json.loads(done.stdout))


def _sum(parts: Iterator[Verdicts]) -> Verdicts:
    total = Verdicts()
    for part in parts:
        for name in ("letters", "well_formed", "read_as_meant", "damaged", "damaged_readable"):
            setattr(total, name, getattr(total, name) + getattr(part, name))
        total.crashes += part.crashes
        total.misread += part.misread
        total.refused = dict(Counter(total.refused) + Counter(part.refused))
        total.slowest_s = max(total.slowest_s, part.slowest_s)
    return total


def _mailbox(recorder: Recorder) -> Mailbox:
    slug = f"f16-{recorder.run}"
    box: Mailbox = MailboxFactory.create(slug=slug, address=f"{slug}@pharos.test")
    return box


def _send_all(ground: Ground, recorder: Recorder, box: Mailbox, seed: str, count: int) -> dict[int, Letter]:
    """Hand in every fifth letter; each once, because some damage leaves a mail as it was."""
    sent: dict[int, Letter] = {}
    known: set[str] = set()
    for at, number in enumerate(_chosen(count)):
        own = recorder.invoke(f"letter {number}")
        made = letter(seed, number, mark=recorder.mark(own))
        is_by_smtp = at % ONE_BY_SMTP_IN == 0
        raw = made.raw if made.raw.endswith(b"\r\n") or not is_by_smtp else made.raw + b"\r\n"
        if content_identity(raw) in known:
            recorder.fail(own, "the same as an earlier one")
            continue
        known.add(content_identity(raw))
        sent[own] = Letter(number, raw, made.written, made.original)
        to = _address(box, own)
        if is_by_smtp:
            _by_smtp(ground, recorder, own, raw, to)
        else:
            raw_mail.store(
                mailbox=box, raw=raw, source="http", envelope_from="", envelope_to=to, peer_is_trusted=False
            )  # fmt: skip
            recorder.ok(own)
    return sent


def _chosen(count: int) -> Iterator[int]:
    """Every fifth number, of every kind of letter (a kind is a number's rest of eight)."""
    return (number for number in range(count) if (number // 8 + number) % ONE_IN == 0)


def _address(box: Mailbox, own: int) -> str:
    """A plus-address that says which letter it was, whatever is left of its text."""
    return box.address.replace("@", f"+{own}@")


def _by_smtp(ground: Ground, recorder: Recorder, own: int, raw: bytes, to: str) -> None:
    """Send every byte as it is; smtplib takes a bare line feed for a line end and would change it."""
    try:
        with smtplib.SMTP("127.0.0.1", ground.system.smtp_port, local_hostname="mx.pharos.test", timeout=20) as client:
            client.ehlo()
            client.mail("writer@customer.example")
            client.rcpt(to)
            client.docmd("DATA")
            stuffed = raw.replace(b"\r\n.", b"\r\n..")
            client.send((b"." if raw.startswith(b".") else b"") + stuffed + b".\r\n")
            code, said = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        recorder.unknown(own, type(error).__name__)
        return
    if code == 250:
        recorder.ok(own)
    else:
        recorder.fail(own, f"{code} {said!r}")
        ground.notes.append(f"number {own} was refused by SMTP: {code} {said!r}")


def _wait_until_taken_in(ground: Ground, box: Mailbox) -> None:
    """Wait as long as the workers get on with it."""
    waiting = InboundMail.objects.filter(mailbox=box, state="stored")
    before = -1
    while (left := waiting.count()) and left != before:
        before = left
        aim = max(left - 100, 0)
        ground.wait(partial(_has_shrunk, waiting, aim), f"{left} mails to be taken in", lease_s=0 if aim else 60)


def _has_shrunk(waiting: "QuerySet[InboundMail]", aim: int) -> bool:
    return waiting.count() <= aim


def _look(
    ground: Ground, recorder: Recorder, box: Mailbox, sent: dict[int, Letter]
) -> tuple[dict[int, int], list[str]]:
    """Compare what is stored with what was sent; return how often each number is there, and what became of them."""
    kept: Counter[int] = Counter()
    states: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    well_formed = 0
    unlike: list[str] = []
    rows = InboundMail.objects.filter(mailbox=box).select_related("ticket", "message").iterator(chunk_size=200)
    for row in rows:
        own = int(row.envelope_to.partition("+")[2].partition("@")[0])
        if hashlib.sha256(sealing.unseal(bytes(row.raw))).digest() != hashlib.sha256(sent[own].raw).digest():
            ground.notes.append(f"the raw bytes of number {own} are not those that were sent")
            continue
        kept[own] += 1
        states[row.state] += 1
        if row.state == InboundMail.State.QUARANTINED:
            reasons[row.reason] += 1
        if row.reason in FALLEN:
            ground.notes.append(f"letter {sent[own].number}: {row.reason}: {row.explanation}")
        written = sent[own].written
        if written is not None:
            well_formed += 1
            why = _unlike(row, written, recorder.mark(own))
            unlike += [f"letter {sent[own].number} on its ticket: {why}"] if why else []
    readable = well_formed - len(unlike)
    if readable < well_formed * SHARE_READ:
        ground.notes.extend(unlike[:20])
    return kept, [
        f"{len(sent)} mails stored sealed and taken in: {_listed(states)}; raw bytes the same in {kept.total()}",
        f"{readable} of {well_formed} well-formed ones with their subject, words and files on a ticket",
        f"put aside: {_listed(reasons)}",
    ]


def _unlike(row: InboundMail, written: Written, mark: str) -> str:
    """What of a well-formed mail did not come out on its ticket, or nothing."""
    message: Message | None = row.message
    if message is None or row.ticket is None:
        return f"{row.state} {row.reason}"
    files = sorted(message.attachments.values_list("file__size", flat=True))
    pairs = [
        (written.subject, row.ticket.subject),
        (True, mark in message.text),
        (sorted(len(content) for _, content in written.files), files),
    ]
    return "; ".join(f"{there!r} instead of {wanted!r}" for wanted, there in pairs if wanted != there)


def judge_reading(ground: Ground, verdicts: Verdicts) -> None:
    """Note crashes, too many misread, and a full run that was not as large as it says."""
    if ground.is_patient and ground.rounds >= ROUNDS and verdicts.damaged < LEAST_DAMAGED:
        ground.notes.append(f"only {verdicts.damaged} damaged mails were read")
    ground.notes.extend(verdicts.crashes[:20])
    if verdicts.read_as_meant < verdicts.well_formed * SHARE_READ:
        ground.notes.extend(verdicts.misread[:20])


def _told(verdicts: Verdicts) -> list[str]:
    share = 100 * verdicts.read_as_meant / max(verdicts.well_formed, 1)
    return [
        f"{verdicts.letters} mails read in children, {len(verdicts.crashes)} crashes, at most {verdicts.slowest_s:.2f} s of work",
        f"{verdicts.read_as_meant} of {verdicts.well_formed} well-formed ones as they were meant ({share:.2f} %)",
        f"{verdicts.damaged_readable} of {verdicts.damaged} damaged ones readable, the others refused",
        f"refused: {_listed(Counter(verdicts.refused))}",
        *(f"not as meant: {what}" for what in verdicts.misread[:5]),
    ]


def _listed(counts: "Counter[str]") -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common()) or "none"
