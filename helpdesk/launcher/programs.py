"""The table of processes: what runs, how it is stopped, what it may hold. Nothing is started here.

`make run`, the tests' running system and the contract test of docker-compose.yml all read it.
"""

import json
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from helpdesk.embedded import postgres, valkey
from helpdesk.embedded.environment import OWNER_NAMES, SEAL_NAME, VERIFIER_NAMES, Running

LOOPBACK = "127.0.0.1"
STORES = "stores"
DESK = "desk"
# The stand-in for the exchange, which is somebody else's system and is told nothing of ours.
EXCHANGE = "exchange"
# What starts the others, and so holds everything that they may hold.
SUPERVISION = "supervision"
WEB_WORKER = "helpdesk.serving.BufferingWorker"


# What the desk alone is told.
THE_DESKS_NAMES = (
    "SECRET_KEY", SEAL_NAME, "DATABASE_URL", "REDIS_URL", "PHAROS_FIELD_KEYS", "PHAROS_MAIL_KEYS",
    "PHAROS_METRICS_TOKEN", "PHAROS_GATEWAY_KEY", "PHAROS_PUSH_KEY",
)  # fmt: skip


@dataclass(frozen=True)
class Program:
    """One supervised process. Groups stop one after the other, the programs of a group together."""

    name: str
    group: str
    command: tuple[str, ...]
    # Goes to the first process only, which ends its own children; whoever is left after the wait is killed.
    stop_signal: signal.Signals = signal.SIGTERM
    # Groups stop one after the other: 5 s for the desk and 3 s for the stores stay within the 10 s promised.
    stop_wait_s: int = 5
    # What the whole process runs under, before it is tied to its parent.
    prefix: tuple[str, ...] = ()
    holds_seal: bool = False
    # Whether this is the one that says that somebody proved something; it holds nothing else.
    is_verifier: bool = False
    environment: dict[str, str] = field(default_factory=dict)


def table(running: Running, *, settings: Iterable[tuple[str, str]] = ()) -> tuple[Program, ...]:
    """Return every process of one copy in starting order; `settings` override those of the embedded PostgreSQL."""
    return (*stores(running, settings=settings), *exchange(running), *desk(running))


def stores(running: Running, *, settings: Iterable[tuple[str, str]] = ()) -> tuple[Program, ...]:
    """Return the embedded stores that this copy has to start, none when the environment names servers."""
    where = running.places
    programs: list[Program] = []
    if running.starts_postgres:
        # SIGINT is PostgreSQL's fast shutdown: it ends sessions instead of waiting for them.
        programs.append(
            Program(
                "postgres",
                STORES,
                postgres.command(where.postgres, where.sockets, settings=settings),
                prefix=postgres.namespace(),
                stop_signal=signal.SIGINT,
                stop_wait_s=3,
            )
        )
    if running.starts_valkey:
        programs.append(Program("valkey", STORES, (valkey.binary(), str(where.run / "valkey.conf")), stop_wait_s=3))
    return tuple(programs)


