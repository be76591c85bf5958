"""`python -m helpdesk.launcher`: the whole life of one copy, from preflight to the last process gone."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from helpdesk.embedded import environment, places, postgres, valkey
from helpdesk.embedded.environment import Running
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import bound, lock, preflight, programs, readiness, steps
from helpdesk.launcher.progress import LogEcho, Progress, tail
from helpdesk.launcher.supervision import Supervisor

STORE_PATIENCE_S = 30.0
READY_PATIENCE_S = 120.0
# After this long a degraded desk is served as it is, with a line that names the silent parts.
DEGRADED_PATIENCE_S = 40.0
STOP_PATIENCE_S = 9.5
# The socket server beats its heart from the first connection on: after a restart this one wakes it.
PROBE_EVERY_S = 10.0
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEMO_STAFF = ("agent@pharos.test", "lead@pharos.test", "auditor@pharos.test", "admin@pharos.test")


class StopRequested(BaseException):
    """Raised in the main thread when the person or the machine asks to stop; not an error."""


def main() -> int:
    """Run until asked to stop. Returns 0 after an orderly stop, 1 with one sentence when something is wrong."""
    for number in STOPPING_SIGNALS:
        signal.signal(number, _request_stop)
    if "MAKELEVEL" in os.environ:
        bound.end_with_parent(signal.SIGTERM)
    progress = Progress()
    try:
        return run(progress)
    except StopRequested:
        return 0
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"\nThe machine refused: {error}.", file=sys.stderr, flush=True)
        return 1


def run(progress: Progress) -> int:
    """Prepare, start, serve, stop; the stop happens whatever went wrong before it."""
    where = places.from_environment()
    places.prepare(where)
    held = lock.take(where)
    preflight.check(where, os.environ)
    running = environment.resolve(where, os.environ)
    prepare_stores(running, progress)
    supervisor = Supervisor(running, programs.table(running))
    echo = LogEcho([where.log / f"{name}.log" for name in ("supervisord", *(one.name for one in supervisor.table))])
    try:
        supervisor.start()
        start_stores(supervisor, progress)
        steps.prepare_database(running, progress)
        progress.say("starting web, sockets, worker, rounds, beat, mail, verifier and the sandbox exchange")
        echo.start()
        supervisor.start_group(programs.EXCHANGE)
        supervisor.start_group(programs.DESK)
        wait_until_ready(supervisor, progress)
        welcome(running, progress)
        return serve(supervisor)
    finally:
        for number in STOPPING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        echo.stop()
        stop(supervisor, progress)
        held.close()


def prepare_stores(running: Running, progress: Progress) -> None:
    """Create what the embedded stores need on disk."""
    where = running.places
    if running.starts_postgres:
        if not where.postgres.exists():
            progress.say("creating the database cluster")
        postgres.initialise(where.postgres, running.admin_password)
        postgres.forget_dead_server(where.postgres, where.sockets)
    if running.starts_valkey:
        valkey.write_settings(
            where.run / "valkey.conf", where.valkey, where.sockets, running.redis_password, keeps=True
        )


def start_stores(supervisor: Supervisor, progress: Progress) -> None:
    """Start the embedded stores and wait for them, and for servers that the environment names."""
    running = supervisor.running
    supervisor.start_group(programs.STORES)
    if running.starts_postgres:
        with _explained_by(running.places.log / "postgres.log"):
            postgres.wait_until_ready(
                running.values["DATABASE_ADMIN_URL"],
                patience_s=STORE_PATIENCE_S,
                is_alive=lambda: supervisor.is_up("postgres"),
            )
    valkey.wait_until_ready(
        running.values["REDIS_URL"],
        patience_s=STORE_PATIENCE_S if running.starts_valkey else 5,
        is_alive=lambda: not running.starts_valkey or supervisor.is_up("valkey"),
    )
    started = [
        name for name, ours in (("PostgreSQL", running.starts_postgres), ("Valkey", running.starts_valkey)) if ours
    ]
    progress.say(f"{' and '.join(started)} started" if started else "database and Redis answer")


def wait_until_ready(supervisor: Supervisor, progress: Progress) -> None:
    """Wait for /readyz to say ready; raises SetupError when the desk does not come up."""
    began = progress.elapsed_s
    said: dict[str, Any] = {}
    while progress.elapsed_s - began < READY_PATIENCE_S:
        said = readiness.ask(supervisor.running)
        if said.get("status") == readiness.READY:
            return
        if said and progress.elapsed_s - began > DEGRADED_PATIENCE_S:
            silent = ", ".join(name for name, check in said.get("checks", {}).items() if not check.get("ok"))
            progress.say(f"serving, but not everything answers yet: {silent}")
            return
        if not supervisor.is_alive():
            message = "The supervisor ended by itself; see log/supervisord.log in VAR_DIR."
            raise SetupError(message)
        time.sleep(0.1)
    down = [name for name, state in supervisor.states().items() if state != "RUNNING"] or ["web"]
    log = supervisor.running.places.log / f"{down[0]}.log"
    message = f"{', '.join(down)} did not answer within {READY_PATIENCE_S:.0f} s; {log} ends: {tail(log)}"
    raise SetupError(message)


def welcome(running: Running, progress: Progress) -> None:
    """Print where to go and how to sign in."""
    port = running.values["PORT"]
    progress.say("ready")
    print(
        f"""
  Desk      http://localhost:{port}/desk/
  Exchange  http://localhost:{running.values["SANDBOX_PORT"]}/   (a stand-in; its sign-in page names the demo customers)
  Postbox   http://localhost:{port}/demo/postbox/   (every mail the desk sent)
  Mail in   SMTP at 127.0.0.1:{running.values["SMTP_PORT"]} for support@pharos.test
  Sign in   {", ".join(DEMO_STAFF)}
            password lighthouse; second factor: .venv/bin/python manage.py demo_code EMAIL
  Logs      {running.places.log}
  Ctrl-C stops everything; the data stays in {running.places.var_dir}
""",
        flush=True,
    )


def serve(supervisor: Supervisor) -> int:
    """Wait until asked to stop (by an exception); returns 1 when supervisord itself died."""
    while (code := supervisor.wait(PROBE_EVERY_S)) is None:
        readiness.probe_sockets(supervisor.running)
    print(f"The supervisor ended by itself (status {code}): stopping.", file=sys.stderr, flush=True)
    return 1


def stop(supervisor: Supervisor, progress: Progress) -> None:
    """Stop everything in order and say how long it took."""
    if supervisor.process is None:
        return
    progress.say("stopping")
    killed = supervisor.stop(STOP_PATIENCE_S)
    progress.say(f"stopped, but {', '.join(killed)} had to be killed" if killed else "stopped")


def _request_stop(_number: int, _frame: FrameType | None) -> None:
    for number in STOPPING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise StopRequested


@contextmanager
def _explained_by(log: Path) -> Iterator[None]:
    """Add the last lines of a program's log to a SetupError."""
    try:
        yield
    except SetupError as problem:
        message = f"{problem} ({log} ends: {tail(log)})"
        raise SetupError(message) from problem


if __name__ == "__main__":
    sys.exit(main())
