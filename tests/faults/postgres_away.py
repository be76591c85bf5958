"""F5: PostgreSQL is restarted at once, or its postmaster is killed, while tickets, replies and mail come in."""

import signal
import time
from functools import partial

from django.db import connection

from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.load import QUEUE, Load
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.faults.soak_copy import kept_up

BLOWS = (signal.SIGQUIT, signal.SIGKILL)  # `pg_ctl restart -m immediate`; kill -9 of the postmaster
# Rows of processes that lost the database in the middle are held this long.
LEASE_S = 56.0


def run(ground: Ground) -> Result:
    """Strike, let it heal, strike again; at the end everything is there and every process has found its way back."""
    recorder = Recorder("F5")
    load = Load(ground, recorder)
    assert ground.server is not None
    slowest = 0.0
    with kept_up(ground), load:
        for number in range(ground.rounds):
            time.sleep(ground.random.uniform(0.3, 1.5))
            ground.server.restart_postgres(BLOWS[(number + ground.rounds) % 2])
            slowest = max(slowest, ground.wait(partial(_serves, load), "a page after the restart"))
    last = time.monotonic()
    connection.close()
    ground.owner.close()
    ground.owner = ground.server.owner()
    tally = load.finish(lease_s=LEASE_S)
    done_s = time.monotonic() - last
    waited = ground.wait_until_ready()
    remarks = [
        f"pages served again within {slowest:.1f} s of each restart, all parts well {waited:.1f} s after the last mail",
        load.statuses(),
    ]
    if ground.is_patient:
        remarks.append(f"everything taken in and sent {done_s:.0f} s after the last restart")
    return results.judge(ground, recorder, tally, remarks)


def _serves(load: Load) -> bool:
    return load.get(QUEUE).status == 200
