"""`python -m tests.support.stores FOLDER`: PostgreSQL and the migrated template database, made when first asked for.

Answers every connection to FOLDER's socket with one JSON line once the template is there, or with the
reason why it is not. Ends, and takes PostgreSQL with it, when the test session's first process ends.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType

import psycopg
from psycopg import sql

from helpdesk.embedded import environment, postgres
from helpdesk.embedded.environment import Running, with_database
from helpdesk.embedded.places import ROOT
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import programs, steps
from helpdesk.launcher.progress import Progress
from tests.support import kept_cluster, moved_clock
from tests.support.session import DURABLE_NAME, SETTINGS, Session

URLS = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")


def ask(session: Session) -> None:
    """Return once the template database is there; raises SetupError with the reason when it cannot be made."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(session.where.sockets / "stores.sock"))
        answer = json.loads(client.makefile("r", encoding="utf-8").readline() or '{"problem": "its process ended"}')
    if problem := answer.get("problem"):
        message = f"The test stores could not be started: {problem}"
        raise SetupError(message)


def main() -> None:
    """Serve until told to stop."""
    session = Session(Path(sys.argv[1]), "stores")
    signal.signal(signal.SIGTERM, _stop)
    stores = Stores(session)
    answer: dict[str, str] | None = None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(session.where.sockets / "stores.sock"))
        server.listen(64)
        try:
            while True:
                client, _ = server.accept()
                with client:
                    answer = answer or stores.bring_up()
                    client.sendall(json.dumps(answer).encode() + b"\n")
        finally:
            stores.take_down()


class Stores:
    """The PostgreSQL of one test session."""

    def __init__(self, session: Session, given: Mapping[str, str] = os.environ, *, is_durable: bool = False) -> None:
        """Work out addresses; nothing starts yet. `is_durable`: what is committed outlives the server's death."""
        self.session = session
        self.is_durable = is_durable or bool(given.get(DURABLE_NAME))
        self.running: Running = environment.resolve(session.where, given)
        self.process: subprocess.Popen[bytes] | None = None
        # What the server is run under, beside what it needs by itself.
        self.prefix: tuple[str, ...] = ()

    @property
    def admin_url(self) -> str:
        """The administrator's URL on the template database."""
        return with_database(self.running.values["DATABASE_ADMIN_URL"], self.session.template)

    def bring_up(self) -> dict[str, str]:
        """Start the server unless it is somebody's, make the template; returns the answer for askers."""
        try:
            if self.running.starts_postgres:
                self._bring_up_ours()
            else:
                self._make_template()
        except (SetupError, psycopg.Error) as error:
            return {"problem": str(error)}
        return {"template": self.session.template}

    def take_down(self) -> None:
        """Stop our server, or drop our databases on somebody else's."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)  # nobody misses the data: no shutdown checkpoint
            self.process.wait()
        elif not self.running.starts_postgres:
            self._drop_databases()

    def _bring_up_ours(self) -> None:
        where = self.session.where
        made_from = kept_cluster.key()
        if kept_cluster.take(where, made_from):
            self.start_server()
            return
        postgres.initialise(where.postgres, self.running.admin_password, synchronous=False)
        process = self.start_server()
        self._make_template()
        process.send_signal(signal.SIGINT)
        process.wait()
        kept_cluster.keep(where, made_from)
        self.start_server()

    def start_server(self) -> "subprocess.Popen[bytes]":
        """Start the server and wait until it answers; raises SetupError when it does not."""
        where = self.session.where
        program = programs.stores(self.running, settings=self._settings().items())[0]
        program = replace(program, prefix=(*self.prefix, *program.prefix))
        table = where.run / "programs.json"
        programs.write_table(table, [program])
        with (where.log / "postgres.log").open("w") as log:
            process = self.process = subprocess.Popen(
                programs.bound(table, program), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        postgres.wait_until_ready(self.admin_url, patience_s=60, is_alive=lambda: process.poll() is None)
        return process

    def _make_template(self) -> None:
        name = self.session.template
        postgres.create_database(self.admin_url, name)
        urls = {url: with_database(self.running.values[url], name) for url in URLS}
        running = replace(self.running, values={**self.running.values, **urls, "DJANGO_SETTINGS_MODULE": SETTINGS})
        progress = Progress()
        steps.command(running, progress, "create_roles", owns_database=True)
        steps.command(running, progress, "migrate", "--verbosity", "0", owns_database=True)
        with psycopg.connect(self.admin_url) as connection:
            moved_clock.install(connection)
        with psycopg.connect(with_database(self.admin_url, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))

    def _settings(self) -> dict[str, str]:
        """Return the server's settings: nothing is kept safe, unless somebody wants to pay what production pays."""
        return {
            name: value
            for name, value in postgres.FORGETFUL.items()
            if not self.is_durable or name not in postgres.UNSAFE
        }

    def _drop_databases(self) -> None:
        with psycopg.connect(with_database(self.admin_url, "postgres"), autocommit=True) as connection:
            prefix = self.session.folder.name.replace("-", "_")
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{prefix}_"]
            ).fetchall()
            for (name,) in rows:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
