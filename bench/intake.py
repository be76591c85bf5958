"""Intake: raw mail stored → ticket visible, one process, in a small and a large database, beside a floor."""

import email
import email.policy
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from functools import partial
from typing import Any

import psycopg

from bench import ground
from bench.mails import mails
from bench.report import Measured, Target, row
from tests.support.databases import TestStores
from tickets.models import InboundMail
from tickets.selectors import mailboxes
from tickets.services import intake, raw_mail

MAILS = 500
RUNS = 5
ALONE = 100
WARM_UP = 20
FLOOR_TABLE = "CREATE TABLE bench_floor (id bigserial PRIMARY KEY, sender text, subject text, body text, files bytea[])"
FLOOR_INSERT = "INSERT INTO bench_floor (sender, subject, body, files) VALUES (%s, %s, %s, %s)"


def measure(stores: TestStores, size: int) -> Measured:
    """Run after run of fresh mails: the floor, the small database, the large one, and again."""
    small = size // 10
    measured = Measured("intake", size)
    kept: dict[str, list[list[float]]] = {}
    handled: dict[str, list[list[float]]] = {}
    floor: list[list[float]] = []
    with ExitStack() as stack:
        names = {label(count): stack.enter_context(ground.filled(stores, count)) for count in (small, size)}
        parse_and_insert = stack.enter_context(_floor(stores, names[label(size)]))
        for raw in mails(WARM_UP, tickets=small, seed=0):
            parse_and_insert(raw)
        for name in names.values():
            with ground.pointed_at(name):
                _run(mails(WARM_UP, tickets=small, seed=0))
        for run in range(1, RUNS + 1):
            batch = mails(MAILS, tickets=small, seed=run)
            floor.append([ground.timed(partial(parse_and_insert, raw)) for raw in batch])
            for one, name in names.items():
                with ground.pointed_at(name):
                    storing, handling = _run(batch)
                kept.setdefault(one, []).append(storing)
                handled.setdefault(one, []).append(handling)
        with ground.pointed_at(names[label(size)]):
            one_more = _kept(mails(1, tickets=small, seed=RUNS + 1)[0])
            sql = ground.statements(lambda: intake.accept(inbound_pk=one_more.pk))
            alone = [
                ground.timed(partial(intake.accept, inbound_pk=_kept(raw).pk))
                for raw in mails(ALONE, tickets=small, seed=RUNS + 2)
            ]
    bottom = row("floor: stdlib parse, one committed INSERT", floor)
    measured.floors["parse_and_insert_per_s"] = bottom.per_s
    measured.results.append(bottom)
    for one in names:
        measured.results.append(row(f"kept, {one}", kept[one]))
        rate = row("", handled[one]).per_s
        measured.results.append(row(f"ticket, queue of {MAILS}, {one}", handled[one], ratio=rate / bottom.per_s))
    slow, fast = (row("", handled[label(count)]).per_s for count in (size, small))
    measured.results.append(row(f"one alone, {label(size)}", [alone], sql=sql))
    measured.targets += [
        Target("messages per second", slow, 60, is_least=True),
        Target("ratio to the floor", round(slow / bottom.per_s, 3), 0.35, is_least=True),
        Target(f"flat: {label(size)} ÷ {label(small)}", round(slow / fast, 3), 0.9, is_least=True),
    ]
    return measured


def label(count: int) -> str:
    """Return how a database of so many tickets is called."""
    return f"{count:,} tickets"


def _run(batch: list[bytes]) -> tuple[list[float], list[float]]:
    """Keep every mail, then let a worker take in what waits; milliseconds of each mail, its share of its company's."""
    rows: list[InboundMail] = []

    def keep(raw: bytes) -> None:
        rows.append(_kept(raw))

    kept = [ground.timed(partial(keep, raw)) for raw in batch]
    handled: list[float] = []
    while len(handled) < len(rows):
        began = time.perf_counter()
        taken = intake.accept_waiting()
        handled += [(time.perf_counter() - began) * 1000 / max(1, taken)] * taken
        if not taken:
            break
    states = set(InboundMail.objects.filter(pk__in=[found.pk for found in rows]).values_list("state", flat=True))
    if states != {"processed"}:
        message = f"The bench's mails must all become messages, but some are {sorted(states - {'processed'})}."
        raise RuntimeError(message)
    return kept, handled


def _kept(raw: bytes) -> InboundMail:
    mailbox = mailboxes.for_address("support@pharos.test")
    if mailbox is None:
        raise LookupError("The bench's mailbox is not there.")
    found, _is_new = raw_mail.store(
        mailbox=mailbox, raw=raw, source="smtp", envelope_from="", envelope_to=mailbox.address, peer_is_trusted=True
    )
    return found


@contextmanager
def _floor(stores: TestStores, name: str) -> Iterator[Callable[[bytes], None]]:
    """The least that any intake does: parse with the standard library, decode the files, commit one row."""
    with stores.owner(name) as owner:
        owner.execute(FLOOR_TABLE)
        yield lambda raw: _parse_and_insert(owner, raw)


def _parse_and_insert(owner: "psycopg.Connection[Any]", raw: bytes) -> None:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain", "html"))
    text = body.get_content() if isinstance(body, EmailMessage) else ""
    files = [part.get_payload(decode=True) for part in mail.iter_attachments()]
    owner.execute(FLOOR_INSERT, [str(mail["From"]), str(mail["Subject"]), text, files])
