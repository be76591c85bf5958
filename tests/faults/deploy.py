"""F21: a deployment under load: migrations under the code that serves, then every process restarted in order."""

import subprocess
import sys
import time

import psycopg
from psycopg import sql

from helpdesk.embedded.places import ROOT
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.load import Load
from tests.faults.recorder import Recorder
from tests.faults.results import Result

# As docs/operations.md has it.
ORDER = ("web", "sockets", "worker", "rounds", "beat", "mail")
LEASE_S = 56.0
# A migration that waits too long for a lock gives way and comes again.
TRIES = 10


def run(ground: Ground) -> Result:
    """Deploy once a round."""
    recorder = Recorder("F21")
    load = Load(ground, recorder)
    gave_way = 0
    with load:
        for number in range(ground.rounds):
            gave_way += _expand(ground, f"fault_{recorder.run}_{number}")
            if number == 0:
                _migrate(ground)
            for name in ORDER if ground.is_patient else ("web", "mail"):
                time.sleep(ground.random.uniform(0, 0.5))
                ground.system.stop(name)
                ground.system.start(name)
                if name == "web":
                    ground.wait(lambda: load.get("/healthz").status == 200, "the web server to be back")
    ground.wait_until_ready()
    tally = load.finish(lease_s=LEASE_S)
    refused = sum(1 for one in load.seen if not one.status)
    remarks = [
        f"{load.statuses()}; refused connections while the web server changes: {refused}",
        f"a migration gave way to traffic {gave_way} times",
    ]
    if ground.is_patient:
        remarks.append("slowest mail {in:.0f} s in, {out:.0f} s out".format(**load.slowest()))
    return results.judge(ground, recorder, tally, remarks)


def _expand(ground: Ground, name: str) -> int:
    """Add a column and an index to the busiest tables as a migration does, and take them away; return the retries."""
    statements = (
        "ALTER TABLE tickets_ticket ADD COLUMN {} integer",
        "ALTER TABLE tickets_message ADD COLUMN {} integer",
        "CREATE INDEX CONCURRENTLY ON tickets_message ({})",
        "ALTER TABLE tickets_message DROP COLUMN {}",
        "ALTER TABLE tickets_ticket DROP COLUMN {}",
    )
    retries = 0
    ground.owner.execute("SET lock_timeout = '4s'")
    ground.owner.execute("SET statement_timeout = '5s'")
    try:
        for statement in statements:
            for _ in range(TRIES):
                try:
                    ground.owner.execute(sql.SQL(statement).format(sql.Identifier(name)))
                except (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
                    retries += 1
                else:
                    break
            else:
                ground.notes.append(f"never came through: {statement}")
    finally:
        ground.owner.execute("SET lock_timeout = 0")
        ground.owner.execute("SET statement_timeout = 0")
    return retries


def _migrate(ground: Ground) -> None:
    """Run `migrate` itself, which sets the grants anew, under the code that serves."""
    environment = ground.system.running.process_environment(holds_seal=False, owns_database=True)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        ground.notes.append(f"migrate failed: {done.stdout[-300:]} {done.stderr[-300:]}")
