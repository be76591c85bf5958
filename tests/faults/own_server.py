"""A whole copy with a PostgreSQL and a Valkey of its own, for faults that break stores which others share."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from helpdesk.embedded import keys, places, valkey
from helpdesk.embedded.environment import PORTS, Running, redis_url, with_database
from helpdesk.embedded.places import ROOT
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import preflight, programs
from helpdesk.launcher.programs import Program
from helpdesk.settings import environment
from tests.faults.catalogue import FOLDER_NAME
from tests.support import kept_cluster, moved_clock
from tests.support.databases import DATABASE_GRANTS
from tests.support.session import SETTINGS, Session
from tests.support.small_disk import SmallDisk
from tests.support.stores import Stores
from tests.support.system import UNDO_SEND_S, RunningSystem

START_PATIENCE_S = 30.0
NAME = "pharos_alone"
PLACE = ("HOST", "PORT", "USER", "PASSWORD", "NAME")


class OwnServer:
    """The stores and the system on them. PostgreSQL keeps what it has committed, as production does."""

    def __init__(self, disk: SmallDisk | None = None) -> None:
        """Start the stores and begin to start the system; `system.wait_until_ready` waits for the rest.

        With a `disk` the database lies on it.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="pharos-alone-"))
        session = Session(self.folder, "copy")
        for where in (session.where, session.own):
            places.prepare(where)
        kept_cluster.use_kept_keys(session.where)
        given = {name: value for name, value in os.environ.items() if "DATABASE" not in name and name != "REDIS_URL"}
        self.stores = Stores(session, given, is_durable=True)
        try:
            self._bring_up(disk)
        except BaseException:
            self.stores.take_down()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        self.password = keys.read_private(session.where.keys_file)["redis_password"]
        self.valkey = self._start_valkey()
        self.system = RunningSystem(Running(session.own, self._values(), False, False, "", ""), NAME)
        self.system.start()

    @property
    def place(self) -> dict[str, str]:
        """Where Django finds the database."""
        found = environment.database(self.system.running.values["DATABASE_URL"])
        return {name: found[name] for name in PLACE}

    def owner(self) -> "psycopg.Connection[Any]":
        """Return a connection as the owner of the tables; every statement commits."""
        url = with_database(self.stores.running.values["DATABASE_OWNER_URL"], NAME)
        return psycopg.connect(url, autocommit=True, options=f"-c role={moved_clock.OWNER} -c timezone=UTC")

    def admin(self) -> "psycopg.Connection[Any]":
        """Return a connection as the superuser; every statement commits."""
        return psycopg.connect(with_database(self.stores.admin_url, NAME), autocommit=True)

    def restart_postgres(self, number: signal.Signals) -> None:
        """End PostgreSQL with this signal and bring it back, as its supervisor does."""
        if (process := self.stores.process) is None:
            return
        process.send_signal(number)
        process.wait()
        self.bring_postgres_back()

    def bring_postgres_back(self) -> None:
        """Start PostgreSQL when it has ended, and wait until it answers; raises SetupError when it does not."""
        if (process := self.stores.process) is None or process.poll() is None:
            return
        give_up = time.monotonic() + START_PATIENCE_S
        while True:
            try:
                self.stores.start_server()
            except SetupError:  # backends of a killed postmaster still hold its memory for a moment
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """End everything and remove the folder; `make faults` keeps the logs beside its results."""
        self.system.stop()
        if kept_in := os.environ.get(FOLDER_NAME):
            shutil.copytree(self.stores.session.own.log, Path(kept_in) / "logs", dirs_exist_ok=True)
        self.valkey.kill()
        self.valkey.wait()
        self.stores.take_down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _bring_up(self, disk: SmallDisk | None) -> None:
        if problem := self.stores.bring_up().get("problem"):
            raise SetupError(problem)
        self._clone()
        if disk is not None:
            self._move_database(disk)

    def _clone(self) -> None:
        template = self.stores.session.template
        with psycopg.connect(with_database(self.stores.admin_url, "postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {NAME} TEMPLATE {template}")
            for statement in DATABASE_GRANTS:
                server.execute(statement.format(database=NAME))

    def _move_database(self, disk: SmallDisk) -> None:
        folder = self.stores.session.where.postgres
        if (process := self.stores.process) is None:
            pytest.fail("Only an embedded PostgreSQL can lie on a small disk: unset DATABASE_URL.", pytrace=False)
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.copytree(folder, disk.root / folder.name, symlinks=True)
        disk.bind(folder.name, folder)
        self.stores.prefix = disk.inside
        self.stores.start_server()

    def _start_valkey(self) -> "subprocess.Popen[bytes]":
        where = self.stores.session.own
        valkey.write_settings(where.run / "valkey.conf", where.valkey, where.sockets, self.password, keeps=False)
        program = Program("valkey", programs.STORES, (valkey.binary(), str(where.run / "valkey.conf")))
        table = where.run / "valkey.json"
        programs.write_table(table, [program])
        with (where.log / "valkey.log").open("w") as log:
            process = subprocess.Popen(
                programs.bound(table, program), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        address = redis_url(where, self.password)
        valkey.wait_until_ready(address, patience_s=20, is_alive=lambda: process.poll() is None)
        return process

    def _values(self) -> dict[str, str]:
        base = self.stores.running.values
        where = self.stores.session.own
        values = {name: value for name, value in base.items() if name.startswith("PHAROS_")}
        values |= {
            name: with_database(base[name], NAME)
            for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_VERIFIER_URL")
        }
        values |= {name: str(preflight.free_port()) for name in PORTS}
        return values | {
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "VAR_DIR": str(where.var_dir),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "REDIS_URL": redis_url(where, self.password),
            "PHAROS_UNDO_SEND_S": str(UNDO_SEND_S),
            "PHAROS_AUTOMATIC_MAILS_PER_MIN": "100000",
        }
