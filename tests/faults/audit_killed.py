"""F26: writers of the audit log and its sealer are killed in the middle, while the anchors' place is away for an hour.

The sealer is the running system's own. A lock on the chain's table makes sure that it is killed once a round while
it seals; the other blows come when they come.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from signal import SIGKILL
from threading import Timer

from django.db import connection

from core import audit, doorbell, heartbeat
from core.models import AuditEntry
from helpdesk.embedded.places import ROOT
from tests.faults import nemesis, results
from tests.faults.audit_writer import ACTION, ENTRIES
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up
from tickets.models import Alarm
from tickets.selectors import troubles
from tickets.services import alarms

WRITERS, CHANGES = 3, 12
# Within the time of one change.
WITHIN_S = 0.03
BLOWS, BLOWS_WITHIN_S = 3, 0.6
# Every so many rounds it is the parent.
PARENT_EVERY = 3
AWAY, STEP = timedelta(hours=1), timedelta(seconds=10)
SEAL, ANCHOR, PULSE, KIND = "core.seal_audit", "core.anchor_audit", "audit anchor", "anchor-silent"
# Nobody who comes back late hears all that was rung meanwhile.
BELL_S = 2.0
HOLD = "LOCK TABLE core_auditseal IN SHARE MODE"
WAITS = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'core_auditseal'::regclass"
SHAPE = """
SELECT (SELECT count(*) FROM core_auditseal), (SELECT coalesce(max(seq), 0) FROM core_auditseal),
       (SELECT count(DISTINCT entry_id) FROM core_auditseal), (SELECT count(DISTINCT prev) FROM core_auditseal),
       (SELECT count(*) FROM core_auditentry), (SELECT count(*) FROM core_auditpending)
"""


@dataclass
class _Writer:
    """One process that records changes; it is asked for one after the other."""

    ground: Ground
    recorder: Recorder
    process: "subprocess.Popen[str] | None" = None

    def change(self, *, victim_after: int | None, seen: "Counter[str]") -> None:
        """Ask for so many changes; it is killed some milliseconds after the one with this number has begun."""
        process = self.process = self.process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        for count in range(CHANGES):
            number = self.recorder.invoke("change")
            process.stdin.write(f"{self.recorder.mark(number)}\n")
            with suppress(BrokenPipeError):
                process.stdin.flush()
            if count == victim_after:
                Timer(self.ground.random.uniform(0, WITHIN_S), process.kill).start()
            if process.stdout.readline():
                self.recorder.ok(number)
            else:
                self.recorder.unknown(number, "killed")
                break
        if victim_after is not None:
            seen["writers"] += 1
            self.end()

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            with suppress(BrokenPipeError):
                self.process.communicate()
            self.process = None

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.audit_writer"], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=self.ground.system.running.process_environment(holds_seal=True),
        )  # fmt: skip


def run(ground: Ground) -> Result:
    """Kill writers and sealers while the anchors are away; put them back and look at the chain, every round."""
    recorder = Recorder("F26")
    seen: Counter[str] = Counter()
    writers = [_Writer(ground, recorder) for _ in range(WRITERS)]
    caught_up_s = 0.0
    try:
        with kept_up(ground):
            ground.wait(_is_anchored, "an anchor to begin with")
            begin = len(_anchors())
            for number in range(ground.rounds):
                with _away():
                    _kill_writers_and_sealers(ground, writers, seen)
                    _kill_while_sealing(ground, seen)
                    if number % PARENT_EVERY == PARENT_EVERY - 1:
                        ground.system.processes["rounds"].kill()
                        seen["parents"] += 1
                    ground.wait(_is_refused, "an anchor to be refused")
                    ground.move(AWAY)
                    ground.wait(partial(_is_alarmed, ground), "the alarm of anchors that are away")
                caught_up_s = max(caught_up_s, ground.wait(_is_anchored, "the anchors to catch up"))
                ground.wait(_is_all_clear, "the all clear")
                check_chain(ground, begin)
    finally:
        for writer in writers:
            writer.end()
        ground.move(-ground.ahead)
    marks = AuditEntry.objects.filter(action=ACTION, object_id__startswith=f"[F26/{recorder.run}/")
    stored = recorder.found(marks.values_list("object_id", flat=True))
    cut = check_halves(ground, recorder, stored)
    tally = recorder.tally(stored, expected=dict.fromkeys(recorder.outcomes(), ENTRIES))
    remarks = [
        f"killed: {seen['writers']} writers, {cut} of them within a change, of which nothing is there",
        f"{seen['children']} children of the rounds, {seen['sealing']} of them while sealing, {seen['parents']} parents",
        f"{ENTRIES} entries a change; alarm and all clear in every round, anchors caught up within {caught_up_s:.1f} s",
    ]
    return results.judge(ground, recorder, tally, remarks)


@contextmanager
def _away() -> Iterator[None]:
    """Let something else be where the anchors' folder was."""
    folder = audit.anchor_path().parent
    kept = folder.with_name(f"{folder.name}.away")
    folder.rename(kept)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