def desk(running: Running) -> tuple[Program, ...]:
    """Return the processes of the product itself, each with the least it has to hold."""
    port, content_port, ws_port = (running.values[name] for name in ("PORT", "CONTENT_PORT", "WS_PORT"))
    run = running.places.run
    python = sys.executable
    # As development settings name the sandbox; anybody else's name is in the environment.
    issuer = os.environ.get("EXCHANGE_ISSUER") or f"http://{LOOPBACK}:{running.values.get('SANDBOX_PORT', '8100')}"
    return (
        Program(
            "web",
            DESK,
            (
                python, "-m", "gunicorn", "helpdesk.wsgi:application", "--bind", f"{LOOPBACK}:{port}",
                "--bind", f"{LOOPBACK}:{content_port}", "--worker-class", WEB_WORKER, "--workers", "2",
                "--threads", "8", "--preload", "--keep-alive", "30", "--graceful-timeout", "3", "--no-control-socket",
                "--worker-tmp-dir", str(run), "--log-level", "warning",
            ),
        ),
        Program(
            "sockets",
            DESK,
            (
                python, "-m", "helpdesk.socket_server", "helpdesk.asgi:application", "--host", LOOPBACK,
                "--port", ws_port, "--lifespan", "off", "--no-access-log", "--no-server-header",
                "--timeout-graceful-shutdown", "3", "--ws-max-size", "65536", "--ws-per-message-deflate", "false",
                "--log-level", "warning",
            ),
            # Hints are a hundred bytes: compressing them would keep 34 kB of state for each open tab.
            environment={"PHAROS_DATABASE_POOL": "1"},
        ),
        Program(
            "worker",
            DESK,
            (
                python, "-m", "celery", "--app", "helpdesk", "worker", "--queues", "celery", "--concurrency", "2",
                "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
            ),
            holds_seal=True,
        ),
        # A process of their own: however much mail waits for the worker, rounds are never behind it.
        Program(
            "rounds",
            DESK,
            (
                python, "-m", "celery", "--app", "helpdesk", "worker", "--queues", "rounds", "--hostname", "rounds@%h",
                "--concurrency", "1", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
            ),
        ),
        Program(
            "beat",
            DESK,
            (
                python, "-m", "celery", "--app", "helpdesk", "beat", "--loglevel", "WARNING", "--pidfile", "",
                "--schedule", str(run / "beat-schedule"),
            ),
        ),
        Program("mail", DESK, (python, "manage.py", "run_mail"), holds_seal=True),
        Program("discord", DESK, (python, "manage.py", "run_discord")),
        Program(
            "verifier",
            DESK,
            (python, "-m", "security.verifier"),
            is_verifier=True,
            environment={
                "PHAROS_SITE_URL": running.values.get("PHAROS_SITE_URL") or f"http://localhost:{port}",
                "VERIFIER_SOCKET": running.values.get("VERIFIER_SOCKET") or f"{running.places.sockets}/verifier.sock",
                "EXCHANGE_ISSUER": issuer,
            },
        ),
    )  # fmt: skip


def exchange(running: Running) -> tuple[Program, ...]:
    """Return the sandbox exchange, which knows Pharos' public keys and has files of its own in VAR_DIR/sandbox."""
    where = running.places
    return (
        Program(
            "sandbox",
            EXCHANGE,
            (
                sys.executable, "-m", "gunicorn", "sandbox.wsgi:application",
                "--bind", f"{LOOPBACK}:{running.values['SANDBOX_PORT']}", "--worker-class", "gthread", "--workers", "1",
                "--threads", "8", "--graceful-timeout", "3", "--no-control-socket", "--worker-tmp-dir", str(where.run),
                "--log-level", "warning",
            ),
            # Its file survives being killed, and the 10 s promised are the desk's and the stores'.
            stop_wait_s=1,
            environment={
                "DJANGO_SETTINGS_MODULE": "sandbox.settings",
                "SANDBOX_DIR": str(where.var_dir / "sandbox"),
                "SANDBOX_PHAROS_JWKS": running.values.get("PHAROS_PUBLIC_KEYS", ""),
            },
        ),
    )  # fmt: skip


def bound(table_file: Path, program: Program) -> tuple[str, ...]:
    """Return the command that runs `program` of a written table tied to its parent."""
    tie = Path(__file__).with_name("bound.py")
    return (*program.prefix, sys.executable, "-I", str(tie), str(table_file), program.name)


def write_table(path: Path, programs: Iterable[Program]) -> None:
    """Write the table for `bound`, mode 0600; keys and passwords stay in the environment, not here."""
    entries = {
        program.name: {
            "command": program.command,
            "stop_signal": int(program.stop_signal),
            "environment": program.environment | _withheld(program),
        }
        for program in programs
    }
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(entries, file, indent=1)


def _withheld(program: Program) -> dict[str, str]:
    """Set to nothing what the process must not hold: left out, development settings would fill it in."""
    if program.group == SUPERVISION:
        return {}
    withheld = dict.fromkeys(OWNER_NAMES, "")
    if program.is_verifier:
        return withheld | dict.fromkeys(THE_DESKS_NAMES, "")
    withheld |= dict.fromkeys(VERIFIER_NAMES, "")
    if program.group != DESK:
        return withheld | dict.fromkeys(THE_DESKS_NAMES, "")
    return withheld if program.holds_seal else withheld | {SEAL_NAME: ""}
