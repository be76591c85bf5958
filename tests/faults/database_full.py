"""F14, the database's disk: PostgreSQL runs out of room under load, for its tables or for its log, and gets it back."""

import time
from collections import Counter
from functools import partial

from django.db import connection
from django.test import override_settings

from core import heartbeat
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.load import QUEUE, Load
from tests.faults.own_server import OwnServer
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up
from tests.support.databases import pointed_to
from tests.support.small_disk import SmallDisk, small_disk
from tickets.models import Alarm, Mailbox
from tickets.selectors import troubles
from tickets.services import alarms

# An empty desk, the template it was made from and the log take about 80.
DISK_MB = 160
# Less than a segment of the log: whatever needs room next, table or log, finds none.
LEFT_BYTES = 300_000
LASTS_S, MOMENT_S = (2.0, 5.0), (1.5, 2.0)
# How long the disk may take to be used up, and an alarm to be seen by the rounds.
USED_UP_S, ALARM_S = 60.0, 30.0
LEASE_S = 56.0
PULSE = f"{heartbeat.FULL}database"
REFUSED, FULL = frozenset({503, 507}), 507


def run(ground: Ground) -> Result:
    """Fill and make room again and again, on a copy of its own; `ground` says how often and how patiently."""
    with small_disk(DISK_MB) as disk:
        server = OwnServer(disk)
        try:
            server.system.wait_until_ready()
            anchors = str(server.system.running.places.var_dir / "anchors" / "audit")
            with pointed_to(server.place), override_settings(AUDIT_ANCHOR_FILE=anchors):
                own = Ground(
                    server.system,
                    ground.stores,
                    server.owner(),
                    ground.random,
                    ground.rounds,
                    ground.is_patient,
                    server,
                )
                try:
                    return _fill_and_heal(own, server, disk)
                finally:
                    own.owner.close()
        finally:
            server.stop()


def _fill_and_heal(ground: Ground, server: OwnServer, disk: SmallDisk) -> Result:
    recorder = Recorder("F14")
    load = Load(ground, recorder, pause_s=0.1)
    refused = restarted = 0
    healed_s = 0.0
    with kept_up(ground), load:
        for _ in range(ground.rounds):
            before = len(ground.attempts)
            disk.fill(leave=ground.random.randrange(LEFT_BYTES))
            ground.wait(partial(_is_refused, ground, before), "the disk to be used up", patience_s=USED_UP_S)
            time.sleep(ground.random.uniform(*(LASTS_S if ground.is_patient else MOMENT_S)))
            answers = Counter(one.status for one in ground.attempts[before:])
            refused += sum(answers[status] for status in REFUSED)
            if not answers[FULL]:
                ground.notes.append(f"nobody was told that the disk is full, only {dict(answers)}")
            disk.make_room()
            ended: set[int] = set()
            healed_s = max(healed_s, ground.wait(partial(_serves, load, server, ended), "a page after there was room"))
            restarted += len(ended)
            connection.close()
            ground.wait(_is_alarmed, "the alarm of a full disk", patience_s=ALARM_S)
            ground.wait(_is_all_clear, "the all clear", patience_s=ALARM_S)
    connection.close()
    ground.owner.close()
    ground.owner = server.owner()
    tally = load.finish(lease_s=LEASE_S)
    ground.wait_until_ready()
    statuses = sorted({one.status for one in ground.attempts if one.status >= 500})
    remarks = [
        f"database: {refused} writes refused with {', '.join(map(str, statuses))}, {load.statuses()}",
        f"alarmed and clear again in every round, PostgreSQL ended and came back {restarted} times",
        f"pages served again within {healed_s:.1f} s of having room",
    ]
    Mailbox.objects.filter(pk=load.box.pk).update(is_active=False)
    return results.judge(ground, recorder, tally, remarks)


def _is_refused(ground: Ground, before: int) -> bool:
    return any(one.status in REFUSED for one in ground.attempts[before:])


def _serves(load: Load, server: OwnServer, ended: set[int]) -> bool:
    """Whether pages are served; what a supervisor does with a PostgreSQL whose log had no room is done on the way."""
    process = server.stores.process
    if process is not None and process.poll() is not None:
        ended.add(process.pid)
        server.bring_postgres_back()
    return load.get(QUEUE).status == 200


def _is_alarmed() -> bool:
    alarms.look(judged=troubles.BY_THE_ROUNDS)
    return Alarm.objects.open().filter(kind="disk-full", about="database").exists()


def _is_all_clear() -> bool:
    """The next round's alarm must be its own: what was reported is no news, by those who come late with it neither."""
    heartbeat.forget(PULSE)
    return not _is_alarmed()