def _kill_writers_and_sealers(ground: Ground, writers: "list[_Writer]", seen: "Counter[str]") -> None:
    """Let all writers write, one of them for the last time, and kill children of the rounds meanwhile."""
    victim = ground.random.choice(writers)
    after = {id(victim): ground.random.randrange(CHANGES)}
    blows = [(ground.random.uniform(0, BLOWS_WITHIN_S), partial(_kill_sealer, ground, seen)) for _ in range(BLOWS)]
    with nemesis.meanwhile(*blows):
        together(*[partial(one.change, victim_after=after.get(id(one)), seen=seen) for one in writers])


def _kill_sealer(ground: Ground, seen: "Counter[str]") -> None:
    doorbell.ring_now(SEAL, expires_s=BELL_S)
    seen["children"] += bool(nemesis.kill_a_child(ground.system.processes["rounds"], ground.random))


def _kill_while_sealing(ground: Ground, seen: "Counter[str]") -> None:
    """Kill every child of the rounds while one of them waits to write a link."""
    audit.record(ACTION, actor=audit.SYSTEM, obj=("fault", "to seal"))
    with ground.stores.owner(ground.system.database) as owner, owner.transaction():
        owner.execute(HOLD)
        doorbell.ring_now(SEAL, expires_s=BELL_S)
        ground.wait(lambda: owner.execute(WAITS).fetchone() is not None, "somebody to seal")
        for child in nemesis.children(ground.system.processes["rounds"]):
            with suppress(ProcessLookupError):
                os.kill(child, SIGKILL)
            seen["children"] += 1
        seen["sealing"] += 1


def _is_refused() -> bool:
    doorbell.ring_now(ANCHOR, expires_s=BELL_S)
    return any(pulse.name == PULSE and not pulse.is_ok and not pulse.is_silent for pulse in heartbeat.pulses())


def _is_alarmed(ground: Ground) -> bool:
    """Whether there is an alarm; once it is noticed the database's clock goes on."""
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    if Alarm.objects.going_on().filter(kind=KIND, opened_at__isnull=True).exists():
        ground.move(STEP)
    return Alarm.objects.open().filter(kind=KIND).exists()


def _is_all_clear() -> bool:
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    return not Alarm.objects.open().filter(kind=KIND).exists()


def _anchors() -> list[str]:
    path = audit.anchor_path()
    return path.read_text("ascii").splitlines() if path.exists() else []


def _is_anchored() -> bool:
    """Whether everything is sealed and the last anchor names the head."""
    doorbell.ring_now(SEAL, expires_s=BELL_S)
    doorbell.ring_now(ANCHOR, expires_s=BELL_S)
    count, digest = audit.head()
    return audit.unsealed_age_s() == 0 and count > 0 and _anchors()[-1:] == [f"{count} {digest}"]


def check_chain(ground: Ground, begin: int) -> None:
    """Note forks, gaps, entries that are sealed twice or never, and anchors of this fault that name no link."""
    with connection.cursor() as cursor:
        cursor.execute(SHAPE)
        links, last, sealed, followed, entries, waiting = cursor.fetchone()
        if not links == last == sealed == followed == entries - waiting:
            ground.notes.append(
                f"{links} links up to {last}, {sealed} entries in them, {followed} followed; {entries} entries, {waiting} wait"
            )
        wanted = {int(count): digest for count, digest in (line.split() for line in _anchors()[begin:])}
        cursor.execute("SELECT seq, encode(hash, 'hex') FROM core_auditseal WHERE seq = ANY(%s)", [list(wanted)])
        found = dict(cursor.fetchall())
    if found != wanted:
        ground.notes.append(f"{len(wanted.items() - found.items())} of {len(wanted)} anchors name no link")
    ground.notes.extend(f"audit chain: {why}" for why in results.chain_faults(has_own_anchors=False))


def check_halves(ground: Ground, recorder: Recorder, stored: "Counter[int]") -> int:
    """Note changes of which only a part is there; return how many were cut off and are not there at all."""
    unknown = [number for number, what in recorder.outcomes().items() if what == "unknown"]
    ground.notes.extend(
        f"{stored[number]} of {ENTRIES} entries of number {number}"
        for number in unknown
        if stored[number] not in (0, ENTRIES)
    )
    return sum(1 for number in unknown if not stored[number])
